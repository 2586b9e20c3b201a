package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Create implements [change.Store].
func (s *Store) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	items := c.Items
	c.Items = nil
	c = c.Clone()
	c.Items = items // which may be many, and are not written to
	err := s.database.update(ctx, "recording a new change", func(tx *connection) error {
		if err := checkFrozen(ctx, tx); err != nil {
			return err
		}
		recent := func() (change.Recent, error) { return tx.recent(ctx, &c, c.CreatedAt) }
		if err := c.DecideNew(decide, recent); err != nil {
			return err
		}
		seq, err := s.owner.insertHead(ctx, tx, &c)
		if err != nil {
			return err
		}
		if err := insertItems(ctx, tx, seq, &c); err != nil {
			return err
		}
		events, err := c.NewEvents()
		if err != nil {
			return err
		}
		return appendEvents(ctx, tx, events...)
	})
	if err != nil {
		return change.Change{}, err
	}
	s.owner.leases.Keep(c)
	c.AuditValues = ""
	return c, nil
}

// insertHead stores a change without its items, and returns its number. An approved change has a lease from the start:
// it is started a moment later, or its owner has died.
func (o *owner) insertHead(ctx context.Context, tx *connection, c *change.Change) (int64, error) {
	body, err := stored.HeadBody(c)
	if err != nil {
		return 0, err
	}
	var owner sql.NullString
	var lease sql.NullInt64
	if c.Status != change.StatusAwaiting {
		owner, lease = o.newLease(time.Now())
	}
	found := stored.ColumnsOf(c)
	result, err := tx.ExecContext(ctx, `INSERT INTO changes
		(id, principal, effect, status, undoes, created_at, started_at, approval, owner, lease_until, body, size,
			expires_at, level, email)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		found.ID, found.Principal, found.Fingerprint, string(found.Status), found.Undoes,
		found.Created, found.Started, found.Approval, owner, lease, body, len(body), stored.Nanoseconds(c.ExpiresAt),
		c.Level.String(), found.Email)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// insertItems stores the items of a change, and how large it is with them.
func insertItems(ctx context.Context, tx *connection, seq int64, c *change.Change) error {
	const insert = `INSERT INTO items (change, idx, outcome, target, body) VALUES (?, ?, ?, ?, ?)`
	size := 0
	for i := range c.Items {
		item := &c.Items[i]
		body, err := json.Marshal(item)
		if err != nil {
			return fmt.Errorf("encoding item %d: %w", i, err)
		}
		size += len(body)
		_, err = tx.ExecContext(ctx, insert, seq, i, string(item.Outcome), item.Target(c.ID, i), string(body))
		if err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE changes SET size = size + ? WHERE seq = ?`, size, seq)
	return err
}

// Advance implements [change.Store].
func (s *Store) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	var c change.Change
	err := s.database.update(ctx, "recording a step of a change", func(tx *connection) error {
		h, err := findHead(ctx, tx, `WHERE id = ?`, id)
		if err != nil {
			return err
		}
		c = h.change
		if step.NeedsItems() {
			if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
				return err
			}
		}
		frozen := func() error { return checkFrozen(ctx, tx) }
		recent := func() (change.Recent, error) { return tx.recent(ctx, &c, step.At) }
		unresolved, err := c.Advance(step, h.owner.String == s.owner.name, frozen, recent)
		if err != nil {
			return err
		}
		return s.owner.storeStep(ctx, tx, h, &c, step, unresolved)
	})
	s.owner.leases.Follow(id, step, err)
	if err != nil && !stored.IsContract(err) {
		return change.Change{}, err // c may say what was not recorded
	}
	return c, err
}

// storeStep stores a change that has taken a step since h was read, the outcomes that the step brought, and those that
// it left unresolved.
func (o *owner) storeStep(ctx context.Context, tx *connection, h head, c *change.Change, step change.Step,
	unresolved []change.Recorded) error {
	if err := storeOutcomes(ctx, tx, h.seq, c, step.Outcomes); err != nil {
		return err
	}
	switch {
	case c.Status == change.StatusApplying:
		h.owner, h.lease = o.newLease(time.Now())
	case c.Unowned():
		h.owner, h.lease = sql.NullString{}, sql.NullInt64{Valid: true}
	}
	if err := storeHead(ctx, tx, h, c); err != nil {
		return err
	}
	if step.To == change.StatusDeclined {
		if err := storeDeclined(ctx, tx, c, step.At); err != nil {
			return err
		}
	}
	c.Record(unresolved)
	if err := storeOutcomes(ctx, tx, h.seq, c, unresolved); err != nil {
		return err
	}
	events, err := c.StepEvents(step)
	if err != nil {
		return err
	}
	return appendEvents(ctx, tx, events...)
}

