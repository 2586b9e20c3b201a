package postgres

import (
	"context"
	"database/sql"
	"errors"
	"slices"
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

// verify gives a verifier what the schema keeps.
func verify(ctx context.Context, d *database, trail *change.Verifier) error {
	v := verifier{trail}
	defer trail.Recall(nil) // the transaction is over
	return d.view(ctx, "verifying the audit trail", func(tx stored.Querier) error {
		var tip change.Head
		if err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM tip`).Scan(&tip.Seq, &tip.Hash); err != nil {
			return err
		}
		trail.Note(tip)
		for _, check := range []func(context.Context, stored.Querier) error{
			v.events, v.changes, v.gone, v.strays, v.declines, v.workspace, v.freeze,
		} {
			if err := check(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// verifier reads a schema for the verifier of its trail.
type verifier struct{ trail *change.Verifier }

// events checks the events, and that the columns by which they are found say what their bodies do.
func (v verifier) events(ctx context.Context, tx stored.Querier) error {
	var last int64
	v.trail.Recall(func(string) ([]change.Event, error) { return nil, nil }) // until changes are checked
	err := eachEvent(ctx, tx, func(found eventRow) error {
		last = found.Seq
		v.trail.Event(change.Head{Seq: found.Seq, Hash: found.Hash}, found.Body)
		e, err := change.ParseEvent(found.Body, found.Hash)
		if err != nil {
			return nil // which the verifier tells
		}
		if row, err := rowOfEvent(&e); err != nil || found.At != row.At || found.Kind != row.Kind ||
			found.Change != row.Change || found.Principal != row.Principal || found.Tool != row.Tool {
			v.trail.MisplacedEvent(found.Seq)
		}
		return nil
	})
	v.trail.End(last) // or at the tip, which is noted
	return err
}

// verifiedAtOnce is how many changes are read with their items at a time.
const verifiedAtOnce = 50

// foundChange is a row of changes.
type foundChange struct {
	seq     int64
	columns stored.Columns
	tool    string
	stop    change.StopRequest
	change  change.Change
	inPlace bool // its items are
}

// changes checks each change, and that the columns by which it and its items are found say what their bodies do.
func (v verifier) changes(ctx context.Context, tx stored.Querier) error {
	const query = `SELECT seq, id, principal, effect, status, created_at, started_at, approval, undoes, forgotten, tool,
		email, coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2`
	for after := int64(0); ; {
		var page []foundChange
		err := stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
			f := foundChange{inPlace: true}
			var body []byte
			err := rows.Scan(&f.seq, &f.columns.ID, &f.columns.Principal, &f.columns.Fingerprint, &f.columns.Status,
				&f.columns.Created, &f.columns.Started, &f.columns.Approval, &f.columns.Undoes, &f.columns.Purged, &f.tool,
				&f.columns.Email, &f.stop.By, &f.stop.Reason, &body)
			if err != nil {
				return err
			}
			err = stored.Decode(body, &f.change)
			page = append(page, f)
			return err
		}, after, verifiedAtOnce)
		if err != nil || len(page) == 0 {
			return err
		}
		if err := v.items(ctx, tx, page); err != nil {
			return err
		}
		if err := v.recall(ctx, tx, page); err != nil {
			return err
		}
		for i := range page {
			if err := v.change(&page[i]); err != nil {
				return err
			}
		}
		after = page[len(page)-1].seq
	}
}

// recall reads the events of some changes for when these are checked.
func (v verifier) recall(ctx context.Context, tx stored.Querier, page []foundChange) error {
	ids := make([]string, len(page))
	for i := range page {
		ids[i] = page[i].columns.ID
	}
	list, err := jsonOf(ids)
	if err != nil {
		return err
	}
	of := make(map[string][]change.Event)
	const query = `SELECT body, hash FROM events
		WHERE change IN (SELECT value FROM json_array_elements_text($1::json) AS value) ORDER BY seq`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var body, hash string
		if err := rows.Scan(&body, &hash); err != nil {
			return err
		}
		if e, err := change.ParseEvent(body, hash); err == nil { // else the check of the trail has told
			of[e.Change] = append(of[e.Change], e)
		}
		return nil
	}, list)
	v.trail.Recall(func(id string) ([]change.Event, error) { return of[id], nil })
	return err
}

// gone finds the changes of which there are only events.
func (v verifier) gone(ctx context.Context, tx stored.Querier) error {
	if !v.trail.LacksChanges() {
		return nil
	}
	const query = `SELECT DISTINCT change FROM events WHERE kind = 'planned'
		AND NOT EXISTS (SELECT FROM changes WHERE id = events.change) ORDER BY change`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		if err == nil {
			v.trail.Gone(id)
		}
		return err
	})
}

// change checks a change with its items.
func (v verifier) change(f *foundChange) error {
	c := &f.change
	if f.columns != columnsOf(c) || f.tool != c.Tool {
		v.trail.Misplaced(f.columns.ID)
	}
	if !f.inPlace {
		v.trail.MisplacedItems(f.columns.ID)
	}
	c.ID = f.columns.ID
	return v.trail.Change(c, f.stop)
}

// items reads the items of some changes, and checks the columns by which they are found.
func (v verifier) items(ctx context.Context, tx stored.Querier, page []foundChange) error {
	places, seqs := make(map[int64]*foundChange), make([]int64, len(page))
	for i := range page {
		places[page[i].seq], seqs[i] = &page[i], page[i].seq
	}
	list, err := jsonOf(seqs)
	if err != nil {
		return err
	}
	const query = `SELECT change, idx, outcome, target, note, into_id, to_json(names), body FROM items
		WHERE change IN (SELECT value::bigint FROM json_array_elements_text($1::json) AS value) ORDER BY change, idx`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var seq int64
		var names, body []byte
		var found itemRow
		err := rows.Scan(&seq, &found.Index, &found.Outcome, &found.Target, &found.Note, &found.Into, &names, &body)
		if err != nil {
			return err
		}
		if err := stored.Decode(names, &found.Names); err != nil {
			return err
		}
		var item change.Item
		if err := stored.Decode(body, &item); err != nil {
			return err
		}
		of := places[seq]
		row, err := rowOf(of.columns.ID, found.Index, &item)
		of.inPlace = of.inPlace && found.Index == len(of.change.Items) && found.Outcome == row.Outcome &&
			found.Target == row.Target && found.Note == row.Note && found.Into == row.Into &&
			slices.Equal(found.Names, row.Names)
		of.change.Items = append(of.change.Items, item)
		return err
	}, list)
}

// strays finds items that are of no change.
func (v verifier) strays(ctx context.Context, tx stored.Querier) error {
	var n int
	const query = `SELECT count(*) FROM items WHERE NOT EXISTS (SELECT FROM changes WHERE seq = items.change)`
	err := tx.QueryRowContext(ctx, query).Scan(&n)
	if err == nil && n > 0 {
		v.trail.Strays(n)
	}
	return err
}

func (v verifier) declines(ctx context.Context, tx stored.Querier) error {
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

func (v verifier) freeze(ctx context.Context, tx stored.Querier) error {
	f, _, err := readFreeze(ctx, tx)
	if err == nil {
		v.trail.Freeze(f)
	}
	return err
}

func (v verifier) workspace(ctx context.Context, tx stored.Querier) error {
	var name string
	err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT name FROM workspace), '')`).Scan(&name)
	if err == nil {
		v.trail.Workspace(name)
	}
	return err
}
