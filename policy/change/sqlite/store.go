package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

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

	database *database
	owner    *owner
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
	s := &Store{Lease: DefaultLease}
	s.database = newDatabase(path, func() stored.AskWorkspace { return s.Workspace })
	s.database.file.adopt = func(ctx context.Context) (string, error) {
		if s.Adopt == nil {
			return path, nil
		}
		return s.Adopt(ctx)
	}
	s.owner = newOwner(s.database, func() time.Duration { return s.Lease })
	return s, nil
}

// Path returns the absolute path of the file.
func (s *Store) Path() string { return s.database.file.name() }

// Close implements [change.Durable].
func (s *Store) Close() error {
	s.owner.close()
	return s.database.close()
}

// Shared implements [change.Store].
func (s *Store) Shared() change.Shared {
	d := s.database
	return change.Shared{
		Stops: stops{d}, Cursors: cursors{d}, Requests: requests{d}, Servers: servers{d}, Sessions: sessions{d},
		Outbox: outbox{d}, Rates: rates{d}, Cuts: cuts{d},
	}
}
