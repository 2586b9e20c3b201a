package engine

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// unknownOperation stands for one that this version does not know, from the file of a newer one. It is never sent.
type unknownOperation struct{}

func (unknownOperation) send(_ context.Context, a *applier, i int) change.Recorded {
	reason := "this version cannot " + string(a.change.Items[i].Patch.Op)
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{Code: string(toolerr.Internal),
		Reason: reason}}
}

func (unknownOperation) reconcile(context.Context, *applier, int) reconciled {
	return reconciled{unsure: "this version does not know how to read it"}
}

func (unknownOperation) drift(context.Context, *applier, *change.Item, seen) (string, error) {
	return "", nil
}

func (unknownOperation) undo(_ context.Context, u *undoing, item *change.Item) error {
	u.conflict(item, "this version does not know how to undo it")
	return nil
}

func (unknownOperation) reads() reads              { return reads{} }
func (unknownOperation) checkWith() string         { return "get_contact" }
func (unknownOperation) requests(change.Patch) int { return 0 }
