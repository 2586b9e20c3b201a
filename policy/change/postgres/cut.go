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

// cuts implements [change.Cuts] in the tables of events and changes.
type cuts struct{ database *database }

// Verify implements [change.Cuts].
func (c cuts) Verify(ctx context.Context, v *change.Verifier) error {
	return verify(ctx, c.database, v)
}

// Oldest implements [change.Cuts].
func (c cuts) Oldest(ctx context.Context, before time.Time, into change.CutReceiver) (cut change.Cut, err error) {
	err = c.database.view(ctx, "reading what is old", func(tx stored.Querier) error {
		entries, err := readCutEntries(ctx, tx, before)
		if err != nil {
			return err
		}
		if cut = change.CutOf(entries, before, time.Now()); cut.From == 0 {
			return nil
		}
		if err := tx.QueryRowContext(ctx, `SELECT seq FROM tip`).Scan(&cut.Seen); err != nil {
			return err
		}
		return giveCut(ctx, tx, &cut, into)
	})
	return cut, err
}

// errEnough ends a query of which enough was read.
var errEnough = errors.New("enough")

// readCutEntries reads what is to be known of the first events, up to one that happened at a time or later.
func readCutEntries(ctx context.Context, tx stored.Querier, before time.Time) (entries []change.CutEntry, err error) {
	const query = `SELECT e.seq, e.hash, e.at, CASE WHEN e.kind = 'planned' THEN e.change ELSE '' END,
			coalesce(c.status, 'awaiting'), coalesce(c.body::json ->> 'EndedAt', ''),
			(SELECT count(*) FROM items WHERE items.change = c.seq),
			EXISTS (SELECT FROM changes AS u WHERE u.undoes <> '' AND u.undoes = c.id
				AND u.status IN ('awaiting', 'approved', 'applying'))
		FROM (SELECT seq, hash, at, kind, change FROM events ORDER BY seq LIMIT $1) AS e
		LEFT JOIN changes AS c ON e.kind = 'planned' AND c.id = e.change ORDER BY e.seq`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var e change.CutEntry
		var at int64
		var ended string
		var status change.Status
		err := rows.Scan(&e.At.Seq, &e.At.Hash, &at, &e.Change, &status, &ended, &e.Items, &e.Undoing)
		if err != nil {
			return err
		}
		if e.Time = time.Unix(0, at); !e.Time.Before(before) {
			return errEnough
		}
		if e.Ended = status.Ended(); ended != "" {
			e.EndedAt, err = time.Parse(time.RFC3339Nano, ended)
		}
		entries = append(entries, e)
		return err
	}, change.MaxCutEvents+1)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return entries, err
}

// cutAtOnce is how many changes are read at a time.
const cutAtOnce = 500

// giveCut gives a receiver the events of a cut, and its changes.
func giveCut(ctx context.Context, tx stored.Querier, cut *change.Cut, into change.CutReceiver) error {
	const events = `SELECT seq, body, hash FROM events WHERE seq <= $1 ORDER BY seq`
	err := stored.EachRow(ctx, tx, events, func(rows *sql.Rows) error {
		at, body, err := stored.ScanBody(rows.Scan)
		if err != nil {
			return err
		}
		return into.Event(ctx, at, body)
	}, cut.To.Seq)
	if err != nil {
		return err
	}
	for ids := range slices.Chunk(cut.Changes, cutAtOnce) {
		if err := giveChanges(ctx, tx, ids, into); err != nil {
			return err
		}
	}
	return nil
}

// giveChanges gives a receiver some changes, with their items.
func giveChanges(ctx context.Context, tx stored.Querier, ids []string, into change.CutReceiver) error {
	list, err := jsonOf(ids)
	if err != nil {
		return err
	}
	type found struct {
		seq    int64
		stop   change.StopRequest
		change change.Change
	}
	var page []found
	const query = `SELECT seq, coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes ` + whereCut +
		` ORDER BY seq`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var f found
		var body []byte
		if err := rows.Scan(&f.seq, &f.stop.By, &f.stop.Reason, &body); err != nil {
			return err
		}
		err := stored.Decode(body, &f.change)
		page = append(page, f)
		return err
	}, list)
	if err != nil {
		return err
	}
	for i := range page {
		if page[i].change.Items, err = readItems(ctx, tx, page[i].seq); err != nil {
			return err
		}
		if err := into.Change(ctx, &page[i].change, page[i].stop); err != nil {
			return err
		}
	}
	return nil
}

