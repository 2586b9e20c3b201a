package change

import (
	"context"
	"slices"
	"strconv"
	"time"

	"intercom-mcp/policy"
)

// RequestKind says what a [Request] asks for.
type RequestKind string

// The kinds of requests.
const (
	// RequestCheck asks whether what a waiting change touches is still as it was planned. Nothing is written.
	RequestCheck RequestKind = "check"
	// RequestUndo asks to put back what a change wrote.
	RequestUndo RequestKind = "undo"
)

const (
	// RequestHolds is how long a request waits for a server. After that none takes it any more: who asked has gone.
	RequestHolds = 10 * time.Minute
	// RequestKept is how long a request is kept with its answer, or without one.
	RequestKept = 24 * time.Hour
	// RequestLease is how long a request stays with the server that took it, unless that renews its lease.
	RequestLease = 30 * time.Second
	// MaxRequests is how many requests are open in a store at most.
	MaxRequests = 100
)

// Request is what a person asks of a server that owns the access token, about a change.
type Request struct {
	Change  string
	Kind    RequestKind
	By      Actor         // who asks, by their principal, and how they signed in
	Person  policy.Person `json:",omitzero"`  // who that is, where it is known
	Roles   []string      `json:",omitempty"` // that they have
	AskedAt time.Time     // set by the store
	// Taken is how often the request was taken, set by the store: who took it before has lost it.
	Taken int `json:"-"`
}

// Open reports whether the request, which has no answer, may still be taken.
func (r Request) Open(now time.Time) bool { return now.Sub(r.AskedAt) < RequestHolds }

// same reports whether two requests ask for the same.
func (r Request) same(other Request) bool { return r.Change == other.Change && r.Kind == other.Kind }

// Join returns the one of the open requests that asks for the same, and whether there is one. It returns ErrTooMany
// where there is none, and no more may be open.
func (r Request) Join(open []Request) (same Request, joined bool, err error) {
	if i := slices.IndexFunc(open, r.same); i >= 0 {
		return open[i], true, nil
	}
	if len(open) >= MaxRequests {
		return Request{}, false, ErrTooMany
	}
	return Request{}, false, nil
}

// Answer is what a server found, or did, for a [Request].
type Answer struct {
	At time.Time // set by the store
	// Stale tells, of a check, that the targets moved on since the plan; Moved lists the items by their indexes.
	Stale bool  `json:",omitempty"`
	Moved []int `json:",omitempty"`
	// Change is, of an undo, the change that puts back, which may wait for its confirmation.
	Change string `json:",omitempty"`
	// Problem is why the request could not be met, for the person who asked; empty where it was.
	Problem string `json:",omitempty"`
}

// Requests are what people ask of the servers that own the access token, by way of the store: the console never talks
// to Intercom. Of each kind there is one request for a change, the latest. Every method is safe for concurrent use, and
// the store's clock is the only one.
type Requests interface {
	// Ask records a request, and returns it as it stands. Where the same is open, that one is returned, whoever asked;
	// else an earlier one is replaced. It returns ErrNotFound where there is no such change, and ErrTooMany where
	// [MaxRequests] are open. That an undo was asked for is an event of the trail.
	Ask(ctx context.Context, r Request) (Request, error)
	// Take returns the open requests of some kinds that nobody holds, oldest first, at most limit. They are the caller's
	// for the time lease.
	Take(ctx context.Context, lease time.Duration, limit int, kinds ...RequestKind) ([]Request, error)
	// Renew prolongs the lease of a request that was taken. It returns ErrFenced where another has taken it since.
	Renew(ctx context.Context, r Request, lease time.Duration) error
	// Answer records the answer to a request that was taken, once. It returns ErrFenced where another has taken it since,
	// and where it has been answered or replaced. The answer to an undo is an event of the trail.
	Answer(ctx context.Context, r Request, a Answer) error
	// Find returns the latest request of a kind for a change, and its answer, nil where there is none; or ErrNotFound.
	Find(ctx context.Context, change string, kind RequestKind) (Request, *Answer, error)
}

// AskedEvent records a request where the trail keeps it.
func (r Request) AskedEvent(of *Change) (event Event, kept bool) {
	facts := r.By.facts()
	for name, fact := range map[string]string{"name": r.Person.Name, "email": r.Person.ShownEmail()} {
		if fact != "" {
			facts[name] = fact
		}
	}
	return of.event(r.AskedAt, KindUndoAsked, facts), r.Kind == RequestUndo
}

// AnsweredEvent records the answer to a request where the trail keeps it. What was wrong it does not tell, since that
// may name a customer.
func (r Request) AnsweredEvent(of *Change, a Answer) (event Event, kept bool) {
	facts := map[string]string{"by": r.By.By, "refused": strconv.FormatBool(a.Problem != "")}
	if a.Change != "" {
		facts["undo"] = a.Change
	}
	return of.event(a.At, KindUndoAnswered, facts), r.Kind == RequestUndo
}
