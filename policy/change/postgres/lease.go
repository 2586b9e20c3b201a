package postgres

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// owner is a store as the owner of the changes that it applies.
type owner struct {
	name        string               // of this store among those that share the schema
	lasts       func() time.Duration // how long a lease lasts: see [Store.Lease]
	leases      *stored.Leases       // of the changes that it applies, or did before another took them over
	connections *connections
}

// newOwner returns one with a name of its own, which renews its leases three times as often as they end.
func newOwner(connected *connections, lasts func() time.Duration) *owner {
	o := &owner{name: rand.Text(), lasts: lasts, connections: connected}
	o.leases = stored.NewLeases(o.every, o.renew)
	return o
}

// close has no lease be renewed any more.
func (o *owner) close() {
	o.leases.Close()
	o.leases.Wait()
}

// every is the time between two renewals.
func (o *owner) every() time.Duration { return o.lasts() / 3 }

// seconds is how long a lease lasts, as make_interval has it.
func (o *owner) seconds() string { return strconv.FormatFloat(o.lasts().Seconds(), 'f', -1, 64) }

// renew renews the lease of each of the changes that the store still owns, by a connection of its own. It gives up
// when it is time for the next try: a server that fell silent may be reached by another connection.
func (o *owner) renew(ctx context.Context, ids []string) error {
	list, err := jsonOf(ids)
	if err != nil {
		return err
	}
	ctx, enough := context.WithTimeout(ctx, o.every())
	defer enough()
	c := o.connections
	return c.schema.failed("renewing leases", c.aside(ctx, c.beat, func(tx *transaction) error {
		// In the order in which others lock several.
		const update = `UPDATE changes SET lease_until = clock_timestamp() + make_interval(secs => $3) WHERE seq IN
			(SELECT seq FROM changes WHERE id IN (SELECT value FROM json_array_elements_text($1::json) AS value)
				AND owner = $2 AND status = 'applying' ORDER BY seq FOR UPDATE)`
		_, err := tx.exec(ctx, update, list, o.name, o.seconds())
		return err
	}))
}

// lockApplying reads a change that the store applies, for what is recorded meanwhile.
func (o *owner) lockApplying(ctx context.Context, tx *transaction, id string) (head, error) {
	h, err := lockHead(ctx, tx, id)
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
const whereInterrupted = `WHERE status IN ('approved', 'applying') AND lease_until < clock_timestamp()
	AND NOT (status = 'approved' AND owner IS NOT DISTINCT FROM $1 AND approval <> 'approver') ORDER BY seq`

// interrupted reads the changes whose lease has expired and that this store does not know; where ids are named, of
// those. What people approved is left while writes are frozen.
func (o *owner) interrupted(ctx context.Context, tx stored.Querier, lock string, only []string) ([]head, error) {
	heads, err := queryHeads(ctx, tx, selectHead+whereInterrupted+lock, o.name)
	if len(heads) == 0 || err != nil {
		return nil, err
	}
	_, frozen, err := readFreeze(ctx, tx)
	return slices.DeleteFunc(heads, func(h head) bool {
		return o.leases.Known(h.change.ID) || len(only) > 0 && !slices.Contains(only, h.change.ID) ||
			frozen && h.change.Unowned()
	}), err
}

// claim makes the store the owner of the interrupted changes, but for those that another is about to claim.
func (o *owner) claim(ctx context.Context, tx *transaction, only []string) ([]change.Change, error) {
	heads, err := o.interrupted(ctx, tx, ` FOR UPDATE SKIP LOCKED`, only)
	if err != nil {
		return nil, err
	}
	var claimed []change.Change
	for _, h := range heads {
		c := h.change
		const update = `UPDATE changes SET owner = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
			WHERE seq = $3`
		if _, err := tx.exec(ctx, update, o.name, o.seconds(), h.seq); err != nil {
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

// ClaimInterrupted implements [change.Store].
func (s *Store) ClaimInterrupted(ctx context.Context, only ...string) ([]change.Change, error) {
	var heads []head
	err := s.database.view(ctx, "looking for interrupted changes", func(tx stored.Querier) (err error) {
		heads, err = s.owner.interrupted(ctx, tx, "", only)
		return err
	})
	if err != nil || len(heads) == 0 {
		return nil, err
	}
	var claimed []change.Change
	err = s.database.update(ctx, "taking over interrupted changes", func(tx *transaction) (err error) {
		claimed, err = s.owner.claim(ctx, tx, only)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.owner.leases.Keep(claimed...)
	return claimed, nil
}
