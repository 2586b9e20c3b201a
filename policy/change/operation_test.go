package change

import (
	"strings"
	"testing"
)

// TestTraits states what is true of each operation: what it is about, whether it can be put back, and whether its
// target is known only afterwards. Notes, merges, blocks and deletions stay.
func TestTraits(t *testing.T) {
	type row struct {
		target             Target
		reversible, lateID bool
		record             string
	}
	want := map[Operation]row{
		Update: {TargetContact, true, false, ""}, Create: {TargetContact, true, true, ""},
		AddNote: {TargetContact, false, false, ""},
		Archive: {TargetContact, true, false, "archived"}, Unarchive: {TargetContact, true, false, "archived"},
		Delete: {TargetContact, false, false, "deleted"}, Block: {TargetContact, false, false, "blocked"},
		Merge:       {TargetContact, false, false, "merged_into"},
		SaveCompany: {TargetCompany, true, false, ""}, CreateCompany: {TargetCompany, false, true, ""},
		DeleteCompany: {TargetCompany, false, false, "company.deleted"},
		CreateTag:     {TargetTag, false, true, ""}, DeleteTag: {TargetTag, false, false, "tag.deleted"},
	}
	rows := Operations()
	for _, r := range rows {
		if got := (row{r.Target, r.Reversible, r.LateID, r.Record}); got != want[r.Operation] || r.Operation.Traits() != r ||
			r.Name == "" || r.Operation.String() != r.Name {
			t.Errorf("to %s: %+v, want %+v", r.Name, r, want[r.Operation])
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d operations, want %d", len(rows), len(want))
	}
	for trait, of := range map[string]func(Traits) bool{
		"Field notes: add note":          func(r Traits) bool { return r.Field == FieldNotes },
		"Bulk: update":                   func(r Traits) bool { return r.Bulk },
		"InTurn: merge":                  func(r Traits) bool { return r.InTurn },
		"Leaves shown: unarchive":        func(r Traits) bool { return r.Leaves == LeavesShown },
		"Leaves hidden: archive, delete": func(r Traits) bool { return r.Leaves != "" && r.Leaves != LeavesShown },
		"CreatesContact: create":         Traits.CreatesContact,
		"Removes: delete":                func(r Traits) bool { return r.Removes },
	} {
		var names []string
		for _, r := range rows {
			if of(r) {
				names = append(names, r.Name)
			}
		}
		if _, want, _ := strings.Cut(trait, ": "); strings.Join(names, ", ") != want {
			t.Errorf("%s, got %q", trait, names)
		}
	}
	rows[0].Name = "mine"
	if Operations()[0].Name != "update" {
		t.Error("the table is handed out itself")
	}
	if got := Operation("fly").Traits(); got != (Traits{Operation: "fly", Name: "fly", Target: TargetContact,
		Record: "fly"}) {
		t.Errorf("of a newer version: %+v", got)
	}
}
