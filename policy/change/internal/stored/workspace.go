package stored

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"

	"intercom-mcp/policy/change"
)

const (
	// writeLookup is how long a write waits for the name of the workspace.
	writeLookup = 10 * time.Second
	// readLookup is how long a read waits for it. It goes on without, and does not look it up again for retryLookup.
	readLookup  = 2 * time.Second
	retryLookup = 30 * time.Second
)

// AskWorkspace asks for the name of the workspace that a store is for.
type AskWorkspace = func(context.Context) (string, error)

// WorkspaceLookup is the latest lookup of the workspace that a store is for. It is safe for concurrent use.
type WorkspaceLookup struct {
	ask    func() AskWorkspace // returns nil where any workspace will do
	turn   *semaphore.Weighted // guards the rest
	found  string              // the name; "" until a lookup succeeded
	at     time.Time
	failed error // of the latest lookup; nil before the first
}

// NewWorkspaceLookup returns one that has asked nobody yet. It asks whom ask returns; nil: any workspace will do.
func NewWorkspaceLookup(ask func() AskWorkspace) *WorkspaceLookup {
	return &WorkspaceLookup{ask: ask, turn: semaphore.NewWeighted(1)}
}

// Any reports whether any workspace will do.
func (l *WorkspaceLookup) Any() bool { return l.ask() == nil }

// name returns the name of the workspace that the store is for. Callers share one lookup at a time, which ends with the
// context of the caller that began it and after within at the latest. A failure is returned again for the time fresh.
func (l *WorkspaceLookup) name(ctx context.Context, within, fresh time.Duration) (string, error) {
	since := time.Now().Add(-fresh)
	waiting, enough := context.WithTimeout(ctx, within)
	defer enough()
	if err := l.turn.Acquire(waiting, 1); err != nil {
		return "", fmt.Errorf("waiting to learn which workspace the access token is of: %w", err)
	}
	defer l.turn.Release(1)
	if l.found != "" || l.failed != nil && l.at.After(since) {
		return l.found, l.failed
	}
	// The request belongs to no change, whatever ctx carries.
	asking, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	name, err := l.ask()(asking)
	if ctx.Err() != nil {
		return "", ctx.Err() // and the next caller looks it up itself
	}
	if err != nil {
		name, err = "", fmt.Errorf("asking which workspace the access token is of: %w", err)
	}
	l.found, l.failed, l.at = name, err, time.Now()
	return name, err
}

// ForWrite returns the name of the workspace that a write is for; "" where any will do.
func (l *WorkspaceLookup) ForWrite(ctx context.Context) (string, error) {
	if l.Any() {
		return "", nil
	}
	return l.name(ctx, writeLookup, 0)
}

// CheckRead makes sure that a store at a place, which is bound to the workspace kept, or to none, may be read. Reads go
// on where Intercom does not answer soon, and end where it refuses the token.
func (l *WorkspaceLookup) CheckRead(ctx context.Context, place, kept string) error {
	if l.Any() || kept == "" {
		return nil
	}
	name, err := l.name(ctx, readLookup, retryLookup)
	switch {
	case errors.Is(err, change.ErrNoWorkspace):
		return err
	case err != nil:
		return ctx.Err()
	}
	return CheckSame(place, kept, name)
}

// CheckSame returns [change.ErrWrongWorkspace] where the store at a place is bound to another workspace.
func CheckSame(place, kept, name string) error {
	if kept == name {
		return nil
	}
	return fmt.Errorf("%w: %w: %s keeps the changes of workspace %s, and the access token is of %s",
		change.ErrUnavailable, change.ErrWrongWorkspace, place, kept, name)
}
