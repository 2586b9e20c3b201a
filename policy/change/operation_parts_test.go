package change

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everything is a patch of a contact with all parts that one may have.
func everything() Patch {
	return Patch{
		Op: Update, Set: map[string]any{"name": "Ann", "email": "a@x"}, Note: &Note{Body: "owes 5"},
		AddTags: []Ref{{ID: "1", Name: "VIP"}, {ID: "2"}}, RemoveTags: []Ref{{ID: "3", Name: "Old"}},
		AddCompanies: []Ref{{ID: "4", Name: "Acme"}}, RemoveCompanies: []Ref{{ID: "5", Name: "Beta"}},
	}
}

// TestParts lists what patches write, in one order, as people and as policies name it.
func TestParts(t *testing.T) {
	all := everything()
	want := []Part{
		{Kind: PartField, Key: "email", Field: "email", Label: "email"},
		{Kind: PartField, Key: "name", Field: "name", Label: "name"},
		{Kind: PartTag, ID: "1", Key: "tag 1", Field: "tags", Label: "+tag VIP"},
		{Kind: PartTag, ID: "2", Key: "tag 2", Field: "tags", Label: "+tag 2"},
		{Kind: PartTag, ID: "3", Key: "tag 3", Field: "tags", Label: "-tag Old"},
		{Kind: PartCompany, ID: "4", Key: "company 4", Field: "companies", Label: "+company Acme"},
		{Kind: PartCompany, ID: "5", Key: "company 5", Field: "companies", Label: "-company Beta"},
		{Kind: PartNote, Key: "notes", Field: "notes", Label: "note"},
	}
	for range 5 { // a map's order is another each time
		if diff := cmp.Diff(want, all.Parts()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff([]string{"companies", "email", "name", "notes", "tags"}, all.Fields()); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"deleted"}, Patch{Op: Delete}.PartKeys()); diff != "" {
		t.Errorf("of a deletion (-want +got):\n%s", diff)
	}
	company := Patch{Op: SaveCompany, Set: map[string]any{"name": "Acme"}}
	if diff := cmp.Diff([]Part{{Kind: PartField, Key: "company.name", Field: "company.name", Label: "name"}},
		company.Parts()); diff != "" {
		t.Errorf("of a company (-want +got):\n%s", diff)
	}
}

// TestPatchOperation reads what files of version 4 keep without an operation of its own.
func TestPatchOperation(t *testing.T) {
	for _, test := range []struct {
		patch Patch
		want  Operation
	}{
		{Patch{Op: Update}, Update}, {Patch{Op: Update, Note: &Note{}}, AddNote}, {Patch{Op: Update, Key: "k"}, Update},
		{Patch{Op: SaveCompany}, SaveCompany}, {Patch{Op: SaveCompany, Key: "k"}, CreateCompany},
	} {
		if got := test.patch.Operation(); got != test.want {
			t.Errorf("%+v: %q", test.patch, got)
		}
	}
}

// TestWithout takes parts out of a patch, and leaves the patch itself as it is.
func TestWithout(t *testing.T) {
	all := everything()
	for _, keys := range [][]string{nil, {"email"}, {"name"}, {"tag 1"}, {"tag 3"}, {"company 4"}, {"company 5"},
		{"email", "tag 2", "company 5"}, {"none"}} {
		gone := make(map[string]bool)
		for _, key := range keys {
			gone[key] = true
		}
		var want []Part
		for _, part := range all.Parts() {
			if !gone[part.Key] {
				want = append(want, part)
			}
		}
		if diff := cmp.Diff(want, all.Without(keys).Parts()); diff != "" {
			t.Errorf("without %v (-want +got):\n%s", keys, diff)
		}
	}
	if diff := cmp.Diff(everything(), all); diff != "" {
		t.Errorf("the patch itself (-want +got):\n%s", diff)
	}
}

