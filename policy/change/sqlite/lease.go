package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// renew renews the lease of each of the changes that this store still owns.
func (s *Store) renew(ctx context.Context, tx *connection, ids []string) error {
	owner, until := s.newLease(time.Now())
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
func (s *Store) newLease(now time.Time) (owner sql.NullString, until sql.NullInt64) {
	return sql.NullString{String: s.owner, Valid: true}, stored.Nanoseconds(now.Add(s.Lease))
}

// whereInterrupted selects the changes whose lease has expired. What this store has approved and not started yet is
// left out: it knows why; not so what people approved, which has no owner at first, and may have to wait for a while.
// The index is named since SQLite would rather read all changes than sort a few.
const whereInterrupted = `INDEXED BY changes_open WHERE status IN ('approved', 'applying') AND lease_until < ?
	AND NOT (status = 'approved' AND owner IS ? AND approval <> 'approver') ORDER BY seq`

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context, only ...string) ([]change.Change, error) {
	if s.file.missing() {
		return nil, ctx.Err()
	}
	var heads []head
	err := view(ctx, s, "looking for interrupted changes", func(tx *sql.Tx) (err error) {
		heads, err = s.interrupted(ctx, tx, time.Now(), only)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var claimed []change.Change
	err = s.update(ctx, "taking over interrupted changes", func(tx *connection) (err error) {
		claimed, err = s.claimInterrupted(ctx, tx, only)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i := range claimed {
		if claimed[i].Status == change.StatusApplying {
			s.leases.Keep(claimed[i].ID)
		}
	}
	return claimed, nil
}

// interrupted reads the changes whose lease has expired; where ids are named, of those. What people approved is left
// while writes are frozen.
func (s *Store) interrupted(ctx context.Context, tx querier, now time.Time, only []string) ([]head, error) {
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted, now.UnixNano(), s.owner)
	if len(heads) == 0 || err != nil {
		return nil, err
	}
	_, frozen, err := readFreeze(ctx, tx)
	return slices.DeleteFunc(heads, func(h head) bool {
		return len(only) > 0 && !slices.Contains(only, h.change.ID) || frozen && h.change.Unowned()
	}), err
}

// claimInterrupted makes the store the owner of the interrupted changes.
func (s *Store) claimInterrupted(ctx context.Context, tx *connection, only []string) ([]change.Change, error) {
	now := time.Now()
	heads, err := s.interrupted(ctx, tx, now, only)
	if err != nil {
		return nil, err
	}
	var claimed []change.Change
	for _, h := range heads {
		c := h.change
		if s.leases.Known(c.ID) {
			continue
		}
		owner, until := s.newLease(now)
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
