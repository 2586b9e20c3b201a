package postgres

import (
	"context"
	"slices"

	"intercom-mcp/policy/change"
)

// leaseSeconds is how long a lease lasts, as make_interval has it.
func (s *Store) leaseSeconds() string { return decimal(s.Lease.Seconds()) }

// renew renews the lease of each of the changes that this store still owns, by a connection of its own.
func (s *Store) renew(ctx context.Context, ids []string) error {
	return s.failed("renewing leases", func() error {
		list, err := jsonOf(ids)
		if err != nil {
			return err
		}
		conn, g, err := s.begin(ctx, s.beat, beginWrite)
		if err != nil {
			return err
		}
		defer s.end(conn)
		if err := s.checkWritable(g, true); err != nil {
			return err
		}
		// In the order in which others lock several.
		const update = `UPDATE changes SET lease_until = clock_timestamp() + make_interval(secs => $3) WHERE seq IN
			(SELECT seq FROM changes WHERE id IN (SELECT value FROM json_array_elements_text($1::json) AS value)
				AND owner = $2 AND status = 'applying' ORDER BY seq FOR UPDATE)`
		tx := &transaction{store: s, conn: conn}
		if _, err := tx.exec(ctx, update, list, s.owner, s.leaseSeconds()); err != nil {
			return err
		}
		return tx.finish(ctx)
	}())
}

// whereInterrupted selects the changes whose lease has expired. What this store has approved and not started yet is
// left out: it knows why; not so what people approved, which has no owner at first, and may have to wait for a while.
const whereInterrupted = `WHERE status IN ('approved', 'applying') AND lease_until < clock_timestamp()
	AND NOT (status = 'approved' AND owner IS NOT DISTINCT FROM $1 AND approval <> 'approver') ORDER BY seq`

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context, only ...string) ([]change.Change, error) {
	var heads []head
	err := s.view(ctx, "looking for interrupted changes", func(tx querier) (err error) {
		heads, err = s.interrupted(ctx, tx, "", only)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var claimed []change.Change
	err = s.update(ctx, "taking over interrupted changes", func(tx *transaction) (err error) {
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

// interrupted reads the changes whose lease has expired and that this store does not know; where ids are named, of
// those. What people approved is left while writes are frozen.
func (s *Store) interrupted(ctx context.Context, tx querier, lock string, only []string) ([]head, error) {
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted+lock, s.owner)
	if len(heads) == 0 || err != nil {
		return nil, err
	}
	_, frozen, err := readFreeze(ctx, tx)
	return slices.DeleteFunc(heads, func(h head) bool {
		return s.leases.Known(h.change.ID) || len(only) > 0 && !slices.Contains(only, h.change.ID) ||
			frozen && h.change.Unowned()
	}), err
}

// claimInterrupted makes the store the owner of the interrupted changes, but for those that another is about to claim.
func (s *Store) claimInterrupted(ctx context.Context, tx *transaction, only []string) ([]change.Change, error) {
	heads, err := s.interrupted(ctx, tx, ` FOR UPDATE SKIP LOCKED`, only)
	if err != nil {
		return nil, err
	}
	var claimed []change.Change
	for _, h := range heads {
		c := h.change
		const update = `UPDATE changes SET owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
			WHERE seq = $3`
		if _, err := tx.exec(ctx, update, s.owner, s.leaseSeconds(), h.seq); err != nil {
			return nil, err
		}
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return nil, err
		}
		claimed = append(claimed, c)
		if !c.Unowned() { // else nobody has begun it
			tx.append(change.Event{Kind: change.KindResumed, Change: c.ID, Principal: c.Principal})
		}
	}
	return claimed, nil
}
