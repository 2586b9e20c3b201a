package change

import (
	"context"
	"time"
)

// Shared is what the processes that share a [Store] tell each other, besides changes. All of it is set, but for what
// may be nil. None of it is part of the audit trail, unless its methods say so, and all of it is bounded.
type Shared struct {
	Stops    Stops    // of changes that are being applied, and of all writes
	Cursors  Cursors  // where lists go on
	Requests Requests // what people ask of the servers that own the access token
	Servers  Servers  // which servers are there
	Sessions Sessions // sign-ins to the console
	Outbox   Outbox   // notices that wait to be sent
	Rates    Rates    // what is left of the rate windows of access tokens
	Seals    Seals    // of questions; nil where each process seals its own
	Cuts     Cuts     // what is cut off the beginning of the trail; nil where none is kept
}

// Rates shares the rate window of an access token between the processes that use it. Every method is safe for
// concurrent use.
type Rates interface {
	// Lease takes up to want requests of the window of a token, which goes by a key, that begins at the epoch: a number
	// that grows from window to window, the same for all. Of limit requests in all, it grants a quarter of what is left at
	// most, but one at least while there are any, and returns what is left after that. An older window than the latest one
	// has none, unless it is older by more than [StaleWindow]: then the latest was none, and this one is. It returns
	// ErrNotFound where nobody shares it.
	Lease(ctx context.Context, key string, epoch int64, limit, want int) (granted, left int, err error)
}

// MaxRates bounds of how many tokens a store knows the windows: the latest.
const MaxRates = 100

// StaleWindow is how far the epoch of a window may be behind the latest, in seconds, for who asks for it to be late.
// One answer that told of a window in years to come would otherwise be the last that anybody gets.
const StaleWindow = 60

// RateWindow is a rate window of which requests were granted.
type RateWindow struct {
	Epoch int64
	Used  int
}

// Grant grants up to want of limit requests in a window that begins at an epoch, as [Rates] says.
func (w *RateWindow) Grant(epoch int64, limit, want int) (granted, left int) {
	switch {
	case epoch < w.Epoch && epoch >= w.Epoch-StaleWindow:
		return 0, 0
	case epoch != w.Epoch:
		w.Epoch, w.Used = epoch, 0
	}
	left = max(limit-w.Used, 0)
	granted = max(min(want, max(left/4, 1), left), 0)
	w.Used += granted
	return granted, left - granted
}

// Cursors keeps where lists go on for principals, by handles that are the principal's own. Every method is safe for
// concurrent use.
type Cursors interface {
	// Keep keeps a position for [CursorHolds] from a time on; another one takes the place of the one before. Of each
	// principal the newest [MaxCursors] stay.
	Keep(ctx context.Context, principal, handle, position string, at time.Time) error
	// Find returns the position as it stands at a time, or ErrNotFound.
	Find(ctx context.Context, principal, handle string, at time.Time) (position string, err error)
}

const (
	// CursorHolds is how long a store keeps a cursor.
	CursorHolds = time.Hour
	// MaxCursors is how many cursors a store keeps of a principal: the newest.
	MaxCursors = 200
)
