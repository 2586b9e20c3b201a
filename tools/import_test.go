package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/tools/toolerr"
)

// planNames plans an import that names the contacts that a field finds.
func (w *world) planNames(field string, keys ...string) *PlannedImport {
	w.t.Helper()
	in := Import{Titles: []string{field, "name"}, Match: field}
	for i, key := range keys {
		in.Rows = append(in.Rows, ImportRow{Line: i + 2, Cells: []string{key, "Imported"}})
	}
	planned, err := w.PlanImport(w.t.Context(), Call{Principal: "local", CanAsk: true, ByHand: "import"}, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return planned
}

// TestImportPreviewKnowsTargets has the preview of an import decided as the import itself is: by what its targets are,
// and by the workspace.
func TestImportPreviewKnowsTargets(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string]string{"board": boardPolicy, "elsewhere": `
rules:
  - name: elsewhere
    when: workspace == 'sandbox01'
    then: deny
`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, underPolicy(t, rules))
			id := w.user(0).ID
			if name == "board" {
				w.putOnBoard(id)
			}
			planned := w.planNames("id", id)
			preview, err := planned.Preview(t.Context())
			var refused *toolerr.Error
			if !errors.As(err, &refused) || refused.Code != toolerr.PolicyDenied || refused.Data["rule"] != name {
				t.Errorf("the preview says %q, %v", preview, err)
			}
			if result, err := planned.Run(t.Context(), nil); err != nil || result.Err == nil ||
				result.Err.Data["rule"] != name {
				t.Errorf("the import comes to %s, %v, %v", result.JSON, result.Err, err)
			}
		})
	}
}

// TestImportBadKeys names the rows whose contacts cannot be found by what is written there.
func TestImportBadKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.user(0)
	page := "https://app.intercom.com/a/apps/x/users/" + known.ID
	for field, test := range map[string]struct {
		good string
		bad  []string
	}{
		"id": {known.ID, []string{"ann@acme.example", "external_id:u-1", "no id", "zz", page, "id"}},
		"email": {known.Email, []string{"ann", "external_id:ann@acme.example", "Ann <ann@acme.example>", page,
			known.ID}},
		"external_id": {known.ExternalID, []string{".", "..", strings.Repeat("x", 2000)}},
	} {
		for _, key := range test.bad {
			planned := w.planNames(field, test.good, key)
			if len(planned.Bad) != 1 || planned.Bad[0].Line != 3 || planned.Bad[0].Column != field || len(planned.Lines) != 1 {
				t.Errorf("%s %q: %+v, planned %v", field, key, planned.Bad, planned.Lines)
			}
		}
	}
}

// TestImportNamesAllOfARow names what is wrong with who a row is about, too, where another cell of the row is wrong:
// who is not found, and who is in two rows.
func TestImportNamesAllOfARow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := w.user(0)
	in := Import{Titles: []string{"email", "role"}, Match: "email", Rows: []ImportRow{
		{2, []string{"nobody@x.example", "usr"}}, {3, []string{known.Email, "usr"}}, {4, []string{known.Email, "user"}}}}
	planned, err := w.PlanImport(t.Context(), Call{Principal: "local", CanAsk: true, ByHand: "import"}, in)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, bad := range planned.Bad {
		told = append(told, fmt.Sprintf("%d %s: %s", bad.Line, bad.Column, bad.Text))
	}
	want := []string{`2 role: "usr" is no role; a contact is a user or a lead.`,
		`2 email: No contact has the email "nobody@x.example".`,
		`3 role: "usr" is no role; a contact is a user or a lead.`,
		"3 : It is about the same contact as line 4.", "4 : It is about the same contact as line 3."}
	if !slices.Equal(told, want) || len(planned.Lines) != 0 {
		t.Errorf("told %q, planned %v", told, planned.Lines)
	}
}

// TestTableDates takes no day of a table that is counted from today.
func TestTableDates(t *testing.T) {
	var r cellReader
	for cell, ok := range map[string]bool{"2027-12-31": true, "2027-12-31T09:00:00Z": true, "-90d": false, "+30d": false} {
		if got, err := r.date(cell); (err == nil) != ok {
			t.Errorf("%s: %q, %v", cell, got, err)
		}
	}
}
