package change

import "context"

// Stops are requests to stop: one change, or all writes. Every method is safe for concurrent use.
type Stops interface {
	// Request asks whoever applies the change id, of any principal, to stop it, and records in the trail who asked and
	// why. The first request stands; later ones change nothing. Only the trail keeps the actor's level and method. It
	// returns ErrStatusChanged where the change is not being applied.
	Request(ctx context.Context, id string, by Actor, reason string) error
	// Requested returns the request to stop the change id, and whether there is one; or ErrNotFound.
	Requested(ctx context.Context, id string) (StopRequest, bool, error)
	// Freeze refuses every new change, and the start of every other one, with a [FrozenError], and asks whoever applies
	// one to stop it, in one step; by.By is who froze the writes. Where they are frozen, it returns that freeze as a
	// [FrozenError].
	Freeze(ctx context.Context, by Actor, reason string) error
	// Unfreeze lifts the freeze, and reports whether there was one.
	Unfreeze(ctx context.Context, by Actor) (bool, error)
	// Frozen returns the freeze in force, and whether there is one.
	Frozen(ctx context.Context) (Freeze, bool, error)
}

// StopRequest is a request to stop a change that is being applied.
type StopRequest struct {
	By     string // who asked
	Reason string // why, in their words; may be empty
}
