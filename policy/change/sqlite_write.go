package change

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Create implements [Store].
func (s *SQLite) Create(ctx context.Context, c Change, decide Decide) (Change, error) {
	c = c.clone()
	err := s.update(ctx, "recording a new change", func(tx *sql.Tx) error {
		if err := c.decide(decide, func() (Recent, error) { return readRecent(ctx, tx, &c, c.CreatedAt) }); err != nil {
			return err
		}
		if err := c.checkNew(); err != nil {
			return err
		}
		seq, err := s.insertHead(ctx, tx, &c)
		if err != nil {
			return err
		}
		hash, err := insertItems(ctx, tx, seq, c.Items)
		if err != nil {
			return err
		}
		planned, err := plannedEvent(&c, hash)
		if err != nil {
			return err
		}
		return appendEvents(ctx, tx, planned)
	})
	if err != nil {
		return Change{}, err
	}
	c.AuditValues = ""
	return c, nil
}

// insertHead stores a change without its items, and returns its number. What
// needs no confirmation is begun a moment later, or the store has died.
func (s *SQLite) insertHead(ctx context.Context, tx *sql.Tx, c *Change) (int64, error) {
	body, err := headBody(c)
	if err != nil {
		return 0, err
	}
	var owner sql.NullString
	var lease sql.NullInt64
	if c.Status == StatusApproved {
		owner, lease = s.sign(time.Now())
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO changes (id, principal, effect, status, undoes, created_at, started_at, approval, owner, lease_until, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.Principal, c.Fingerprint, string(c.Status), c.Undoes, c.CreatedAt.UnixNano(), nanoseconds(c.startedAt()), approvalLevel(c), owner, lease, body)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// insertItems stores the items of a change, and returns their hash.
func insertItems(ctx context.Context, tx *sql.Tx, seq int64, items []Item) (string, error) {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO items (change, idx, outcome, body) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return "", err
	}
	defer insert.Close()
	hash := newItemsHash()
	for i := range items {
		body, err := json.Marshal(&items[i])
		if err != nil {
			return "", fmt.Errorf("encoding item %d: %w", i, err)
		}
		if _, err := insert.ExecContext(ctx, seq, i, string(items[i].Outcome), string(body)); err != nil {
			return "", err
		}
		if err := hash.add(&items[i]); err != nil {
			return "", err
		}
	}
	return hash.sum(), nil
}

// Advance implements [Store].
func (s *SQLite) Advance(ctx context.Context, id string, step Step) (Change, error) {
	var c Change
	err := s.update(ctx, "recording a step of a change", func(tx *sql.Tx) error {
		h, err := findHead(ctx, tx, id)
		if err != nil {
			return err
		}
		c = h.change
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return err
		}
		if c.Status == StatusApplying && c.Status.CanBecome(step.To) && h.owner.String != s.owner {
			return ErrFenced
		}
		unresolved := c.unresolved(step)
		if !c.Status.CanBecome(step.To) {
			return ErrStatusChanged
		}
		if err := c.decide(step.Decide, func() (Recent, error) { return readRecent(ctx, tx, &c, step.At) }); err != nil {
			return err
		}
		if err := c.take(step); err != nil {
			return err
		}
		if err := s.storeStep(ctx, tx, h, &c); err != nil {
			return err
		}
		if step.To == StatusDeclined {
			if err := storeDeclined(ctx, tx, &c, step.At); err != nil {
				return err
			}
		}
		if len(unresolved) > 0 {
			c.recordAll(unresolved)
			if err := storeOutcomes(ctx, tx, h.seq, &c, unresolved); err != nil {
				return err
			}
		}
		events, err := stepEvents(&c, step)
		if err != nil {
			return err
		}
		return appendEvents(ctx, tx, events...)
	})
	s.followStep(id, step, err)
	if err != nil && !isContract(err) {
		return Change{}, err // c may tell what was not recorded
	}
	return c, err
}

// storeStep stores a change that has made a step since h was read.
func (s *SQLite) storeStep(ctx context.Context, tx *sql.Tx, h head, c *Change) error {
	body, err := headBody(c)
	if err != nil {
		return err
	}
	if c.Status == StatusApplying {
		h.owner, h.lease = s.sign(time.Now())
	}
	result, err := tx.ExecContext(ctx, `UPDATE changes SET status = ?, started_at = ?, approval = ?, owner = ?, lease_until = ?, body = ?
		WHERE seq = ? AND status = ?`,
		string(c.Status), nanoseconds(c.startedAt()), approvalLevel(c), h.owner, h.lease, body, h.seq, string(h.change.Status))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return ErrStatusChanged
}

// Record implements [Store].
func (s *SQLite) Record(ctx context.Context, id string, outcomes []Recorded) error {
	err := s.update(ctx, "recording outcomes", func(tx *sql.Tx) error {
		h, err := findHead(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.change.Status == StatusApplying && h.owner.String != s.owner {
			return ErrFenced
		}
		var items int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM items WHERE change = ?`, h.seq).Scan(&items); err != nil {
			return err
		}
		if err := h.change.checkRecord(items, outcomes); err != nil {
			return err
		}
		return storeOutcomes(ctx, tx, h.seq, &h.change, outcomes)
	})
	if errors.Is(err, ErrFenced) {
		s.holds.lost(id)
	}
	return err
}

// storeOutcomes stores outcomes of a change, and has the trail tell of them.
func storeOutcomes(ctx context.Context, tx *sql.Tx, seq int64, c *Change, outcomes []Recorded) error {
	if err := updateItems(ctx, tx, seq, outcomes); err != nil {
		return err
	}
	recorded, err := recordedEvent(c, outcomes)
	if err != nil {
		return err
	}
	return appendEvents(ctx, tx, recorded)
}

// updateItems stores outcomes in their items.
func updateItems(ctx context.Context, tx *sql.Tx, seq int64, outcomes []Recorded) error {
	query, err := tx.PrepareContext(ctx, `SELECT body FROM items WHERE change = ? AND idx = ?`)
	if err != nil {
		return err
	}
	defer query.Close()
	update, err := tx.PrepareContext(ctx, `UPDATE items SET outcome = ?, body = ? WHERE change = ? AND idx = ?`)
	if err != nil {
		return err
	}
	defer update.Close()
	for _, r := range outcomes {
		var body []byte
		if err := query.QueryRowContext(ctx, seq, r.Index).Scan(&body); err != nil {
			return err
		}
		var item Item
		if err := decode(body, &item); err != nil {
			return err
		}
		item.record(r)
		if body, err = json.Marshal(&item); err != nil {
			return fmt.Errorf("encoding item %d: %w", r.Index, err)
		}
		if _, err := update.ExecContext(ctx, string(item.Outcome), string(body), seq, r.Index); err != nil {
			return err
		}
	}
	return nil
}
