package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"slices"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// owner is a store as the owner of the changes that it applies.
type owner struct {
	name   string               // of this store among those that share the file
	lasts  func() time.Duration // how long a lease lasts: see [Store.Lease]
	leases *stored.Leases       // of the changes that it applies, or did before another took them over
}

// newOwner returns one with a name of its own, which renews its leases three times as often as they end.
func newOwner(d *database, lasts func() time.Duration) *owner {
	o := &owner{name: rand.Text(), lasts: lasts}
	every := func() time.Duration { return lasts() / 3 }
	o.leases = stored.NewLeases(every, func(ctx context.Context, ids []string) error {
		return d.update(ctx, "renewing leases", func(tx *connection) error { return o.renew(ctx, tx, ids) })
	})
	return o
}

// close has no lease be renewed any more.
func (o *owner) close() {
	o.leases.Close()
	o.leases.Wait()
}

// renew renews the lease of each of the changes that the store still owns.
func (o *owner) renew(ctx context.Context, tx *connection, ids []string) error {
	owner, until := o.newLease(time.Now())
	for _, id := range ids {
		_, err := tx.ExecContext(ctx, `UPDATE changes SET lease_until = ? WHERE id = ? AND owner = ? AND status = 'applying'`,
			until, id, owner)
		if err != nil {
			return err
		}
	}
	return nil
}

// newLease returns the owner and the end of a lease that begins now.
func (o *owner) newLease(now time.Time) (owner sql.NullString, until sql.NullInt64) {
	return sql.NullString{String: o.name, Valid: true}, stored.Nanoseconds(now.Add(o.lasts()))
}

// findApplying reads a change that the store applies, for what is recorded meanwhile.
func (o *owner) findApplying(ctx context.Context, tx stored.Querier, id string) (head, error) {
	h, err := findHead(ctx, tx, `WHERE id = ?`, id)
	switch {
	case err != nil:
		return h, err
	case h.change.Status != change.StatusApplying:
		return h, change.ErrStatusChanged
	case h.owner.String != o.name:
		return h, change.ErrFenced
	}
	return h, nil
}

// whereInterrupted selects the changes whose lease has expired. What this store has approved and not started yet is
// left out: it knows why; not so what people approved, which has no owner at first, and may have to wait for a while.
// The index is named since SQLite would rather read all changes than sort a few.
const whereInterrupted = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND lease_until < ?
	AND NOT (status = 'approved' AND owner IS ? AND approval <> 'approver') ORDER BY seq`

// interrupted reads the changes whose lease has expired; where ids are named, of those. What people approved is left
// while writes are frozen.
func (o *owner) interrupted(ctx context.Context, tx stored.Querier, now time.Time, only []string) ([]head, error) {
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted, now.UnixNano(), o.name)
	if len(heads) == 0 || err != nil {
		return nil, err
	}
	_, frozen, err := readFreeze(ctx, tx)
	return slices.DeleteFunc(heads, func(h head) bool {
		return len(only) > 0 && !slices.Contains(only, h.change.ID) || frozen && h.change.Unowned()
	}), err
}

// claim makes the store the owner of the interrupted changes.
func (o *owner) claim(ctx context.Context, tx *connection, only []string) ([]change.Change, error) {
	now := time.Now()
	heads, err := o.interrupted(ctx, tx, now, only)
	if err != nil {
		return nil, err
	}
	var claimed []change.Change
	for _, h := range heads {
		c := h.change
		if o.leases.Known(c.ID) {
			continue
		}
		owner, until := o.newLease(now)
		_, err := tx.ExecContext(ctx, `UPDATE changes SET owner = ?, lease_until = ? WHERE seq = ?`, owner, until, h.seq)
		if err != nil {
			return nil, err
		}
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return nil, err
		}
		claimed = append(claimed, c)
		if c.Unowned() {
			continue // nobody has begun it
		}
		resumed := change.Event{Time: now, Kind: change.KindResumed, Change: c.ID, Principal: c.Principal}
		if err := appendEvents(ctx, tx, resumed); err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context, only ...string) ([]change.Change, error) {
	if s.database.file.missing() {
		return nil, ctx.Err()
	}
	var heads []head
	err := s.database.view(ctx, "looking for interrupted changes", func(tx *sql.Tx) (err error) {
		heads, err = s.owner.interrupted(ctx, tx, time.Now(), only)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var claimed []change.Change
	err = s.database.update(ctx, "taking over interrupted changes", func(tx *connection) (err error) {
		claimed, err = s.owner.claim(ctx, tx, only)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.owner.leases.Keep(claimed...)
	return claimed, nil
}
