package change

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// holds are the changes that a store applies. One goroutine renews their
// leases while there are any.
//
// A store never takes over a change that it has or has lost. So its name is
// enough to tell a worker whose time is over from the one that goes on.
type holds struct {
	mu      sync.Mutex
	ours    map[string]bool // by id; false once another store has taken over
	beating bool
	closing context.Context // ends when no more signs of life are to be given
	close   context.CancelFunc
	beats   sync.WaitGroup
}

func (h *holds) init() {
	h.ours = make(map[string]bool)
	h.closing, h.close = context.WithCancel(context.Background())
}

// knows reports whether the store has the change, or has lost it.
func (h *holds) knows(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.ours[id]
	return known
}

// lost notes that another store goes on with a change.
func (h *holds) lost(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ours[id] {
		h.ours[id] = false
	}
}

// hold starts to renew the lease of a change.
func (s *SQLite) hold(id string) {
	h := &s.holds
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ours[id] = true
	if !h.beating {
		h.beating = true
		h.beats.Go(s.beat)
	}
}

// followStep starts or ends the hold on a change after a step was tried.
// Whoever tried to end its work is done with it, recorded or not: where it
// could not be recorded, the lease runs out and the work is taken up again.
func (s *SQLite) followStep(id string, step Step, err error) {
	switch {
	case step.To == StatusApplying && err == nil:
		s.hold(id)
	case errors.Is(err, ErrFenced):
		s.holds.lost(id)
	case StatusApplying.CanBecome(step.To):
		s.holds.mu.Lock()
		delete(s.holds.ours, id)
		s.holds.mu.Unlock()
	}
}

// beat renews the leases until there are none or the store is closed.
func (s *SQLite) beat() {
	ticker := time.NewTicker(s.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-s.holds.closing.Done():
			return
		case <-ticker.C:
		}
		ids := s.holds.working()
		if ids == nil {
			return
		}
		// A lease that cannot be renewed now may be at the next beat; if not,
		// the work's own writes fail and tell.
		_ = s.update(s.holds.closing, "renewing leases", func(tx *sql.Tx) error { return s.renew(s.holds.closing, tx, ids) })
	}
}

// working lists the changes whose leases are to be renewed. Where there are
// none it returns nil, and the beat has ended.
func (h *holds) working() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var ids []string
	for id, ours := range h.ours {
		if ours {
			ids = append(ids, id)
		}
	}
	h.beating = ids != nil
	return ids
}

// renew gives a sign of life for each of the changes.
func (s *SQLite) renew(ctx context.Context, tx *sql.Tx, ids []string) error {
	until := nanoseconds(time.Now().Add(s.Lease))
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET lease_until = ? WHERE id = ? AND owner = ? AND status = 'applying'`,
			until, id, s.owner); err != nil {
			return err
		}
	}
	return nil
}

// sign is a sign of life at some moment: who gives it, and until when it holds.
func (s *SQLite) sign(now time.Time) (owner sql.NullString, until sql.NullInt64) {
	return sql.NullString{String: s.owner, Valid: true}, nanoseconds(now.Add(s.Lease))
}

// What this store has approved and not begun is no other's, while it lives: it
// knows why. The index is named since SQLite would rather read all changes that
// ever were than sort a few.
const whereInterrupted = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND lease_until < ?
	AND NOT (status = 'approved' AND owner = ?) ORDER BY seq`

// ClaimInterrupted implements [Store].
func (s *SQLite) ClaimInterrupted(ctx context.Context) ([]Change, error) {
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
	var taken []Change
	err = s.update(ctx, "taking over interrupted changes", func(tx *sql.Tx) (err error) {
		taken, err = s.takeOver(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range taken {
		if taken[i].Status == StatusApplying {
			s.hold(taken[i].ID)
		}
	}
	return taken, nil
}

// takeOver makes this store the owner of the interrupted changes.
func (s *SQLite) takeOver(ctx context.Context, tx *sql.Tx) ([]Change, error) {
	now := time.Now()
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted, now.UnixNano(), s.owner)
	if err != nil {
		return nil, err
	}
	var taken []Change
	for _, h := range heads {
		c := h.change
		if s.holds.knows(c.ID) {
			continue
		}
		owner, until := s.sign(now)
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET owner = ?, lease_until = ? WHERE seq = ?`, owner, until, h.seq); err != nil {
			return nil, err
		}
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return nil, err
		}
		if err := appendEvents(ctx, tx, Event{Time: now, Kind: KindResumed, Change: c.ID, Principal: c.Principal}); err != nil {
			return nil, err
		}
		taken = append(taken, c)
	}
	return taken, nil
}
