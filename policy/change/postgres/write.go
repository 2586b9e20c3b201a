package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// lockDecision has nobody else decide about changes of a principal, or put the same change back, or freeze writes,
// until the transaction ends.
func (t *transaction) lockDecision(ctx context.Context, principal, undoes string) error {
	const locks = `SELECT pg_advisory_xact_lock_shared(hashtextextended('freeze ' || current_schema(), 0)),
		pg_advisory_xact_lock(hashtextextended('principal ' || current_schema() || ' ' || $1, 0))`
	if _, err := t.exec(ctx, locks, principal); err != nil || undoes == "" {
		return err
	}
	const undoing = `SELECT pg_advisory_xact_lock(hashtextextended('undo ' || current_schema() || ' ' || $1, 0))`
	_, err := t.exec(ctx, undoing, undoes)
	return err
}

// lockTargets has nobody else decide about a write to the targets of a change until the transaction ends. Targets share
// locks, of which there are few. It is the last lock before what the decision is recorded in, in one order for all.
func (t *transaction) lockTargets(ctx context.Context, c *change.Change) error {
	targets, err := targetsOf(change.ContendersOf(c))
	if err != nil {
		return err
	}
	const lock = `SELECT pg_advisory_xact_lock(hashtextextended('target ' || current_schema() || ' ' || shared, 0)) FROM
		(SELECT DISTINCT abs(hashtextextended(target, 0) % 32) AS shared
			FROM json_array_elements_text($1::json) AS target ORDER BY shared) AS locks`
	_, err = t.exec(ctx, lock, targets)
	return err
}

// decideOn reads what a decision about a change depends on, which nothing else moves until the transaction ends.
func (t *transaction) decideOn(ctx context.Context, c *change.Change, at time.Time) (change.Recent, error) {
	if err := t.lockTargets(ctx, c); err != nil {
		return change.Recent{}, err
	}
	return readRecent(ctx, t, c, at)
}

// Create implements [change.Store].
func (s *Store) Create(ctx context.Context, c change.Change, decide change.Decide) (change.Change, error) {
	items := c.Items
	c.Items = nil
	c = c.Clone()
	c.Items = items // which may be many, and are not written to
	err := s.database.update(ctx, "recording a new change", func(tx *transaction) error {
		if err := tx.lockDecision(ctx, c.Principal, c.Undoes); err != nil {
			return err
		}
		if err := checkFrozen(ctx, tx); err != nil {
			return err
		}
		recent := func() (change.Recent, error) { return tx.decideOn(ctx, &c, c.CreatedAt) }
		if err := c.DecideNew(decide, recent); err != nil {
			return err
		}
		if err := insertChange(ctx, tx, &c); err != nil {
			return err
		}
		events, err := c.NewEvents()
		tx.append(events...)
		return err
	})
	if err != nil {
		return change.Change{}, err
	}
	s.owner.leases.Keep(c)
	c.AuditValues = ""
	return c, nil
}

// insertChange stores a change with its items. An approved change has a lease from the start: it is started a moment
// later, or its owner has died.
func insertChange(ctx context.Context, tx *transaction, c *change.Change) error {
	body, err := stored.HeadBody(c)
	if err != nil {
		return err
	}
	rows := make([]itemRow, len(c.Items))
	for i := range c.Items {
		if rows[i], err = rowOf(c.ID, i, &c.Items[i]); err != nil {
			return err
		}
	}
	items, err := jsonOf(rows)
	if err != nil {
		return err
	}
	const insert = `WITH made AS (INSERT INTO changes
		(id, principal, effect, status, undoes, created_at, started_at, approval, tool, email, body, owner, lease_until,
			size, expires_at, level)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text,
			CASE WHEN $12::text IS NOT NULL THEN clock_timestamp() + make_interval(secs => $13) END, $15, $16, $17)
		RETURNING seq)
		INSERT INTO items (change, idx, outcome, target, note, into_id, names, body)
		SELECT made.seq, t.* FROM made, json_to_recordset($14::json) ` + itemRecord
	found := stored.ColumnsOf(c)
	owner := sql.NullString{String: tx.owner.name, Valid: c.Status != change.StatusAwaiting}
	_, err = tx.exec(ctx, insert, found.ID, found.Principal, found.Fingerprint, string(found.Status), found.Undoes,
		found.Created, found.Started, found.Approval, c.Tool, found.Email, body, owner, tx.owner.seconds(), items,
		len(body)+len(items), stored.Nanoseconds(c.ExpiresAt), c.Level.String())
	return err
}

// Advance implements [change.Store].
func (s *Store) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	var c change.Change
	err := s.database.update(ctx, "recording a step of a change", func(tx *transaction) (err error) {
		c, err = advance(ctx, tx, id, step)
		return err
	})
	s.owner.leases.Follow(id, step, err)
	if err != nil && !stored.IsContract(err) {
		return change.Change{}, err // c may say what was not recorded
	}
	return c, err
}

