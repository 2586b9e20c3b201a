package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// VerifyAudit checks the whole trail and everything that the file keeps, as [change.Verifier] describes, and returns
// the head of the trail. What is wrong it returns as errors that are [change.ErrTampered], joined. Heads that were
// noted elsewhere may be given.
func (s *Store) VerifyAudit(ctx context.Context, noted ...change.Head) (change.Verified, error) {
	v := change.NewVerifier(noted...)
	err := verify(ctx, s.database, v)
	found, problems := v.Finish()
	return found, errors.Join(err, problems)
}

// verify gives a verifier what the file keeps.
func verify(ctx context.Context, d *database, trail *change.Verifier) error {
	v := verifier{trail}
	return d.view(ctx, "verifying the audit trail", func(tx *sql.Tx) error {
		for _, check := range []func(context.Context, *sql.Tx) error{v.events, v.changes, v.strays, v.declines, v.workspace,
			v.freeze} {
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
	err := eachRow(ctx, tx, `SELECT seq, body, hash FROM events ORDER BY seq`, func(rows *sql.Rows) error {
		var at change.Head
		var body string
		err := rows.Scan(&at.Seq, &body, &at.Hash)
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

// changes checks each change, and that the columns by which it and its items are found say what their bodies do.
func (v verifier) changes(ctx context.Context, tx *sql.Tx) error {
	const query = `SELECT seq, id, principal, effect, status, created_at, started_at, approval, undoes, forgotten,
		coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes ORDER BY seq`
	return eachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var seq int64
		var found stored.Columns
		var stop change.StopRequest
		var body []byte
		err := rows.Scan(&seq, &found.ID, &found.Principal, &found.Fingerprint, &found.Status, &found.Created,
			&found.Started, &found.Approval, &found.Undoes, &found.Purged, &stop.By, &stop.Reason, &body)
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
	err := eachRow(ctx, tx, query, func(rows *sql.Rows) error {
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
	return eachRow(ctx, tx, `SELECT principal, at, place, value FROM declines`, func(rows *sql.Rows) error {
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