// storeHead stores a change without its items, whose status on record is the one of h.
func storeHead(ctx context.Context, tx *connection, h head, c *change.Change) error {
	body, err := stored.HeadBody(c)
	if err != nil {
		return err
	}
	found := stored.ColumnsOf(c)
	result, err := tx.ExecContext(ctx, `UPDATE changes
		SET status = ?, started_at = ?, approval = ?, owner = ?, lease_until = ?, body = ? WHERE seq = ? AND status = ?`,
		string(found.Status), found.Started, found.Approval, h.owner, h.lease, body, h.seq, string(h.change.Status))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return change.ErrStatusChanged
}

// RecordJob implements [change.Store].
func (s *Store) RecordJob(ctx context.Context, id string, job change.Job) error {
	err := s.database.update(ctx, "recording a bulk job", func(tx *connection) error {
		h, err := s.owner.findApplying(ctx, tx, id)
		if err != nil {
			return err
		}
		h.change.RecordJob(job)
		body, err := stored.HeadBody(&h.change)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE changes SET body = ? WHERE seq = ?`, body, h.seq); err != nil {
			return err
		}
		return appendEvents(ctx, tx, h.change.JobEvent(job))
	})
	return s.owner.leases.Fence(id, err)
}

// Record implements [change.Store].
func (s *Store) Record(ctx context.Context, id string, outcomes []change.Recorded) error {
	err := s.database.update(ctx, "recording outcomes", func(tx *connection) error {
		h, err := s.owner.findApplying(ctx, tx, id)
		if err != nil {
			return err
		}
		var items int
		const query = `SELECT coalesce(max(idx) + 1, 0) FROM items WHERE change = ?`
		if err := tx.QueryRowContext(ctx, query, h.seq).Scan(&items); err != nil {
			return err
		}
		if err := h.change.CheckRecord(items, outcomes); err != nil {
			return err
		}
		return storeOutcomes(ctx, tx, h.seq, &h.change, outcomes)
	})
	return s.owner.leases.Fence(id, err)
}

// storeOutcomes stores outcomes of a change in its items, and in the trail.
func storeOutcomes(ctx context.Context, tx *connection, seq int64, c *change.Change, outcomes []change.Recorded) error {
	if len(outcomes) == 0 {
		return nil
	}
	kept, err := updateItems(ctx, tx, seq, c.ID, outcomes)
	if err != nil {
		return err
	}
	recorded, err := c.RecordedEvent(kept)
	if err != nil {
		return err
	}
	return appendEvents(ctx, tx, recorded)
}

// updateItems stores outcomes in their items, and returns them as they stand there.
func updateItems(
	ctx context.Context, tx *connection, seq int64, id string, outcomes []change.Recorded,
) ([]change.Recorded, error) {
	const query = `SELECT body FROM items WHERE change = ? AND idx = ?`
	const update = `UPDATE items SET outcome = ?, target = ?, body = ? WHERE change = ? AND idx = ?`
	kept := make([]change.Recorded, 0, len(outcomes))
	for _, r := range outcomes {
		var body []byte
		if err := tx.QueryRowContext(ctx, query, seq, r.Index).Scan(&body); err != nil {
			return nil, err
		}
		var item change.Item
		if err := stored.Decode(body, &item); err != nil {
			return nil, err
		}
		kept = append(kept, item.Record(r))
		body, err := json.Marshal(&item)
		if err != nil {
			return nil, fmt.Errorf("encoding item %d: %w", r.Index, err)
		}
		_, err = tx.ExecContext(ctx, update, string(item.Outcome), item.Target(id, r.Index), string(body), seq, r.Index)
		if err != nil {
			return nil, err
		}
	}
	return kept, nil
}
