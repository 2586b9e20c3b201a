package change

import (
	"context"
	"errors"
	"time"
)

// The errors of a [Store], to be tested with errors.Is.
var (
	// ErrNotFound: no such change, or one of another principal.
	ErrNotFound = errors.New("no such change")
	// ErrStatusChanged: the change is no longer in a status from which the step is allowed.
	ErrStatusChanged = errors.New("the change has moved on")
	// ErrUnapproved: the change waits for a yes at a level that the step does
	// not bring along.
	ErrUnapproved = errors.New("the change is not confirmed at its level")
	// ErrFenced: another store has gone on with the change, since this one did
	// not show a sign of life for too long. Whoever gets it must stop at once.
	ErrFenced = errors.New("another process has gone on with the change")
	// ErrUnavailable: the store cannot be read or written: its file is corrupt,
	// read-only, full, locked, or of a newer version. Nothing was recorded, so
	// nothing may be sent to Intercom either.
	ErrUnavailable = errors.New("the store of changes is unavailable")
	// ErrWrongWorkspace: the store keeps the changes of another workspace, and shows and
	// records nothing for this one. Such an error is ErrUnavailable, too.
	ErrWrongWorkspace = errors.New("the store keeps the changes of another workspace")
	// ErrNoWorkspace: the caller is of no workspace, and so is shown nothing.
	ErrNoWorkspace = errors.New("the access token is of no workspace")
)

// Store keeps changes. Every method is safe for concurrent use, obeys its
// context, and hands out copies.
type Store interface {
	// Create records a new change, with an id that no other has, after decide
	// has completed it; nil completes nothing. The change must be awaiting or
	// approved then. Of any number of concurrent callers each decides knowing what
	// the others recorded. It returns the change as it was recorded.
	Create(ctx context.Context, c Change, decide Decide) (Change, error)
	// Recent returns what a decision about a change would be told at a time.
	Recent(ctx context.Context, c Change, at time.Time) (Recent, error)
	// Get returns the principal's change id, or ErrNotFound.
	Get(ctx context.Context, principal, id string) (Change, error)
	// Status returns where the principal's change id stands, or ErrNotFound.
	Status(ctx context.Context, principal, id string) (Status, error)
	// Advance takes one step of the state machine as a single conditional
	// update and returns the change after it. It returns ErrStatusChanged, and the
	// change as it is, when the step is not allowed from where it stands: of
	// any number of concurrent callers of the same step one succeeds. A change
	// that waits starts with a yes at its level, else ErrUnapproved. Where the step
	// is allowed, its Decide has the last word, as in Create. Work that ends
	// as unknown makes its pending items unknown, for the step's reason. A step to
	// applying makes the store the change's owner until a step ends the work;
	// when another store has taken over by then, it returns ErrFenced.
	Advance(ctx context.Context, id string, step Step) (Change, error)
	// Record stores the outcomes of items by their index, all or none, while
	// the change is being applied. It returns ErrStatusChanged at any other time, and
	// ErrFenced as Advance does.
	Record(ctx context.Context, id string, outcomes []Recorded) error
	// AskCancel has whoever applies a change stop it. It returns ErrStatusChanged where
	// it is not being applied.
	AskCancel(ctx context.Context, id string) error
	// CancelAsked reports whether a change that is being applied is to be stopped.
	CancelAsked(ctx context.Context, id string) (bool, error)
	// List returns the principal's changes, newest first, without items.
	List(ctx context.Context, principal string, query Query) ([]Summary, error)
	// ClaimInterrupted takes over the changes, of any principal, whose owner died,
	// and returns them: those that were being applied, which the caller has to
	// end, and those that were approved and not begun yet, which it may begin by
	// the step to applying, or cancel. Each is returned once, to one of any number
	// of concurrent callers, until that one dies too.
	ClaimInterrupted(ctx context.Context) ([]Change, error)
	// PurgeValues drops the values of the changes, of any principal, that were created
	// before a time and are not being applied: what their items wrote, and what was
	// there before. Ids and outcomes stay, and so does the audit trail. It returns
	// how many changes it has forgotten.
	PurgeValues(ctx context.Context, before time.Time) (int, error)
	// Append adds events to the audit trail, all or none, where the store keeps
	// one. What the other methods do is recorded by themselves.
	Append(ctx context.Context, events ...Event) error
}

// Step is one move of the state machine.
type Step struct {
	To       Status
	At       time.Time
	Approval *Approval // with StatusApplying, when somebody said yes
	Reason   string    // with StatusFailed, StatusStale, StatusUnknown
	Decide   Decide    // nil: the step is taken where the table allows it
}

// Recorded is the outcome of the item at Index.
type Recorded struct {
	Index   int
	Outcome Outcome
	Missing []string // with Partly: the keys of the parts that reading back does not show
	Failure
	TargetID string // for created contacts: the new id
	Created  string // id of the contact or the note
}

// Query selects changes.
type Query struct {
	Status      Status    // empty: any
	Fingerprint string    // empty: any
	Before      time.Time // created before; zero: any
	After       string    // id of the last change of the page before; empty: the first page
	Limit       int       // at most so many; must be positive
}

// Summary is a change without its items but the first.
type Summary struct {
	Change
	First Item // zero where it has none
	Count Count
}
