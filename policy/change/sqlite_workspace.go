package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

const (
	// namedWithin is how long a write waits to learn whose workspace it is.
	namedWithin = 10 * time.Second
	// seenWithin is how long what only reads waits for that. It goes on without.
	seenWithin = 2 * time.Second
)

// workspace asks whose changes the store keeps, until it is told. The question is
// part of no change, whatever ctx is of.
func (s *SQLite) workspace(ctx context.Context, within time.Duration) (string, error) {
	if name := s.whose.Load(); name != nil {
		return *name, nil
	}
	asking, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	name, err := s.Workspace(asking)
	if err != nil {
		return "", fmt.Errorf("asking which workspace the access token is of: %w", err)
	}
	s.whose.Store(&name)
	return name, nil
}

// claim makes the file the workspace's, unless it is.
func (s *SQLite) claim(ctx context.Context, tx *sql.Tx, name string) error {
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
	return appendEvents(ctx, tx, Event{Kind: KindClaimed, Facts: map[string]string{"workspace": name}})
}

// checkWorkspace makes sure that what is read is the workspace's, as far as that
// can be told now: what only reads goes on where Intercom does not answer.
func (s *SQLite) checkWorkspace(ctx context.Context, tx *sql.Tx) error {
	if s.Workspace == nil {
		return nil
	}
	kept, err := readWorkspace(ctx, tx)
	if err != nil || kept == "" {
		return err
	}
	name, err := s.workspace(ctx, seenWithin)
	if err != nil {
		return ctx.Err()
	}
	return s.same(kept, name)
}

// readWorkspace reads whose changes the file keeps, "" where nobody has said.
func readWorkspace(ctx context.Context, tx *sql.Tx) (string, error) {
	var name string
	err := tx.QueryRowContext(ctx, `SELECT name FROM workspace`).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return name, err
}

// same makes sure that two workspaces are one.
func (s *SQLite) same(kept, name string) error {
	if kept == name {
		return nil
	}
	return fmt.Errorf("%w: %s keeps the changes of workspace %s, and the access token is of %s", ErrUnavailable, s.path, kept, name)
}
