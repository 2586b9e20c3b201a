package change

import (
	"context"
	"time"
)

// Shared is what the processes that share a [Store] tell each other, besides changes. All of it is set. None of it is
// part of the audit trail, unless its methods say so, and all of it is bounded.
type Shared struct {
	Cursors  Cursors  // where lists go on
	Requests Requests // what people ask of the servers that own the access token
	Servers  Servers  // which servers are there
	Sessions Sessions // sign-ins to the console
	Outbox   Outbox   // notices that wait to be sent
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
