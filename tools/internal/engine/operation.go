package engine

import (
	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
)

// operation answers what the engine asks about one [change.Operation]. Each stands in a file of its own, op_*.go; what
// is true of it whatever it is applied to is its row of [change.Traits].
type operation interface {
	// send writes item i and reads it back, part by part.
	send(ctx context.Context, a *applier, i int) change.Recorded
	// reconcile reads what an earlier process, which died, may have done of item i.
	reconcile(ctx context.Context, a *applier, i int) reconciled
	// drift says what changed of the item's target since the plan, so that writing would overwrite it; "" for nothing.
	// seen is the contact as it was read now, for operations that read contacts.
	drift(ctx context.Context, a *applier, item *change.Item, seen seen) (string, error)
	// undo plans the reverse of an item that may have been written, or notes why there is none.
	undo(ctx context.Context, u *undoing, item *change.Item) error
	// reads tells what needs the present contacts, which are then read together beforehand.
	reads() reads
	// checkWith names the tool that shows what became of an item, "" where none does.
	checkWith() string
	// requests estimates what sending a patch and reading it back takes.
	requests(p change.Patch) int
}

// reads tells what needs the contacts of an operation read beforehand.
type reads struct{ drift, undo bool }

// seen is a contact as it was read: nil where it is gone, and possibly behind the times where a search showed it.
type seen struct {
	contact  *intercom.Contact
	searched bool
}

// reconciled is what reading tells of an item that an earlier process may have sent. With an outcome, recorded is
// final. Without, nothing of it is done, unless unsure says why reading cannot tell.
type reconciled struct {
	recorded change.Recorded
	unsure   string
}

// undone is what reading says of an item that was not done.
func undone() reconciled { return reconciled{} }

// operations is the table of operations.
var operations = map[change.Operation]operation{
	change.Update:        updateContact{},
	change.Create:        createContact{},
	change.AddNote:       addNote{},
	change.Archive:       archive{},
	change.Unarchive:     unarchive{},
	change.Delete:        deleteContact{},
	change.Block:         block{},
	change.Merge:         merge{},
	change.SaveCompany:   saveCompany{},
	change.CreateCompany: createCompany{},
	change.DeleteCompany: deleteCompany{},
	change.CreateTag:     createTag{},
	change.DeleteTag:     deleteTag{},
}

// operationOf returns the operation of a patch; one that only a newer version knows does nothing but say so.
func operationOf(p change.Patch) operation {
	if op, ok := operations[p.Operation()]; ok {
		return op
	}
	return unknownOperation{}
}

// CheckWith names the tool that shows what became of a patch, "" where none does.
func CheckWith(p change.Patch) string { return operationOf(p).checkWith() }