// TestEmptyPatch writes nothing; with any part it writes something.
func TestEmptyPatch(t *testing.T) {
	all := everything()
	for name, test := range map[string]struct {
		patch Patch
		want  bool
	}{
		"none":                 {Patch{Op: Update}, true},
		"a company":            {Patch{Op: SaveCompany}, true},
		"a field":              {Patch{Op: Update, Set: map[string]any{"name": "Ann"}}, false},
		"a note":               {Patch{Op: AddNote, Note: &Note{}}, false},
		"a record":             {Patch{Op: Delete}, false},
		"a record with fields": {Patch{Op: Delete, Set: all.Set}, false},
		"tags":                 {Patch{Op: Update, AddTags: all.AddTags[:1], RemoveTags: all.RemoveTags}, false},
		"a tag":                {Patch{Op: Update, RemoveTags: all.RemoveTags}, false},
		"a field and a tag":    {Patch{Op: Update, Set: map[string]any{"a": 1}, AddTags: all.AddTags[:1]}, false},
		"companies": {Patch{Op: Update, AddCompanies: all.AddCompanies, RemoveCompanies: all.RemoveCompanies},
			false},
		"a company and a tag": {Patch{Op: Update, AddCompanies: all.AddCompanies, AddTags: all.AddTags[:1]}, false},
	} {
		if got := test.patch.Empty(); got != test.want {
			t.Errorf("%s: empty %t", name, got)
		}
	}
}

// TestContenders meets what writes the same part of the same target, and is yet to be written.
func TestContenders(t *testing.T) {
	set := func(field string) Patch { return Patch{Op: Update, Set: map[string]any{field: "x"}} }
	vip := []Ref{{ID: "1"}}
	note := Patch{Op: AddNote, Note: &Note{Body: "x"}}
	c := &Change{Items: []Item{
		{TargetID: "b", Patch: set("name")}, {TargetID: "b", Patch: note}, {TargetID: "a", Patch: Patch{AddTags: vip}},
		{TargetID: "c", Patch: set("name"), Outcome: Changed}, {Patch: set("name")},
		{TargetID: "d", Patch: Patch{AddCompanies: vip}},
	}}
	pending := ContendersOf(c)
	if diff := cmp.Diff([]string{"a", "b", "d"}, pending.Targets()); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	for name, test := range map[string]struct {
		item Item
		want bool
	}{
		"the same field":       {Item{TargetID: "b", Patch: set("name")}, true},
		"written already":      {Item{TargetID: "b", Patch: set("name"), Outcome: Changed}, false},
		"another field":        {Item{TargetID: "b", Patch: set("email")}, false},
		"another note":         {Item{TargetID: "b", Patch: note}, false},
		"another target":       {Item{TargetID: "a", Patch: set("name")}, false},
		"of what is written":   {Item{TargetID: "c", Patch: set("name")}, false},
		"what is yet to be":    {Item{Patch: set("name")}, false},
		"a tag, too":           {Item{TargetID: "a", Patch: Patch{AddTags: vip}}, false},
		"a tag taken off":      {Item{TargetID: "a", Patch: Patch{RemoveTags: vip}}, true},
		"another tag off":      {Item{TargetID: "a", Patch: Patch{RemoveTags: []Ref{{ID: "2"}}}}, false},
		"a company taken off":  {Item{TargetID: "d", Patch: Patch{RemoveCompanies: vip}}, true},
		"a company, once more": {Item{TargetID: "d", Patch: Patch{AddCompanies: vip}}, false},
	} {
		if got := pending.Meet(&test.item); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestImageValue is what shows, or the zero that is hidden.
func TestImageValue(t *testing.T) {
	image := Image{Set: map[string]any{"a": "x", "b": nil}, Hidden: map[string]any{"b": 0, "c": false}}
	for field, want := range map[string]any{"a": "x", "b": 0, "c": false, "d": nil} {
		if got := image.Value(field); got != want {
			t.Errorf("%s: %v", field, got)
		}
	}
}
