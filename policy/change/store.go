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
	// ErrUnapproved: the change awaits a confirmation at a level that the step does not bring.
	ErrUnapproved = errors.New("the change is not confirmed at its level")
	// ErrFenced: another store took the change over after this one's lease had expired. Whoever gets it must stop at once.
	ErrFenced = errors.New("another process has gone on with the change")
	// ErrUnavailable: the store cannot be read or written: its file is corrupt, read-only, full, locked, or of another
	// version. Nothing was recorded, unless it is ErrUnsettled, so nothing may be sent to Intercom either.
	ErrUnavailable = errors.New("the store of changes is unavailable")
	// ErrUnsettled: the store did not answer whether it recorded what it was asked to. It may have, and then another
	// process may go on with it. Such an error is ErrUnavailable, too.
	ErrUnsettled = errors.New("whether it was recorded is not known")
	// ErrWrongWorkspace: the store is bound to another workspace, and shows and records nothing for this one. Such an
	// error is ErrUnavailable, too.
	ErrWrongWorkspace = errors.New("the store keeps the changes of another workspace")
	// ErrTooMany: the store keeps as many of these as it may.
	ErrTooMany = errors.New("too many of these are kept")
	// ErrNoWorkspace: the caller's access token belongs to no workspace, so nothing is shown.
	ErrNoWorkspace = errors.New("the access token is of no workspace")
)

// UnavailableError is [ErrUnavailable] of a piece of work.
type UnavailableError struct {
	Doing string // what was tried, such as "listing changes"
	Err   error  // an ErrUnavailable
}

// Error implements error.
func (e *UnavailableError) Error() string { return e.Doing + ": " + e.Err.Error() }

// Unwrap returns why it failed.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Store keeps changes. Every method is safe for concurrent use, obeys its context, and hands out copies.
type Store interface {
	// Create records a new change, with an id that no other has, after decide has completed it; nil completes nothing.
	// While writes are frozen it returns a [FrozenError].
	// The change must be awaiting or approved then, or have taken the step from approved to applying besides: it starts
	// as it is recorded. Concurrent calls decide one after the other, each knowing what the others recorded. It returns
	// the change as it was recorded, which may share its items with the one that was given.
	Create(ctx context.Context, c Change, decide Decide) (Change, error)
	// Recent returns what a decision about a change would be told at a time.
	Recent(ctx context.Context, c Change, at time.Time) (Recent, error)
	// Find returns the change id of any principal, or ErrNotFound: for operators alone.
	Find(ctx context.Context, id string) (Change, error)
	// Get returns the principal's change id, or ErrNotFound.
	Get(ctx context.Context, principal, id string) (Change, error)
	// Status returns the status of the principal's change id, or ErrNotFound. Owned is about a change that is approved or
	// applying: whether the lease of the process that is to go on with it has not expired.
	Status(ctx context.Context, principal, id string) (status Status, owned bool, err error)
	// Advance takes one step of the state machine as a single conditional update and returns the change after it. It
	// returns ErrStatusChanged, and the change as it is, where the step is not allowed: of concurrent calls with the
	// same step one succeeds. A change that awaits confirmation starts with an approval at its level, else
	// ErrUnapproved, and while writes are not frozen, else [FrozenError]. A step to approved takes the approval of one
	// person, likewise, or one of its errors ([ErrSamePerson] and those beside it); the change stays awaiting until enough
	// have approved, and has no owner then. The step's Decide may still refuse it, as in
	// Create. A run that ends as unknown leaves its pending items unknown, for the step's reason. A step to applying makes
	// the store the owner of the change until a step ends the run; where another store has taken over by then, it returns
	// ErrFenced.
	Advance(ctx context.Context, id string, step Step) (Change, error)
	// Record stores the outcomes of items by their index, all or none, while the change is being applied. It returns
	// ErrStatusChanged at any other time, and ErrFenced as Advance does.
	Record(ctx context.Context, id string, outcomes []Recorded) error
	// RecordJob records, while the change is being applied, a bulk job that is about to be sent, or Intercom's answer to
	// one. It returns ErrStatusChanged at any other time, and ErrFenced as Advance does.
	RecordJob(ctx context.Context, id string, job Job) error
	// List returns the principal's changes, or with "" those of any, newest first, without items.
	List(ctx context.Context, principal string, query Query) ([]Summary, error)
	// ClaimInterrupted takes over the changes, of any principal, whose owner's lease has expired, and returns them: those
	// being applied, which the caller has to end, and those approved and not started, which it may start by the step to
	// applying, or cancel; what people approved has no owner at first, and is left where it is while writes are frozen.
	// Each is returned to one of concurrent callers, once until that one's lease expires too. Where
	// ids are named, only those count.
	ClaimInterrupted(ctx context.Context, only ...string) ([]Change, error)
	// PurgeValues drops the values of the changes, of any principal, that were created before a time and are not being
	// applied: what their items wrote, and what was there before. Ids, outcomes and the audit trail stay. It returns
	// how many changes it has purged.
	PurgeValues(ctx context.Context, before time.Time) (int, error)
	// Shared is what the processes that share the store tell each other, besides changes.
	Shared() Shared
	// Append adds events to the audit trail, all or none, where the store keeps one. The other methods record what they
	// do themselves.
	Append(ctx context.Context, events ...Event) error
	// AppendSoon adds events to the audit trail with the next that the store records, before it, or within a second. It
	// returns at once: an error tells why what was added before still waits. What waits for long is bounded: see
	// [MaxWaiting].
	AppendSoon(events ...Event) error
}

// MaxWaiting is how many events may wait in a store that cannot be written; it loses those beyond, and says how many.
const MaxWaiting = 10_000

// Step is one move of the state machine.
type Step struct {
	To       Status
	At       time.Time
	Approval *Approval // with StatusApplying, where the change was confirmed, and with StatusApproved
	// SelfApproval, with StatusApproved, lets the person who asked for the change approve it.
	SelfApproval bool
	Actor        Actor  // who took it, where somebody did and there is no Approval; kept in the audit trail alone
	Reason       string // with StatusDeclined, StatusFailed, StatusStale, StatusStopped and StatusUnknown
	Decide       Decide // nil: the step is taken where the table allows it
	// Outcomes, with a step that ends a run, are recorded before it and together with it.
	Outcomes []Recorded
	// KnowsItems lets the change be returned without its items, which the caller knows: they may be many.
	KnowsItems bool
}

// Recorded is the outcome of the item at Index.
type Recorded struct {
	Index   int
	Outcome Outcome
	Failure
	TargetID string   // of a target that was created for the item: the same as Created; empty for all others
	Created  string   // id of what was created: the target, or a note
	Missing  []string // with Partly and Failed: the keys of the parts that reading back does not show
}

// Query selects changes.
type Query struct {
	Status      Status    // empty: any
	At          time.Time // when they stand so: what was overdue by then counts as expired; zero: as it is on record
	Fingerprint string    // empty: any
	Email       string    // of whose they are, in any case, where somebody vouches for it; empty: any
	Before      time.Time // created before; zero: any
	After       string    // id of the last change of the page before; empty: the first page
	Limit       int       // at most so many; must be positive
}

// Summary is a change without its items but the first.
type Summary struct {
	Change Change
	First  Item // zero where it has none
	Count  Count
}
