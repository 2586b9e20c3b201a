package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"intercom-mcp/policy/change"
)

const (
	// applicationID marks a file as one of ours: "ICMC".
	// https://www.sqlite.org/pragma.html#pragma_application_id
	applicationID = 0x49434d43
	// busyTimeout bounds how long a write waits for another process's.
	busyTimeout = 10 * time.Second
	// readers is how many reads run at the same time; more wait.
	readers = 2
)

// errUnmade is a file that is not there, or is of an older version.
var errUnmade = errors.New("the file is yet to be made or migrated")

// errOlder is a file of an older version.
var errOlder = fmt.Errorf("%w: it is of an older version", errUnmade)

var errClosed = errors.New("the store of changes is closed")

// file is a file of changes and the connections to it. Its methods may be called at the same time.
type file struct {
	path    string
	naming  sync.Mutex                            // guards path where the file is not open
	adopt   func(context.Context) (string, error) // see [Store.Adopt]; nil once it was asked, or needs not be
	opening chan struct{}                         // holds a token while nobody opens the file; closed with the store
	read    *sql.DB                               // nil until first needed; several connections
	write   *connection                           // nil until first needed; for the writer alone
	opened  os.FileInfo                           // of what write opened
	looking bool                                  // the file is only read; see [Look]
	// the directory of a copy that is read in its place; empty where there is none
	scratch string
}

func newFile(path string) *file {
	f := &file{path: path, opening: make(chan struct{}, 1)}
	f.opening <- struct{}{}
	return f
}

// close closes the connections, once.
func (f *file) close() error {
	if _, open := <-f.opening; !open {
		return nil
	}
	close(f.opening)
	var failures []error
	if f.read != nil {
		failures = append(failures, f.read.Close())
	}
	if f.write != nil {
		failures = append(failures, f.write.close())
	}
	if f.scratch != "" {
		failures = append(failures, os.RemoveAll(f.scratch))
	}
	return errors.Join(failures...)
}

// reader returns the connections that only read. They stay usable where the file cannot be written.
func (f *file) reader(ctx context.Context) (*sql.DB, error) {
	if err := f.lock(ctx); err != nil {
		return nil, err
	}
	defer f.unlock()
	if f.read != nil {
		return f.read, nil
	}
	db, err := f.openReadOnly(ctx)
	if f.looking {
		db, err = f.look(ctx, db, err)
	} else if errors.Is(err, errUnmade) {
		if err := f.openWriter(ctx); err != nil {
			return nil, err
		}
		if err := f.checkPlace(); err != nil {
			return nil, err
		}
		db, err = f.openReadOnly(ctx)
	}
	f.read = db
	return db, err
}

// ready opens the connection that writes, unless it is open. It creates and migrates the file.
func (f *file) ready(ctx context.Context) error {
	if err := f.lock(ctx); err != nil {
		return err
	}
	defer f.unlock()
	if f.looking {
		return errLooking
	}
	return f.openWriter(ctx)
}

// lock waits until nobody else opens the file.
func (f *file) lock(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case _, open := <-f.opening:
		if !open {
			return errClosed
		}
	}
	if err := f.settle(ctx); err != nil {
		f.unlock()
		return err
	}
	return nil
}

// settle settles which file it is, where that is not known: nobody else opens it.
func (f *file) settle(ctx context.Context) error {
	if f.adopt == nil {
		return nil
	}
	path := f.path
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if path, err = f.adopt(ctx); err != nil {
			return fmt.Errorf("%w: finding the file of changes: %w", change.ErrUnavailable, err)
		}
	}
	f.naming.Lock()
	defer f.naming.Unlock()
	f.path, f.adopt = path, nil
	return nil
}

// name is the path of the file as far as it is known.
func (f *file) name() string {
	f.naming.Lock()
	defer f.naming.Unlock()
	return f.path
}

// missing reports whether the file is not there, so that nothing is found in it, and there is no reason to make it.
func (f *file) missing() bool {
	_, err := os.Stat(f.name())
	return errors.Is(err, fs.ErrNotExist)
}

func (f *file) unlock() { f.opening <- struct{}{} }

