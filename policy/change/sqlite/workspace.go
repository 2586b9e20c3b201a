package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

const (
	// namedWithin is how long a write waits to learn whose workspace it is.
	namedWithin = 10 * time.Second
	// seenWithin is how long what only reads waits for that. It goes on without,
	// and does not ask again for unseenFor.
	seenWithin = 2 * time.Second
	unseenFor  = 30 * time.Second
)

// naming is what is known of the workspace that a store is for.
type workspaceLookup struct {
	turn   turn
	name   string // "" until it was told
	asked  time.Time
	failed error // of the last time it was asked; nil before
}

// workspace asks whose changes the store keeps, until it is told. One caller asks at
// a time, and the others take what was answered meanwhile. An answer of no use that
// is no older than fresh is not asked for again. The question is part of no change,
// whatever ctx is of.
func (s *Store) workspace(ctx context.Context, within, fresh time.Duration) (string, error) {
	since := time.Now().Add(-fresh)
	waiting, enough := context.WithTimeout(ctx, within)
	defer enough()
	if err := s.lookup.turn.take(waiting); err != nil {
		return "", fmt.Errorf("waiting to learn which workspace the access token is of: %w", err)
	}
	defer s.lookup.turn.give()
	n := &s.lookup
	if n.name != "" || n.failed != nil && n.asked.After(since) {
		return n.name, n.failed
	}
	asking, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	name, err := s.Workspace(asking)
	if ctx.Err() != nil {
		return "", ctx.Err() // which says nothing of the next time
	}
	if err != nil {
		name, err = "", fmt.Errorf("asking which workspace the access token is of: %w", err)
	}
	n.name, n.failed, n.asked = name, err, time.Now()
	return name, err
}

// turn lets one at a time.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// claim makes the file the workspace's, unless it is.
func (s *Store) claim(ctx context.Context, tx *sql.Tx, name string) error {
	kept, err := readWorkspace(ctx, tx)
	switch {
	case err != nil:
		return err
	case kept != "":
		return s.same(kept, name)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO workspace (one, name) VALUES (1, ?)`, name); err != nil {
		return err
	}
	return appendEvents(ctx, tx, change.Event{Kind: change.KindClaimed, Facts: map[string]string{"workspace": name}})
}

// checkWorkspace makes sure that the file is the workspace's, as far as that can be
// told soon: what only reads goes on where Intercom does not answer, but not where
// it refuses the token.
func (s *Store) checkWorkspace(ctx context.Context, db *sql.DB) error {
	if s.Workspace == nil {
		return nil
	}
	kept, err := readWorkspace(ctx, db)
	if err != nil || kept == "" {
		return err
	}
	name, err := s.workspace(ctx, seenWithin, unseenFor)
	switch {
	case errors.Is(err, change.ErrNoWorkspace):
		return err
	case err != nil:
		return ctx.Err()
	}
	return s.same(kept, name)
}

// readWorkspace reads whose changes the file keeps, "" where nobody has said.
func readWorkspace(ctx context.Context, from interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (string, error) {
	var name string
	err := from.QueryRowContext(ctx, `SELECT name FROM workspace`).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// same makes sure that two workspaces are one.
func (s *Store) same(kept, name string) error {
	if kept == name {
		return nil
	}
	return fmt.Errorf("%w: %w: %s keeps the changes of workspace %s, and the access token is of %s", change.ErrUnavailable, change.ErrWrongWorkspace, s.path, kept, name)
}