// whereCut selects the changes whose ids are in a JSON list.
const whereCut = `WHERE id IN (SELECT json_array_elements_text($1::json))`

// Remove implements [change.Cuts]. It locks the changes before it looks whether anything has happened to them.
func (c cuts) Remove(ctx context.Context, cut change.Cut, to change.Exported) error {
	return c.database.update(ctx, "cutting off the beginning of the trail", func(tx *transaction) error {
		list, err := jsonOf(cut.Changes)
		if err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `SELECT FROM changes `+whereCut+` ORDER BY seq FOR UPDATE`, list); err != nil {
			return err
		}
		if err := checkCut(ctx, tx, &cut); err != nil {
			return err
		}
		if err := dropDeclines(ctx, tx, list); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM items WHERE change IN (SELECT seq FROM changes ` + whereCut + `)`,
			`DELETE FROM requests WHERE change IN (SELECT json_array_elements_text($1::json))`,
			`DELETE FROM changes ` + whereCut,
		} {
			if _, err := tx.exec(ctx, query, list); err != nil {
				return err
			}
		}
		if _, err := tx.exec(ctx, `SELECT set_config('intercom_mcp.cutting', 'yes', true)`); err != nil {
			return err
		}
		if _, err := tx.exec(ctx, `DELETE FROM events WHERE seq <= $1`, cut.To.Seq); err != nil {
			return err
		}
		return appendCut(ctx, tx, &cut, to)
	})
}

// checkCut makes sure that what is to be cut is as it was read.
func checkCut(ctx context.Context, tx stored.Querier, cut *change.Cut) error {
	var first int64
	var hash string
	const bounds = `SELECT coalesce((SELECT min(seq) FROM events), 0), coalesce((SELECT hash FROM events WHERE seq = $1), '')`
	if err := tx.QueryRowContext(ctx, bounds, cut.To.Seq).Scan(&first, &hash); err != nil {
		return err
	}
	since, err := stored.Events(ctx, tx, `SELECT body, hash FROM events WHERE seq > $1 ORDER BY seq`, cut.Seen)
	if err != nil {
		return err
	}
	const open = `SELECT undoes FROM changes WHERE undoes <> '' AND status IN ('awaiting', 'approved', 'applying')`
	undoing, err := stored.Texts(ctx, tx, open)
	if err != nil {
		return err
	}
	return cut.MayCut(first, hash, since, undoing)
}

// dropDeclines drops what the store keeps of those changes of a JSON list that were declined.
func dropDeclines(ctx context.Context, tx *transaction, list string) error {
	heads, err := queryHeads(ctx, tx, selectHead+whereCut+` AND status = 'declined'`, list)
	if err != nil {
		return err
	}
	for _, h := range heads {
		const forget = `DELETE FROM declines WHERE principal = $1 AND at = $2`
		if _, err := tx.exec(ctx, forget, h.change.Principal, h.change.EndedAt.UnixNano()); err != nil {
			return err
		}
	}
	return nil
}

// appendCut has the trail record a cut. It holds the end of the trail first, so that nobody records a freeze before it
// that it does not know.
func appendCut(ctx context.Context, tx *transaction, cut *change.Cut, to change.Exported) error {
	var workspace string
	const query = `SELECT coalesce((SELECT name FROM workspace), '')`
	if _, err := tx.exec(ctx, `SELECT FROM tip FOR UPDATE`); err != nil {
		return err
	}
	if err := tx.QueryRowContext(ctx, query).Scan(&workspace); err != nil {
		return err
	}
	freeze, _, err := readFreeze(ctx, tx)
	if err != nil {
		return err
	}
	tx.append(cut.Event(to, workspace, freeze))
	return nil
}

// readLastCut reads the latest cut that the trail tells of; nil where it tells of none.
func readLastCut(ctx context.Context, tx stored.Querier) (*change.CutRecord, error) {
	const query = `SELECT body, hash FROM events WHERE kind = 'cut' ORDER BY seq DESC LIMIT 1`
	e, err := stored.ScanEvent(tx.QueryRowContext(ctx, query).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	cut, err := e.Cut()
	return &cut, err
}
