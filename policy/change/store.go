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
	// ErrMoved: the change is no longer in a status from which the step is allowed.
	ErrMoved = errors.New("the change has moved on")
)

// Store keeps changes. Every method is safe for concurrent use, obeys its
// context, and hands out copies.
type Store interface {
	// Create records a new change. The change must be awaiting or approved.
	Create(ctx context.Context, c Change) error
	// Get returns the principal's change id, or ErrNotFound.
	Get(ctx context.Context, principal, id string) (Change, error)
	// Advance takes one step of the state machine as a single conditional
	// update and returns the change after it. It returns ErrMoved, and the
	// change as it is, when the step is not allowed from where it stands: of
	// any number of concurrent callers of the same step one succeeds.
	Advance(ctx context.Context, id string, step Step) (Change, error)
	// Record stores the outcomes of items by their index while applying.
	Record(ctx context.Context, id string, outcomes []Recorded) error
	// List returns the principal's changes, newest first, without items.
	List(ctx context.Context, principal string, query Query) ([]Summary, error)
	// Written counts the contacts that the principal's changes wrote, or are
	// about to write, since the time given, without a yes at LevelUser or above.
	Written(ctx context.Context, principal string, since time.Time) (int, error)
	// Latest returns the principal's newest change of the call with this
	// binding, or ErrNotFound.
	Latest(ctx context.Context, principal, binding string) (Change, error)
}

// Step is one move of the state machine.
type Step struct {
	To       Status
	At       time.Time
	Approval *Approval // with StatusApplying, when somebody said yes
	Reason   string    // with StatusFailed, StatusStale, StatusUnknown
}

// Recorded is the outcome of the item at Index.
type Recorded struct {
	Index   int
	Outcome Outcome
	Failure
	Contact string // for created contacts: the new id
	Created string // id of the contact or the note
}

// Query selects changes.
type Query struct {
	Status Status    // empty: any
	Before time.Time // created before; zero: any
	After  string    // id of the last change of the page before; empty: the first page
	Limit  int       // at most so many; must be positive
}

// Summary is a change without its items.
type Summary struct {
	ID, Tool, Title string
	Status          Status
	CreatedAt       time.Time
	Count           Count
}
