package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"intercom-mcp/policy/change"
)

const (
	// firstVersion is the first version of a file that was released.
	firstVersion = 4
	// schemaVersion is the newest migration's number.
	schemaVersion = 14
)

// migrations holds N.sql, which leads from version N-1 to N, and the first of which makes the file. One that has landed
// is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the file to this version, in one transaction, after a copy was made of what an older version wrote.
func (f *file) migrate(ctx context.Context, db *sql.DB) error {
	if err := useLog(ctx, db); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect once committed
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > 0 && version < schemaVersion {
		if err := f.copyBefore(ctx, tx, version); err != nil {
			return err
		}
	}
	for next := max(version+1, firstVersion); next <= schemaVersion; next++ {
		script, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", next))
		if err != nil {
			return err
		}
		mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, next)
		if _, err := tx.ExecContext(ctx, string(script)+mark); err != nil {
			return fmt.Errorf("migrating to version %d: %w", next, err)
		}
	}
	return tx.Commit()
}

// useLog has the file use a write-ahead log. SQLite does not wait for another process that does the same at this
// moment, so this does.
func useLog(ctx context.Context, db *sql.DB) error {
	for deadline := time.Now().Add(busyTimeout); ; {
		_, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
		if !isCode(err, sqlite3.SQLITE_BUSY) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// copyBefore copies the file, its log included, to FILE.vN before it is migrated from version N. The transaction holds
// the write lock, so that one process copies, and what it copies is what it migrates. The copy gets its name once it is
// complete and on the disk.
//
// A FILE.vN that is there already is never written to. It is taken for the copy where it ends with the same event: then
// it was made by a migration that was interrupted. Any other one refuses the migration.
func (f *file) copyBefore(ctx context.Context, tx *sql.Tx, version int) error {
	target := fmt.Sprintf("%s.v%d", f.path, version)
	partial := target + ".partial"
	_ = os.Remove(partial) // of a migration that was interrupted; where it stays, the copy fails
	if _, err := os.Lstat(target); err == nil {
		return f.checkCopy(ctx, tx, target, version)
	}
	if err := f.copyTo(ctx, partial, target); err != nil {
		return fmt.Errorf("%w: copying %s to %s before it is migrated: %w", change.ErrUnavailable, f.path, target, err)
	}
	return nil
}

// copyTo makes a copy of the file that only its owner may read, under the name partial until it is complete.
// https://www.sqlite.org/lang_vacuum.html#vacuuminto
func (f *file) copyTo(ctx context.Context, partial, target string) error {
	file, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(partial)
	defer file.Close()
	db, err := sql.Open("sqlite", dsn(f.path, url.Values{"mode": {"ro"}}))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", partial); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := os.Link(partial, target); err != nil { // which, unlike a renaming, never replaces a file
		return err
	}
	return syncDir(filepath.Dir(target))
}

// syncDir has the names in a directory reach the disk, where the system can do that.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// checkCopy returns an error unless a file is the complete copy of this one.
func (f *file) checkCopy(ctx context.Context, tx *sql.Tx, target string, version int) error {
	refused := fmt.Errorf("%w: %s has to be copied to %s before it is migrated, which exists and is no copy of it as it "+
		"is now; move %s elsewhere, and start again", change.ErrUnavailable, f.path, target, target)
	db, err := sql.Open("sqlite", dsn(target, url.Values{"mode": {"ro"}}))
	if err != nil {
		return err
	}
	defer db.Close()
	var application, copied int
	var sound string
	err = db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT quick_check FROM pragma_quick_check LIMIT 1)`,
	).Scan(&application, &copied, &sound)
	if err != nil || application != applicationID || copied != version || sound != "ok" {
		return errors.Join(refused, err)
	}
	ours, err := lastEvent(ctx, tx)
	if err != nil {
		return err
	}
	if theirs, err := lastEvent(ctx, db); err != nil || theirs != ours {
		return errors.Join(refused, err)
	}
	return nil
}

// lastEvent reads the head of a trail; zero for an empty one.
func lastEvent(ctx context.Context, from rowQuerier) (head change.Head, err error) {
	err = from.QueryRowContext(ctx, `SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1`).Scan(&head.Seq, &head.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return head, err
}
