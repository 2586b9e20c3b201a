package tools

import (
	"errors"
	"testing"

	"intercom-mcp/tools/toolerr"
)

// planNames plans an import that names contacts by their ids.
func (w *world) planNames(ids ...string) *PlannedImport {
	w.t.Helper()
	in := Import{Titles: []string{"id", "name"}, Match: "id"}
	for i, id := range ids {
		in.Rows = append(in.Rows, ImportRow{Line: i + 2, Cells: []string{id, "Imported"}})
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
			planned := w.planNames(id)
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
