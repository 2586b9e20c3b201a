package engine

import (
	"testing"

	"intercom-mcp/policy/change"
)

// TestOperations holds the engine's table of operations against the table of their traits: neither has a row that the
// other lacks, and each row says which tool tells, and what it costs.
func TestOperations(t *testing.T) {
	rows := change.Operations()
	if len(rows) != len(operations) {
		t.Errorf("%d operations have traits, %d are in the engine's table", len(rows), len(operations))
	}
	for _, row := range rows {
		op, ok := operations[row.Operation]
		if !ok {
			t.Errorf("the engine cannot %s", row.Name)
			continue
		}
		p := change.Patch{Op: row.Operation}
		if operationOf(p) != op {
			t.Errorf("a patch that is to %s is carried out by %T", row.Name, operationOf(p))
		}
		if op.checkWith() == "" || CheckWith(p) != op.checkWith() {
			t.Errorf("no tool shows what became of a patch that is to %s", row.Name)
		}
		if op.requests(p) <= 0 {
			t.Errorf("to %s takes %d requests", row.Name, op.requests(p))
		}
		if op.reads().undo && !row.Reversible {
			t.Errorf("to %s cannot be undone, but its contact is read for that", row.Name)
		}
	}
}

// TestNewerOperation carries out what a newer version planned: it is not sent, not undone, and nobody can tell of it.
func TestNewerOperation(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := change.Item{TargetID: f.user(0).ID, Label: "Ann", Patch: change.Patch{Op: "fly"}}
	c := f.applied(item)
	if got := c.Items[0]; c.Status != change.StatusFailed || got.Reason != "this version cannot fly" || got.Code != "internal" {
		t.Errorf("%s: %+v", c.Status, got)
	}
	if sent := f.writes(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
	a := f.applier(item)
	if r := (unknownOperation{}).reconcile(t.Context(), a, 0); r.unsure == "" || r.recorded.Outcome != change.Pending {
		t.Errorf("reconciled: %+v", r)
	}
	u := &undoing{words: f.words, planner: &Planner{}}
	if err := operationOf(item.Patch).undo(t.Context(), u, &item); err != nil || len(u.plan.Conflicts) != 1 || len(u.planner.Items) > 0 {
		t.Errorf("undo: %+v, %v", u.plan, err)
	}
	if n := operationOf(item.Patch).requests(item.Patch); n != 0 {
		t.Errorf("it takes %d requests", n)
	}
}

// TestOperationsOfVersion4 knows notes and new companies by what their patches hold.
func TestOperationsOfVersion4(t *testing.T) {
	for _, test := range []struct {
		patch change.Patch
		want  operation
	}{
		{change.Patch{Note: &change.Note{Body: "hi"}}, addNote{}},
		{change.Patch{Op: change.SaveCompany, Key: "acme"}, createCompany{}},
		{change.Patch{Op: change.SaveCompany}, saveCompany{}},
		{change.Patch{}, updateContact{}},
	} {
		if got := operationOf(test.patch); got != test.want {
			t.Errorf("%+v is carried out by %T", test.patch, got)
		}
	}
}
