package sqlite

import (
	"context"
	"database/sql"
	"errors"
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
	if c.database.file.missing() {
		return cut, ctx.Err()
	}
	err = c.database.view(ctx, "reading what is old", func(tx *sql.Tx) error {
		entries, err := readCutEntries(ctx, tx, before)
		if err != nil {
			return err
		}
		if cut = change.CutOf(entries, before, time.Now()); cut.From == 0 {
			return nil
		}
		last, err := lastEvent(ctx, tx)
		if err != nil {
			return err
		}
		cut.Seen = last.Seq
		return giveCut(ctx, tx, &cut, into)
	})
	return cut, err
}

// errEnough ends a query of which enough was read.
var errEnough = errors.New("enough")

// readCutEntries reads what is to be known of the first events, up to one that happened at a time or later.
func readCutEntries(ctx context.Context, tx *sql.Tx, before time.Time) (entries []change.CutEntry, err error) {
	const query = `SELECT e.seq, e.hash, e.body ->> 'time', CASE WHEN e.body ->> 'kind' = 'planned' THEN e.body ->> 'change'
			ELSE '' END, coalesce(c.status, 'awaiting'), coalesce(c.body ->> '$.EndedAt', ''),
			(SELECT count(*) FROM items WHERE items.change = c.seq),
			EXISTS (SELECT 1 FROM changes AS u WHERE u.undoes <> '' AND u.undoes = c.id
				AND u.status IN ('awaiting', 'approved', 'applying'))
		FROM (SELECT seq, hash, body FROM events ORDER BY seq LIMIT ?) AS e
		LEFT JOIN changes AS c ON e.body ->> 'kind' = 'planned' AND c.id = e.body ->> 'change' ORDER BY e.seq`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var e change.CutEntry
		var at, ended string
		var status change.Status
		err := rows.Scan(&e.At.Seq, &e.At.Hash, &at, &e.Change, &status, &ended, &e.Items, &e.Undoing)
		if err != nil {
			return err
		}
		if e.Time, err = time.Parse(change.EventTime, at); err != nil {
			return err
		}
		if !e.Time.Before(before) {
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

// giveCut gives a receiver the events of a cut, and its changes.
func giveCut(ctx context.Context, tx *sql.Tx, cut *change.Cut, into change.CutReceiver) error {
	if err := giveEvents(ctx, tx, cut.To.Seq, into); err != nil {
		return err
	}
	list, err := stored.Encode(cut.Changes)
	if err != nil {
		return err
	}
	const changes = `SELECT seq, coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes ` + whereCut +
		` ORDER BY seq`
	return stored.EachRow(ctx, tx, changes, func(rows *sql.Rows) error { return giveChange(ctx, tx, rows, into) }, list)
}

// whereCut selects the changes whose ids are in a JSON list.
const whereCut = `WHERE id IN (SELECT value FROM json_each(?))`

// Remove implements [change.Cuts].
func (c cuts) Remove(ctx context.Context, cut change.Cut, to change.Exported) error {
	return c.database.update(ctx, "cutting off the beginning of the trail", func(tx *connection) error {
		if err := checkCut(ctx, tx, &cut); err != nil {
			return err
		}
		list, err := stored.Encode(cut.Changes)
		if err != nil {
			return err
		}
		if err := dropDeclines(ctx, tx, list); err != nil {
			return err
		}
		for _, query := range []string{
			`DELETE FROM items WHERE change IN (SELECT seq FROM changes ` + whereCut + `)`,
			`DELETE FROM requests WHERE change IN (SELECT value FROM json_each(?))`,
			`DELETE FROM changes ` + whereCut,
		} {
			if _, err := tx.ExecContext(ctx, query, list); err != nil {
				return err
			}
		}
		err = withoutTrigger(ctx, tx, "events_are_not_deleted", func() error {
			_, err := tx.ExecContext(ctx, `DELETE FROM events WHERE seq <= ?`, cut.To.Seq)
			return err
		})
		if err != nil {
			return err
		}
		return appendCut(ctx, tx, &cut, to)
	})
}

// checkCut makes sure that what is to be cut is as it was read.
func checkCut(ctx context.Context, tx *connection, cut *change.Cut) error {
	var first int64
	var hash string
	const bounds = `SELECT coalesce((SELECT min(seq) FROM events), 0), coalesce((SELECT hash FROM events WHERE seq = ?), '')`
	if err := tx.QueryRowContext(ctx, bounds, cut.To.Seq).Scan(&first, &hash); err != nil {
		return err
	}
	since, err := stored.Events(ctx, tx, `SELECT body, hash FROM events WHERE seq > ? ORDER BY seq`, cut.Seen)
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
func dropDeclines(ctx context.Context, tx *connection, list string) error {
	heads, err := queryHeads(ctx, tx, selectHead+whereCut+` AND status = 'declined'`, list)
	if err != nil {
		return err
	}
	for _, h := range heads {
		const forget = `DELETE FROM declines WHERE principal = ? AND at = ?`
		if _, err := tx.ExecContext(ctx, forget, h.change.Principal, h.change.EndedAt.UnixNano()); err != nil {
			return err
		}
	}
	return nil
}

// appendCut records a cut at the end of the trail.
func appendCut(ctx context.Context, tx *connection, cut *change.Cut, to change.Exported) error {
	workspace, err := readWorkspace(ctx, tx)
	if err != nil {
		return err
	}
	freeze, _, err := readFreeze(ctx, tx)
	if err != nil {
		return err
	}
	return appendEvents(ctx, tx, cut.Event(to, workspace, freeze))
}

// readLastCut reads the latest cut that the trail tells of; nil where it tells of none.
func readLastCut(ctx context.Context, tx stored.Querier) (*change.CutRecord, error) {
	const query = `SELECT body, hash FROM events WHERE json_valid(body) AND body ->> 'kind' = 'cut'
		ORDER BY seq DESC LIMIT 1`
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
