package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// leases are those of the changes that a store applies. One goroutine renews them while there are any.
//
// A store never takes over a change that it has or has lost. So its name is enough to tell a worker whose lease has
// expired from the one that took over.
type leases struct {
	store   *Store
	mu      sync.Mutex
	held    map[string]bool // by id of the change; false once another store has taken over
	running bool            // whether renewLoop runs
	closing chan struct{}   // closed when no lease is to be renewed any more
	once    sync.Once       // closes it
	loops   sync.WaitGroup
}

func newLeases(s *Store) *leases {
	return &leases{store: s, held: make(map[string]bool), closing: make(chan struct{})}
}

// close has no lease be renewed any more.
func (l *leases) close() { l.once.Do(func() { close(l.closing) }) }

// end is close, and returns when the renewing has ended.
func (l *leases) end() {
	l.close()
	l.loops.Wait()
}

// known reports whether the store has the change, or has lost it.
func (l *leases) known(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, known := l.held[id]
	return known
}

// markLost notes that another store has taken a change over.
func (l *leases) markLost(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[id] {
		l.held[id] = false
	}
}

// renewing lists the changes whose leases are to be renewed. Where there are none it returns nil, and renewLoop ends.
func (l *leases) renewing() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var ids []string
	for id, held := range l.held {
		if held {
			ids = append(ids, id)
		}
	}
	l.running = ids != nil
	return ids
}

// keep starts to renew the lease of a change.
func (l *leases) keep(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[id] = true
	if !l.running {
		l.running = true
		l.loops.Go(l.renewLoop)
	}
}

// follow keeps the lease of a change that was started, and drops that of one whose run has ended, recorded or not:
// where the end could not be recorded, the lease expires and the change is taken over.
func (l *leases) follow(id string, step change.Step, err error) {
	switch {
	case step.To == change.StatusApplying && err == nil:
		l.keep(id)
	case errors.Is(err, change.ErrFenced):
		l.markLost(id)
	case change.StatusApplying.CanBecome(step.To):
		l.mu.Lock()
		delete(l.held, id)
		l.mu.Unlock()
	}
}

// renewLoop renews the leases until there are none or the store is closed.
func (l *leases) renewLoop() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.loops.Go(func() {
		select {
		case <-l.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	ticker := time.NewTicker(l.store.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ids := l.renewing()
		if ids == nil {
			return
		}
		// A lease that cannot be renewed now may be at the next tick; if not, the run's own writes fail and say so.
		_ = l.store.update(ctx, "renewing leases", func(tx *connection) error { return l.renew(ctx, tx, ids) })
	}
}

// renew renews the lease of each of the changes that this store still owns.
func (l *leases) renew(ctx context.Context, tx *connection, ids []string) error {
	owner, until := l.begin(time.Now())
	for _, id := range ids {
		_, err := tx.ExecContext(ctx, `UPDATE changes SET lease_until = ? WHERE id = ? AND owner = ? AND status = 'applying'`,
			until, id, owner)
		if err != nil {
			return err
		}
	}
	return nil
}

// begin returns the owner and the end of a lease that begins now.
func (l *leases) begin(now time.Time) (owner sql.NullString, until sql.NullInt64) {
	return sql.NullString{String: l.store.owner, Valid: true}, nanoseconds(now.Add(l.store.Lease))
}

// whereInterrupted selects the changes whose lease has expired. What this store has approved and not started yet is
// left out: it knows why. The index is named since SQLite would rather read all changes than sort a few.
const whereInterrupted = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND lease_until < ?
	AND NOT (status = 'approved' AND owner = ?) ORDER BY seq`

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context, only ...string) ([]change.Change, error) {
	if _, err := os.Stat(s.file.path); errors.Is(err, fs.ErrNotExist) {
		return nil, ctx.Err() // no reason to make the file
	}
	var heads []head
	err := view(ctx, s, "looking for interrupted changes", func(tx *sql.Tx) (err error) {
		heads, err = s.leases.interrupted(ctx, tx, time.Now(), only)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var claimed []change.Change
	err = s.update(ctx, "taking over interrupted changes", func(tx *connection) (err error) {
		claimed, err = s.leases.claimInterrupted(ctx, tx, only)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range claimed {
		if claimed[i].Status == change.StatusApplying {
			s.leases.keep(claimed[i].ID)
		}
	}
	return claimed, nil
}

// interrupted reads the changes whose lease has expired; where ids are named, of those.
func (l *leases) interrupted(ctx context.Context, tx querier, now time.Time, only []string) ([]head, error) {
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted, now.UnixNano(), l.store.owner)
	if len(only) > 0 {
		heads = slices.DeleteFunc(heads, func(h head) bool { return !slices.Contains(only, h.change.ID) })
	}
	return heads, err
}

// claimInterrupted makes the store the owner of the interrupted changes.
func (l *leases) claimInterrupted(ctx context.Context, tx *connection, only []string) ([]change.Change, error) {
	now := time.Now()
	heads, err := l.interrupted(ctx, tx, now, only)
	if err != nil {
		return nil, err
	}
	var claimed []change.Change
	for _, h := range heads {
		c := h.change
		if l.known(c.ID) {
			continue
		}
		owner, until := l.begin(now)
		_, err := tx.ExecContext(ctx, `UPDATE changes SET owner = ?, lease_until = ? WHERE seq = ?`, owner, until, h.seq)
		if err != nil {
			return nil, err
		}
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return nil, err
		}
		resumed := change.Event{Time: now, Kind: change.KindResumed, Change: c.ID, Principal: c.Principal}
		if err := appendEvents(ctx, tx, resumed); err != nil {
			return nil, err
		}
		claimed = append(claimed, c)
	}
	return claimed, nil
}