// advance takes a step, and returns the change as it is then; or as it was, with an error of the contract.
func advance(ctx context.Context, tx *transaction, id string, step change.Step) (c change.Change, err error) {
	var principal, undoes string
	err = tx.QueryRowContext(ctx, `SELECT principal, undoes FROM changes WHERE id = $1`, id).Scan(&principal, &undoes)
	if errors.Is(err, sql.ErrNoRows) {
		return c, change.ErrNotFound
	}
	if err != nil {
		return c, err
	}
	if err := tx.lockDecision(ctx, principal, undoes); err != nil {
		return c, err
	}
	h, err := lockHead(ctx, tx, id)
	if err != nil {
		return c, err
	}
	c = h.change
	if step.NeedsItems() {
		if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
			return c, err
		}
	}
	frozen := func() error { return checkFrozen(ctx, tx) }
	recent := func() (change.Recent, error) { return tx.decideOn(ctx, &c, step.At) }
	unresolved, err := c.Advance(step, h.owner.String == tx.owner.name, frozen, recent)
	if err != nil {
		return c, err
	}
	return c, storeStep(ctx, tx, h, &c, step, unresolved)
}

// storeStep stores a change that has taken a step since h was read, the outcomes that the step brought, and those that
// it left unresolved.
func storeStep(ctx context.Context, tx *transaction, h head, c *change.Change, step change.Step,
	unresolved []change.Recorded) error {
	if err := storeOutcomes(ctx, tx, h.seq, c, step.Outcomes); err != nil {
		return err
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
	tx.append(events...)
	return err
}

// storeHead stores a change without its items. The store owns one that is being applied; what people approved is
// nobody's yet.
func storeHead(ctx context.Context, tx *transaction, h head, c *change.Change) error {
	body, err := stored.HeadBody(c)
	if err != nil {
		return err
	}
	const update = `UPDATE changes SET status = $1, started_at = $2, approval = $3, body = $4,
		owner = CASE WHEN $1 = 'applying' THEN $5 WHEN $8 THEN NULL ELSE owner END,
		lease_until = CASE WHEN $1 = 'applying' THEN clock_timestamp() + make_interval(secs => $6)
			WHEN $8 THEN to_timestamp(0) ELSE lease_until END
		WHERE seq = $7`
	found := stored.ColumnsOf(c)
	_, err = tx.exec(ctx, update, string(found.Status), found.Started, found.Approval, body, tx.owner.name,
		tx.owner.seconds(), h.seq, c.Unowned())
	return err
}

// RecordJob implements [change.Store].
func (s *Store) RecordJob(ctx context.Context, id string, job change.Job) error {
	err := s.database.update(ctx, "recording a bulk job", func(tx *transaction) error {
		h, err := s.owner.lockApplying(ctx, tx, id)
		if err != nil {
			return err
		}
		h.change.RecordJob(job)
		body, err := stored.HeadBody(&h.change)
		if err != nil {
			return err
		}
		tx.append(h.change.JobEvent(job))
		_, err = tx.exec(ctx, `UPDATE changes SET body = $1 WHERE seq = $2`, body, h.seq)
		return err
	})
	return s.owner.leases.Fence(id, err)
}

// Record implements [change.Store].
func (s *Store) Record(ctx context.Context, id string, outcomes []change.Recorded) error {
	err := s.database.update(ctx, "recording outcomes", func(tx *transaction) error {
		h, err := s.owner.lockApplying(ctx, tx, id)
		if err != nil {
			return err
		}
		var items int
		const query = `SELECT coalesce(max(idx) + 1, 0) FROM items WHERE change = $1`
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
func storeOutcomes(ctx context.Context, tx *transaction, seq int64, c *change.Change,
	outcomes []change.Recorded) error {
	if len(outcomes) == 0 {
		return nil
	}
	kept, err := updateItems(ctx, tx, seq, c.ID, outcomes)
	if err != nil {
		return err
	}
	recorded, err := c.RecordedEvent(kept)
	tx.append(recorded)
	return err
}

// updateItems stores outcomes in their items, and returns them as they stand there.
func updateItems(
	ctx context.Context, tx *transaction, seq int64, id string, outcomes []change.Recorded,
) ([]change.Recorded, error) {
	indexes := make([]int, len(outcomes))
	for i, r := range outcomes {
		indexes[i] = r.Index
	}
	list, err := jsonOf(indexes)
	if err != nil {
		return nil, err
	}
	items, reader := make(map[int]*change.Item), stored.NewItemReader()
	const query = `SELECT idx, body FROM items
		WHERE change = $1 AND idx IN (SELECT value::integer FROM json_array_elements_text($2::json) AS value)`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var index int
		var body sql.RawBytes
		if err := rows.Scan(&index, &body); err != nil {
			return err
		}
		item, err := reader.Decode(body)
		items[index] = &item
		return err
	}, seq, list)
	if err != nil {
		return nil, err
	}
	kept := make([]change.Recorded, 0, len(outcomes))
	for _, r := range outcomes {
		item := items[r.Index]
		if item == nil {
			return nil, fmt.Errorf("%w: item %d of change %s is gone", change.ErrUnavailable, r.Index, id)
		}
		kept = append(kept, item.Record(r))
	}
	return kept, storeItems(ctx, tx, seq, id, items)
}

// storeItems stores items of a change in their rows.
func storeItems(ctx context.Context, tx *transaction, seq int64, id string, items map[int]*change.Item) error {
	rows := make([]itemRow, 0, len(items))
	for index, item := range items {
		row, err := rowOf(id, index, item)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	list, err := jsonOf(rows)
	if err != nil {
		return err
	}
	const update = `UPDATE items SET outcome = t.outcome, target = t.target, note = t.note, into_id = t.into_id,
		names = t.names, body = t.body FROM json_to_recordset($2::json) ` + itemRecord + `
		WHERE change = $1 AND items.idx = t.idx`
	_, err = tx.exec(ctx, update, seq, list)
	return err
}
