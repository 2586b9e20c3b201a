package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"intercom-mcp/policy/change"
)

// leases are the changes that a store applies. One goroutine renews their
// leases while there are any.
//
// A store never takes over a change that it has or has lost. So its name is
// enough to tell a worker whose time is over from the one that goes on.
type leases struct {
	mu       sync.Mutex
	ours     map[string]bool // by id; false once another store has taken over
	running  bool
	closing  context.Context // ends when no more signs of life are to be given
	close    context.CancelFunc
	renewing sync.WaitGroup
}

func (h *leases) init() {
	h.ours = make(map[string]bool)
	h.closing, h.close = context.WithCancel(context.Background())
}

// knows reports whether the store has the change, or has lost it.
func (h *leases) knows(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.ours[id]
	return known
}

// lost notes that another store goes on with a change.
func (h *leases) lost(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ours[id] {
		h.ours[id] = false
	}
}

// hold starts to renew the lease of a change.
func (s *Store) hold(id string) {
	h := &s.leases
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ours[id] = true
	if !h.running {
		h.running = true
		h.renewing.Go(s.renewLoop)
	}
}

// followStep starts or ends the hold on a change after a step was tried.
// Whoever tried to end its work is done with it, recorded or not: where it
// could not be recorded, the lease runs out and the work is taken up again.
func (s *Store) followStep(id string, step change.Step, err error) {
	switch {
	case step.To == change.StatusApplying && err == nil:
		s.hold(id)
	case errors.Is(err, change.ErrFenced):
		s.leases.lost(id)
	case change.StatusApplying.CanBecome(step.To):
		s.leases.mu.Lock()
		delete(s.leases.ours, id)
		s.leases.mu.Unlock()
	}
}

// renewLoop renews the leases until there are none or the store is closed.
func (s *Store) renewLoop() {
	ticker := time.NewTicker(s.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-s.leases.closing.Done():
			return
		case <-ticker.C:
		}
		ids := s.leases.working()
		if ids == nil {
			return
		}
		// A lease that cannot be renewed now may be at the next beat; if not,
		// the work's own writes fail and tell.
		_ = s.update(s.leases.closing, "renewing leases", func(tx *sql.Tx) error { return s.renew(s.leases.closing, tx, ids) })
	}
}

// working lists the changes whose leases are to be renewed. Where there are
// none it returns nil, and the beat has ended.
func (h *leases) working() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var ids []string
	for id, ours := range h.ours {
		if ours {
			ids = append(ids, id)
		}
	}
	h.running = ids != nil
	return ids
}

// renew gives a sign of life for each of the changes.
func (s *Store) renew(ctx context.Context, tx *sql.Tx, ids []string) error {
	until := nanoseconds(time.Now().Add(s.Lease))
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET lease_until = ? WHERE id = ? AND owner = ? AND status = 'applying'`,
			until, id, s.owner); err != nil {
			return err
		}
	}
	return nil
}

// newLease is a sign of life at some moment: who gives it, and until when it holds.
func (s *Store) newLease(now time.Time) (owner sql.NullString, until sql.NullInt64) {
	return sql.NullString{String: s.owner, Valid: true}, nanoseconds(now.Add(s.Lease))
}

// What this store has approved and not begun is no other's, while it lives: it
// knows why. The index is named since SQLite would rather read all changes that
// ever were than sort a few.
const whereInterrupted = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND lease_until < ?
	AND NOT (status = 'approved' AND owner = ?) ORDER BY seq`

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context) ([]change.Change, error) {
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return nil, ctx.Err() // no reason to make the file
	}
	var heads []head
	err := s.view(ctx, "looking for interrupted changes", func(tx *sql.Tx) (err error) {
		heads, err = queryHeads(ctx, tx, selectHead+whereInterrupted, time.Now().UnixNano(), s.owner)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var taken []change.Change
	err = s.update(ctx, "taking over interrupted changes", func(tx *sql.Tx) (err error) {
		taken, err = s.takeOver(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range taken {
		if taken[i].Status == change.StatusApplying {
			s.hold(taken[i].ID)
		}
	}
	return taken, nil
}

// takeOver makes this store the owner of the interrupted changes.
func (s *Store) takeOver(ctx context.Context, tx *sql.Tx) ([]change.Change, error) {
	now := time.Now()
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted, now.UnixNano(), s.owner)
	if err != nil {
		return nil, err
	}
	var taken []change.Change
	for _, h := range heads {
		c := h.change
		if s.leases.knows(c.ID) {
			continue
		}
		owner, until := s.newLease(now)
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET owner = ?, lease_until = ? WHERE seq = ?`, owner, until, h.seq); err != nil {
			return nil, err
		}
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return nil, err
		}
		if err := appendEvents(ctx, tx, change.Event{Time: now, Kind: change.KindResumed, Change: c.ID, Principal: c.Principal}); err != nil {
			return nil, err
		}
		taken = append(taken, c)
	}
	return taken, nil
}
