package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// claim binds the file to the workspace, unless it is bound to it.
func claim(ctx context.Context, tx *connection, path, name string) error {
	kept, err := readWorkspace(ctx, tx)
	switch {
	case err != nil:
		return err
	case kept != "":
		return stored.CheckSame(path, kept, name)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO workspace (one, name) VALUES (1, ?)`, name); err != nil {
		return err
	}
	return appendEvents(ctx, tx, change.Event{Kind: change.KindClaimed, Facts: map[string]string{"workspace": name}})
}

// checkWorkspace makes sure that a file that is only read is bound to the workspace. Reads go on where Intercom does
// not answer soon, and end where it refuses the token.
func (d *database) checkWorkspace(ctx context.Context, db *sql.DB) error {
	if d.lookup.Any() {
		return nil
	}
	kept, err := readWorkspace(ctx, db)
	if err != nil {
		return err
	}
	return d.lookup.CheckRead(ctx, d.file.path, kept)
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
