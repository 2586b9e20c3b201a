package sqlite

import (
	"context"
	"database/sql"
	"math"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Transfer gives a receiver what the file keeps, as it is at one moment, and returns the head of the trail then.
func (s *Store) Transfer(ctx context.Context, into change.Receiver) (head change.Head, err error) {
	err = s.database.view(ctx, "reading the file", func(tx *sql.Tx) error {
		name, err := readWorkspace(ctx, tx)
		if err == nil && name != "" {
			err = into.Workspace(ctx, name)
		}
		if err != nil {
			return err
		}
		f, frozen, err := readFreeze(ctx, tx)
		if err == nil && frozen {
			err = into.Freeze(ctx, f)
		}
		if err != nil {
			return err
		}
		for _, transfer := range []func(context.Context, *sql.Tx, change.Receiver) error{transferEvents, transferChanges,
			transferDeclines} {
			if err := transfer(ctx, tx, into); err != nil {
				return err
			}
		}
		head, err = lastEvent(ctx, tx)
		return err
	})
	return head, err
}

func transferEvents(ctx context.Context, tx *sql.Tx, into change.Receiver) error {
	return giveEvents(ctx, tx, math.MaxInt64, into)
}

// giveEvents gives a receiver the events up to one, in order.
func giveEvents(ctx context.Context, tx *sql.Tx, last int64, into change.CutReceiver) error {
	const query = `SELECT seq, body, hash FROM events WHERE seq <= ? ORDER BY seq`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		at, body, err := stored.ScanBody(rows.Scan)
		if err != nil {
			return err
		}
		return into.Event(ctx, at, body)
	}, last)
}

func transferChanges(ctx context.Context, tx *sql.Tx, into change.Receiver) error {
	const query = `SELECT seq, coalesce(stop_by, ''), coalesce(stop_reason, ''), body FROM changes ORDER BY seq`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error { return giveChange(ctx, tx, rows, into) })
}

// giveChange gives a receiver the change of a row, with its items.
func giveChange(ctx context.Context, tx *sql.Tx, rows *sql.Rows, into change.CutReceiver) error {
	var seq int64
	var stop change.StopRequest
	var body []byte
	var c change.Change
	if err := rows.Scan(&seq, &stop.By, &stop.Reason, &body); err != nil {
		return err
	}
	if err := stored.Decode(body, &c); err != nil {
		return err
	}
	var err error
	if c.Items, err = readItems(ctx, tx, seq); err != nil {
		return err
	}
	return into.Change(ctx, &c, stop)
}

func transferDeclines(ctx context.Context, tx *sql.Tx, into change.Receiver) error {
	return stored.EachRow(ctx, tx, `SELECT principal, at, place, value FROM declines`, func(rows *sql.Rows) error {
		var principal string
		var at int64
		var key change.DeclineKey
		if err := rows.Scan(&principal, &at, &key.Place, &key.Value); err != nil {
			return err
		}
		return into.Decline(ctx, principal, time.Unix(0, at), key)
	})
}
