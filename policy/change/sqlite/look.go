package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"

	"intercom-mcp/policy/change"
)

// Look returns a store that only reads the file at path: what would write fails, and nothing of the file is made,
// migrated or changed. Where it cannot be read as it is, for its version say, or for a log of writes beside it in a
// directory that cannot be written, a copy in a directory of the system's for temporary files is read until Close.
func Look(path string) (*Store, error) {
	s, err := Open(path)
	if err == nil {
		s.database.file.looking = true
	}
	return s, err
}

// errLooking refuses to write to a file that is only looked at.
var errLooking = fmt.Errorf("%w: the file is only read here", change.ErrUnavailable)

// look opens a file that is only read, of which openReadOnly has returned db or why it cannot be read.
func (f *file) look(ctx context.Context, db *sql.DB, cause error) (*sql.DB, error) {
	switch {
	case cause == nil:
		return db, nil
	case errors.Is(cause, errOlder), errors.Is(cause, errAbandoned), isCode(cause, sqlite3.SQLITE_CANTOPEN),
		isCode(cause, sqlite3.SQLITE_READONLY):
	case errors.Is(cause, errUnmade):
		return nil, fmt.Errorf("%w: %s holds no changes: it is empty, or was copied without the file beside it, %s-wal",
			change.ErrUnavailable, f.path, f.path)
	default:
		return nil, cause
	}
	var err error
	if f.scratch == "" {
		if f.scratch, err = os.MkdirTemp("", "intercom-mcp-"); err != nil {
			return nil, errors.Join(cause, err)
		}
	}
	copied := newFile(filepath.Join(f.scratch, "changes.db"))
	for _, suffix := range []string{"", "-wal"} {
		if err := copyUnchanged(f.path+suffix, copied.path+suffix); err != nil && (suffix == "" || !errors.Is(err,
			fs.ErrNotExist)) {
			return nil, errors.Join(cause, err)
		}
	}
	if err := copied.openWriter(ctx); err != nil {
		return nil, err
	}
	db, err = copied.openReadOnly(ctx)
	return db, errors.Join(err, copied.write.close())
}

// copyUnchanged copies a file that nobody writes to meanwhile.
func copyUnchanged(from, to string) error {
	before, err := os.Stat(from)
	if err != nil {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if err := errors.Join(err, target.Close()); err != nil {
		return err
	}
	after, err := os.Stat(from)
	if err == nil && (after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime())) {
		err = fmt.Errorf("%w: %s is being written to; try again", change.ErrUnavailable, from)
	}
	return err
}
