package sqlite

import (
	"context"
	"database/sql"
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

// workspaceLookup is the latest lookup of the workspace that a store is for.
type workspaceLookup struct {
	turn   *semaphore.Weighted // guards the rest
	found  string              // the name; "" until a lookup succeeded
	at     time.Time
	failed error // of the latest lookup; nil before the first
}

func newWorkspaceLookup() *workspaceLookup { return &workspaceLookup{turn: semaphore.NewWeighted(1)} }

// name returns the name of the workspace that the store is for, which ask asks for. Callers share one lookup at a time,
// which ends with the context of the caller that began it and after within at the latest. A failure is returned again
// for the time fresh.
func (l *workspaceLookup) name(
	ctx context.Context, ask func(context.Context) (string, error), within, fresh time.Duration,
) (string, error) {
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
	name, err := ask(asking)
	if ctx.Err() != nil {
		return "", ctx.Err() // and the next caller looks it up itself
	}
	if err != nil {
		name, err = "", fmt.Errorf("asking which workspace the access token is of: %w", err)
	}
	l.found, l.failed, l.at = name, err, time.Now()
	return name, err
}

// claim binds the file to the workspace, unless it is bound to it.
func claim(ctx context.Context, tx *connection, path, name string) error {
	kept, err := readWorkspace(ctx, tx)
	switch {
	case err != nil:
		return err
	case kept != "":
		return checkSame(path, kept, name)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO workspace (one, name) VALUES (1, ?)`, name); err != nil {
		return err
	}
	return appendEvents(ctx, tx, change.Event{Kind: change.KindClaimed, Facts: map[string]string{"workspace": name}})
}

// checkWorkspace makes sure that a file that is only read is bound to the workspace. Reads go on where Intercom does
// not answer soon, and end where it refuses the token.
func checkWorkspace(ctx context.Context, s *Store, db *sql.DB) error {
	if s.Workspace == nil {
		return nil
	}
	kept, err := readWorkspace(ctx, db)
	if err != nil || kept == "" {
		return err
	}
	name, err := s.lookup.name(ctx, s.Workspace, readLookup, retryLookup)
	switch {
	case errors.Is(err, change.ErrNoWorkspace):
		return err
	case err != nil:
		return ctx.Err()
	}
	return checkSame(s.file.path, kept, name)
}

// readWorkspace reads the workspace that the file is bound to; "" for none.
func readWorkspace(ctx context.Context, from rowQuerier) (string, error) {
	var name string
	err := from.QueryRowContext(ctx, `SELECT name FROM workspace`).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// checkSame returns [change.ErrWrongWorkspace] where the file is bound to another workspace.
func checkSame(path, kept, name string) error {
	if kept == name {
		return nil
	}
	return fmt.Errorf("%w: %w: %s keeps the changes of workspace %s, and the access token is of %s",
		change.ErrUnavailable, change.ErrWrongWorkspace, path, kept, name)
}
