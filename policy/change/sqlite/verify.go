package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// VerifyAudit implements [change.Durable].
func (s *Store) VerifyAudit(ctx context.Context, noted ...change.Head) (change.Verified, error) {
	v := change.NewVerifier(noted...)
	err := verify(ctx, s.database, v)
	found, problems := v.Finish()
	return found, errors.Join(err, problems)
}

// verify gives a verifier what the file keeps.
func verify(ctx context.Context, d *database, trail *change.Verifier) error {
	v := verifier{trail}
	defer trail.Recall(nil) // the transaction is over
	return d.view(ctx, "verifying the audit trail", func(tx *sql.Tx) error {
		for _, check := range []func(context.Context, *sql.Tx) error{
			v.events, v.changes, v.gone, v.strays, v.declines, v.workspace, v.freeze,
		} {
			if err := check(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// verifier reads a file for the verifier of its trail.
type verifier struct{ trail *change.Verifier }

func (v verifier) events(ctx context.Context, tx *sql.Tx) error {
	v.trail.Recall(func(id string) ([]change.Event, error) { return eventsOf(ctx, tx, id) })
	err := stored.EachRow(ctx, tx, `SELECT seq, body, hash FROM events ORDER BY seq`, func(rows *sql.Rows) error {
		at, body, err := stored.ScanBody(rows.Scan)
		if err == nil {
			v.trail.Event(at, body)
		}
		return err
	})
	if err != nil {
		return err
	}
	var highest int64
	err = tx.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = 'events'`).Scan(&highest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	v.trail.End(highest)
	return nil
}

// eventsOf reads the events of a change, in order.
func eventsOf(ctx context.Context, tx *sql.Tx, id string) (list []change.Event, err error) {
	err = stored.EachRow(ctx, tx, `SELECT body, hash FROM events WHERE `+ofChange+` ORDER BY seq`, func(rows *sql.Rows) error {
		var body, hash string
		if err := rows.Scan(&body, &hash); err != nil {
			return err
		}
		if e, err := change.ParseEvent(body, hash); err == nil { // else the check of the trail has told
			list = append(list, e)
		}
		return nil
	}, id)
	return list, err
}

// gone finds the changes of which there are only events.
func (v verifier) gone(ctx context.Context, tx *sql.Tx) error {
	if !v.trail.LacksChanges() {
		return nil
	}
	const query = `SELECT DISTINCT body ->> 'change' FROM events WHERE json_valid(body) AND body ->> 'kind' = 'planned'
		AND NOT EXISTS (SELECT 1 FROM changes WHERE id = events.body ->> 'change')`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		if err == nil {
			v.trail.Gone(id)
		}
		return err
	})
}

// changes checks each change, and that the columns by which it and its items are found say what their bodies do.
func (v verifier) changes(ctx context.Context, tx *sql.Tx) error {
	const query = `SELECT seq, id, principal, effect, status, created_at, started_at, approval, undoes, forgotten,
		email, coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes ORDER BY seq`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var seq int64
		var found stored.Columns
		var stop change.StopRequest
		var body []byte
		err := rows.Scan(&seq, &found.ID, &found.Principal, &found.Fingerprint, &found.Status, &found.Created,
			&found.Started, &found.Approval, &found.Undoes, &found.Purged, &found.Email, &stop.By, &stop.Reason,
			&body)
		if err != nil {
			return err
		}
		var c change.Change
		if err := stored.Decode(body, &c); err != nil {
			return err
		}
		if found != stored.ColumnsOf(&c) {
			v.trail.Misplaced(found.ID)
		}
		c.ID = found.ID
		if err := v.items(ctx, tx, seq, &c); err != nil {
			return err
		}
		return v.trail.Change(&c, stop)
	})
}

// items reads the items of a change, and checks the columns by which they are found.
func (v verifier) items(ctx context.Context, tx *sql.Tx, seq int64, c *change.Change) error {
	inPlace := true
	const query = `SELECT idx, outcome, target, body FROM items WHERE change = ? ORDER BY idx`
	err := stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var index int
		var outcome change.Outcome
		var target string
		var body []byte
		if err := rows.Scan(&index, &outcome, &target, &body); err != nil {
			return err
		}
		var item change.Item
		if err := stored.Decode(body, &item); err != nil {
			return err
		}
		inPlace = inPlace && index == len(c.Items) && outcome == item.Outcome && target == item.Target(c.ID, index)
		c.Items = append(c.Items, item)
		return nil
	}, seq)
	if err == nil && !inPlace {
		v.trail.MisplacedItems(c.ID)
	}
	return err
}

// strays finds items that are of no change.
func (v verifier) strays(ctx context.Context, tx *sql.Tx) error {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM items WHERE change NOT IN (SELECT seq FROM changes)`).Scan(&n)
	if err == nil && n > 0 {
		v.trail.Strays(n)
	}
	return err
}

func (v verifier) declines(ctx context.Context, tx *sql.Tx) error {
	return stored.EachRow(ctx, tx, `SELECT principal, at, place, value FROM declines`, func(rows *sql.Rows) error {
		var principal string
		var at int64
		var key change.DeclineKey
		err := rows.Scan(&principal, &at, &key.Place, &key.Value)
		if err == nil {
			v.trail.Decline(principal, time.Unix(0, at), key)
		}
		return err
	})
}

func (v verifier) freeze(ctx context.Context, tx *sql.Tx) error {
	f, _, err := readFreeze(ctx, tx)
	if err == nil {
		v.trail.Freeze(f)
	}
	return err
}

func (v verifier) workspace(ctx context.Context, tx *sql.Tx) error {
	name, err := readWorkspace(ctx, tx)
	if err == nil {
		v.trail.Workspace(name)
	}
	return err
}