// openReadOnly opens the file for reading, and makes sure that it is one of ours and of this version. It leaves the
// file as it is. It returns errUnmade where a writer has to make or migrate the file first.
func (f *file) openReadOnly(ctx context.Context) (*sql.DB, error) {
	if _, err := os.Stat(f.path); errors.Is(err, fs.ErrNotExist) {
		return nil, errUnmade
	}
	// SQLite makes files beside one that it reads, and leaves them there. A log of writes is there while anybody writes.
	_, noLog := os.Stat(f.path + "-wal")
	_, noIndex := os.Stat(f.path + "-shm")
	switch {
	case f.looking && errors.Is(noLog, fs.ErrNotExist):
		return f.openUnwritten(ctx)
	case f.looking && errors.Is(noIndex, fs.ErrNotExist):
		return nil, errAbandoned
	}
	db, err := f.openWith(ctx, url.Values{"mode": {"ro"}})
	if !isCode(err, sqlite3.SQLITE_CANTOPEN) && !isCode(err, sqlite3.SQLITE_READONLY) {
		return db, err
	}
	// Reading needs files next to this one, which cannot be made where the directory is read-only. Without a log of
	// writes there is no need of them.
	// https://www.sqlite.org/wal.html#read_only_databases
	if log, statErr := os.Stat(f.path + "-wal"); statErr == nil && log.Size() > 0 {
		return nil, err
	}
	return f.openUnwritten(ctx)
}

// errAbandoned tells of a log of writes that no process has open: to read it makes a file.
var errAbandoned = errors.New("the log of writes was left behind")

// openUnwritten opens the file for reading as one that nobody writes to.
func (f *file) openUnwritten(ctx context.Context) (*sql.DB, error) {
	db, err := f.openWith(ctx, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	if db != nil {
		db.SetMaxIdleConns(-1) // see anew each time: nobody tells that the file was replaced
	}
	return db, err
}

// openWith is openReadOnly with certain parameters.
func (f *file) openWith(ctx context.Context, parameters url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(f.path, parameters))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	if err := f.checkIdentity(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// isCode reports whether err is SQLite's result code, in any of its kinds.
// https://www.sqlite.org/rescode.html
func isCode(err error, code int) bool {
	var broken *sqlite.Error
	return errors.As(err, &broken) && broken.Code()&0xff == code
}

// checkIdentity makes sure that a file is ours, and of this version.
func (f *file) checkIdentity(ctx context.Context, db *sql.DB) error {
	var application, version, tables int
	err := db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM sqlite_schema)`,
	).Scan(&application, &version, &tables)
	switch {
	case err != nil:
		return err
	case application != applicationID && (application != 0 || version != 0 || tables != 0):
		return fmt.Errorf("%w: %s is a database of another program", change.ErrUnavailable, f.path)
	case version > schemaVersion:
		return fmt.Errorf("%w: %s is of version %d, which a newer intercom-mcp wrote; this one knows version %d",
			change.ErrUnavailable, f.path, version, schemaVersion)
	case version > 0 && version < firstVersion:
		return fmt.Errorf("%w: %s is of version %d, which no release of intercom-mcp wrote; start with another file",
			change.ErrUnavailable, f.path, version)
	case version == 0:
		return errUnmade
	case version < schemaVersion:
		return errOlder
	}
	return nil
}

// openWriter opens the connection that writes, unless it is open. A file that is not ours, or too new, is refused
// before anything is written to it.
func (f *file) openWriter(ctx context.Context) error {
	if f.write != nil {
		return nil
	}
	if db, err := f.openReadOnly(ctx); err == nil {
		if err := db.Close(); err != nil {
			return err
		}
	} else if !errors.Is(err, errUnmade) {
		return err
	}
	if err := f.makeFile(); err != nil {
		return fmt.Errorf("%w: %w", change.ErrUnavailable, err)
	}
	db, err := sql.Open("sqlite", dsn(f.path, url.Values{"mode": {"rw"}, "_txlock": {"immediate"}}))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if err := f.migrate(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	if f.opened, err = os.Stat(f.path); err != nil {
		return errors.Join(err, db.Close())
	}
	if f.write, err = connect(ctx, db); err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// checkVersion makes sure that no newer program has taken the file over.
func (f *file) checkVersion(ctx context.Context, tx rowQuerier) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version != schemaVersion {
		return fmt.Errorf("%w: %s is of version %d now, which a newer intercom-mcp wrote; start this one again",
			change.ErrUnavailable, f.path, version)
	}
	return nil
}

// checkPlace makes sure that the file that is open is the one at its path.
func (f *file) checkPlace() error {
	if now, err := os.Stat(f.path); err == nil && os.SameFile(now, f.opened) {
		return nil
	}
	return fmt.Errorf("%w: %s was moved, deleted or replaced while it was in use; put it back, or start again",
		change.ErrUnavailable, f.path)
}

// makeFile makes the file, which only its owner may read, and its directory. It fails where the file is there and
// cannot be written.
func (f *file) makeFile() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	made, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return made.Close()
}

// dsn names a file and how to open it.
// https://pkg.go.dev/modernc.org/sqlite#Driver.Open
func dsn(path string, parameters url.Values) string {
	parameters["_pragma"] = []string{
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-512)",
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: parameters.Encode()}).String()
}
