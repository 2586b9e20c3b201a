package change

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Durable is a [Store] that outlives the process, and keeps an audit trail.
type Durable interface {
	Store
	// Events yields the events of the trail that a query selects, in the order that it names, as they were when the
	// iteration began. An error ends it.
	Events(ctx context.Context, query EventQuery) iter.Seq2[Event, error]
	// VerifyAudit checks the whole trail and everything that is kept, as [Verifier] describes. What is wrong it returns as
	// errors that are [ErrTampered], joined. Heads that were noted elsewhere may be given.
	VerifyAudit(ctx context.Context, noted ...Head) (Verified, error)
	// Erase removes a contact, named by its id, its e-mail or the label by which changes know it, from all that is kept:
	// see [Erasure]. It returns [ErrNotFound] where nothing is kept of the contact, and ErrInUse as that says.
	Erase(ctx context.Context, contact string, by Actor) (Erased, error)
	// Info sums up what is kept, as it stands at a time.
	Info(ctx context.Context, at time.Time) (Info, error)
	// Close stops renewing leases, and records the events that wait for a write. No other method may run by then; a second
	// Close does nothing. What is still being applied is taken over by another store after the lease.
	Close() error
}

// Verified is what a check of a trail found.
type Verified struct {
	Head  Head
	First int64 // number of the first event that was checked; 0 for none
	// Cut is where the trail was cut off before First; nil where it begins with event 1, or what was cut was checked, too.
	Cut *CutRecord
	// Unchecked are those heads that were noted elsewhere which name events before Cut's last one.
	Unchecked []Head
	Erased    int // events of which an erasure left less than they told: see [Erasure]
}

// Erased is what an erasure came to.
type Erased struct {
	IDs     []string // of the contact
	Changes int      // that named it
	Events  int      // of the trail that were replaced
	// Mentioned are changes to others that name the contact in what they wrote, up to [MaxMentioned]: nobody but a person
	// can tell what of it is whose.
	Mentioned []string
}

// MaxMentioned is how many changes an erasure names that mention the contact.
const MaxMentioned = 10

// ErrInUse tells that a change to the contact waits, or is being applied, and needs its values.
var ErrInUse = errors.New("a change of the contact has not ended")
