package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// DefaultLease is how long a change stays with an owner that does not renew its lease.
const DefaultLease = 15 * time.Second

// Store is a [change.Store] in one file, which any number of processes may share. It keeps the audit trail of the
// file's changes too.
//
// The file is opened when it is first needed, and created if need be, so that opening a store costs nothing. Every
// commit reaches the disk before the method returns (WAL, synchronous=FULL): what is about to be sent to Intercom is
// known after a loss of power. Writes wait for those that came before, which they may share a commit with, and for
// those of other processes: at most as long as their context allows, and for others no longer than busyTimeout.
//
// Where the file cannot be written, reads go on, and so they do where it was moved, deleted or replaced: a write to it
// would then be lost to everybody else.
type Store struct {
	// Lease is how long a lease of this store lasts, which it renews three times as often: after that, another store
	// takes over what it was applying. It may be set before first use.
	Lease time.Duration
	// Workspace returns the name of the workspace that the changes belong to, which never changes, and may be set
	// before first use: a file that is bound to another workspace is refused, so that nothing is carried out where it
	// was not planned. It is called before the first write, and by reads of a file that is bound. A
	// [change.ErrNoWorkspace] says that there will be none. Nil: whichever the file is bound to.
	Workspace func(context.Context) (string, error)

	// Adopt returns the path of the file to use in the place of the one that was named, where that is not there; it may be
	// the same. It is called at the first use, and may be set before that. Nil: the file that was named is made.
	Adopt func(context.Context) (string, error)

	owner  string // names this store among those that share the file
	file   *file
	writer *writer
	lookup *stored.WorkspaceLookup
	leases *stored.Leases
}

var _ change.Durable = (*Store)(nil)

// Open returns the store in the file at path. It fails only where path makes no sense; a file that cannot be used shows
// at the first use, as [change.ErrUnavailable]. The store must be closed.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("the store of changes needs a path")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("the store of changes: %w", err)
	}
	file := newFile(path)
	s := &Store{
		Lease: DefaultLease, owner: rand.Text(), file: file, writer: &writer{file: file},
		lookup: stored.NewWorkspaceLookup(),
	}
	file.adopt = func(ctx context.Context) (string, error) {
		if s.Adopt == nil {
			return path, nil
		}
		return s.Adopt(ctx)
	}
	s.writer.soon = stored.NewBacklog(func(ctx context.Context) error { return s.Append(ctx) })
	every := func() time.Duration { return s.Lease / 3 }
	s.leases = stored.NewLeases(every, func(ctx context.Context, ids []string) error {
		return s.update(ctx, "renewing leases", func(tx *connection) error { return s.renew(ctx, tx, ids) })
	})
	return s, nil
}

// Path returns the absolute path of the file.
func (s *Store) Path() string { return s.file.name() }

// Close implements [change.Durable].
func (s *Store) Close() error {
	s.leases.Close()
	s.leases.Wait()
	failed := s.writer.soon.Close()
	s.writer.stop()
	return errors.Join(failed, s.file.close())
}

// view runs do in a transaction that reads one state of the file.
func view(ctx context.Context, s *Store, doing string, do func(*sql.Tx) error) error {
	db, err := s.file.reader(ctx)
	if err != nil {
		return s.file.failed(doing, err)
	}
	if err := checkWorkspace(ctx, s, db); err != nil {
		return s.file.failed(doing, err)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return s.file.failed(doing, err)
	}
	defer tx.Rollback() // nothing to lose: it only read
	return s.file.failed(doing, do(tx))
}

// update runs do in a transaction that holds the file's only write lock from its start, after those that came before.
// It is on the disk when the error is nil. The goroutine of the writer runs do, which must not use the store.
func (s *Store) update(ctx context.Context, doing string, do func(*connection) error) error {
	err := s.file.ready(ctx)
	var workspace string
	if err == nil && s.Workspace != nil {
		workspace, err = s.lookup.ForWrite(ctx, s.Workspace)
	}
	if err == nil {
		err = s.writer.carryOut(ctx, workspace, do)
	}
	return s.file.failed(doing, err)
}

// failed wraps err with what was being done, as [change.ErrUnavailable] where the file is to blame. The contract's own
// errors stay as they are.
func (f *file) failed(doing string, err error) error {
	var broken *sqlite.Error
	var missing *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, change.ErrUnavailable):
	case errors.As(err, &broken), errors.As(err, &missing):
		return fmt.Errorf("%s: %w: %s: %w", doing, change.ErrUnavailable, f.name(), err)
	case stored.IsContract(err):
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
