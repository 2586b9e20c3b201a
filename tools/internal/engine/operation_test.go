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
		if (op.checkWith() == "") != (row.Operation == change.Block) || CheckWith(p) != op.checkWith() {
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

// TestRequests states what sending each operation and reading it back takes, and for what its contact is read before.
func TestRequests(t *testing.T) {
	for op, want := range map[change.Operation]struct {
		requests int
		reads    reads
	}{
		change.Update: {1, reads{drift: true, undo: true}}, change.Create: {2, reads{undo: true}},
		change.AddNote: {2, reads{drift: true}},
		change.Archive: {2, reads{drift: true}}, change.Unarchive: {2, reads{undo: true}},
		change.Delete: {2, reads{drift: true}},
		change.Block:  {1, reads{drift: true}}, change.Merge: {2, reads{drift: true}}, change.SaveCompany: {2, reads{}},
		change.CreateCompany: {2, reads{}},
		change.DeleteCompany: {1, reads{}}, change.CreateTag: {2, reads{}}, change.DeleteTag: {3, reads{}},
		"fly": {0, reads{}},
	} {
		p := change.Patch{Op: op}
		if got := operationOf(p); got.requests(p) != want.requests || got.reads() != want.reads {
			t.Errorf("to %s takes %d requests, and is read for %+v", op, got.requests(p), got.reads())
		}
	}
	links := change.Patch{AddTags: refs("1"), RemoveTags: refs("2", "3"), AddCompanies: refs("4"),
		RemoveCompanies: refs("5", "6")}
	for op, want := range map[change.Operation]int{change.Update: 7, change.Create: 8} {
		if links.Op = op; operationOf(links).requests(links) != want {
			t.Errorf("to %s with six links takes %d requests", op, operationOf(links).requests(links))
		}
	}
	links.Op, links.Set = change.Update, map[string]any{"name": "B", "phone": "+3531234567"}
	if got := operationOf(links).requests(links); got != 8 {
		t.Errorf("to update two fields with six links takes %d requests", got)
	}
}

// TestNoDrift begins what overwrites nothing, whatever became of its target.
func TestNoDrift(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0))
	for _, op := range []change.Operation{change.Create, change.CreateTag, change.DeleteTag, change.Unarchive,
		change.DeleteCompany, "fly"} {
		item := &change.Item{Patch: change.Patch{Op: op}}
		if what, err := operationOf(item.Patch).drift(t.Context(), a, item, seen{}); what != "" || err != nil {
			t.Errorf("to %s: %q, %v", op, what, err)
		}
	}
	a.change.Items = []change.Item{{TargetID: "1", Patch: change.Patch{Op: change.Unarchive}}, f.renaming(0)}
	a.change.Items[1].Outcome = change.Unchanged
	if what, err := a.drift(t.Context()); what != "" || err != nil {
		t.Errorf("%q, %v", what, err)
	}
	if len(f.sandbox.Calls()) > 0 {
		t.Error("Intercom is asked")
	}
}

// TestNewerOperation carries out what a newer version planned: it is not sent, not undone, and nobody can tell of it.
func TestNewerOperation(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := change.Item{TargetID: f.user(0).ID, Label: "Ann", Patch: change.Patch{Op: "fly"}}
	c := f.applied(item)
	if got := c.Items[0]; c.Status != change.StatusFailed || got.Reason != "this version cannot fly" ||
		got.Code != "internal" {
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
	if err := operationOf(item.Patch).undo(t.Context(), u, &item); err != nil || len(u.plan.Conflicts) != 1 ||
		len(u.planner.Items) > 0 {
		t.Errorf("undo: %+v, %v", u.plan, err)
	}
	if tool := CheckWith(item.Patch); tool != "get_contact" {
		t.Errorf("%s tells of it", tool)
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
