package change

import (
	"context"
	"time"
)

// Receiver takes over what a durable store keeps, but for what soon expires: cursors, requests, servers, sessions and
// notices. A store gives it the workspace and the freeze first, then the events in order, the changes with their items
// in the order in which they were made, and the declines. An error ends the transfer.
type Receiver interface {
	Workspace(ctx context.Context, name string) error // not called where the store is bound to none
	Freeze(ctx context.Context, f Freeze) error       // not called where writes are allowed
	Event(ctx context.Context, at Head, body string) error
	// Change takes a change over; stop is the zero StopRequest where nobody requested one.
	Change(ctx context.Context, c *Change, stop StopRequest) error
	Decline(ctx context.Context, principal string, at time.Time, key DeclineKey) error
}
