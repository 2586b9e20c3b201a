package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

const (
	// commitTimeout bounds how long the end of a transaction may take, whatever the context of its caller says.
	commitTimeout = 15 * time.Second
	// askAgain is how long to wait before the database is asked again what became of a transaction.
	askAgain = 200 * time.Millisecond
)

// eventRow is a row of events, as JSON for json_to_recordset.
type eventRow struct {
	Seq       int64       `json:"seq"`
	At        int64       `json:"at"`
	Kind      change.Kind `json:"kind"`
	Change    string      `json:"change"`
	Principal string      `json:"principal"`
	Tool      string      `json:"tool"`
	Body      string      `json:"body"`
	Hash      string      `json:"hash"`
}

// insertEvents stores rows of events, as JSON.
const insertEvents = `INSERT INTO events (seq, at, kind, change, principal, tool, body, hash)
	SELECT * FROM json_to_recordset($1::json) AS t (seq bigint, at bigint, kind text, change text, principal text,
		tool text, body text, hash text)`

// rowOfEvent is the row of an event whose place is known.
func rowOfEvent(e *change.Event) (eventRow, error) {
	body, err := e.Body()
	if err != nil {
		return eventRow{}, fmt.Errorf("encoding an event: %w", err)
	}
	return eventRow{e.Seq, e.Time.UnixNano(), e.Kind, plain(e.Change), plain(e.Principal), plain(e.Facts["tool"]),
		string(body), change.HashBody(body)}, nil
}

// trail is the end of the audit trail, to which the transactions of a store add what they did. It is safe for
// concurrent use.
type trail struct {
	connections *connections
	soon        *stored.Backlog // goes along with the next transaction
	watch       *watch
}

// commit puts the events of a transaction at the end of the trail, with those that wait for the next write, and ends
// the transaction; the notices that they bring are written with them. Where the answer is lost, it finds out what
// became of it.
func (t *trail) commit(ctx context.Context, tx *transaction, urgent bool) error {
	if err := tx.writeNotices(ctx, change.Notices(tx.events...)...); err != nil {
		return err
	}
	if waiting := t.soon.Take(); len(waiting)+len(tx.events) > 0 {
		err := t.commitEvents(ctx, tx, urgent, append(waiting[:len(waiting):len(waiting)], tx.events...))
		t.soon.Done(waiting, err)
		return err
	}
	return tx.finish(ctx)
}

// commitEvents is commit of some events.
func (t *trail) commitEvents(ctx context.Context, tx *transaction, urgent bool, events []change.Event) error {
	tip, err := t.lockTip(ctx, tx, urgent)
	if err != nil {
		return err
	}
	rows, entries := make([]eventRow, len(events)), []remembered{{head: tip, at: time.Now()}}
	for i, e := range events {
		e.Seq, e.Previous = tip.Seq+1, tip.Hash
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		if rows[i], err = rowOfEvent(&e); err != nil {
			return err
		}
		tip = change.Head{Seq: e.Seq, Hash: rows[i].Hash}
		entries = append(entries, remembered{tip, e.Change, time.Now()})
	}
	list, err := jsonOf(rows)
	if err != nil {
		return err
	}
	const insert = `WITH added AS (` + insertEvents + `) UPDATE tip SET seq = $2, hash = $3`
	if _, err := tx.exec(ctx, insert, list, tip.Seq, tip.Hash); err != nil {
		return err
	}
	if err := tx.finish(ctx); err != nil {
		t.connections.end(tx.conn)
		if err := t.watch.resolve(ctx, tip, err); err != nil {
			return err
		}
	}
	t.watch.add(entries...)
	return nil
}

// lockTip reads the end of the trail, which nobody else appends to until the transaction ends. Unless the write is
// urgent, it refuses a trail that lacks what the store has seen.
func (t *trail) lockTip(ctx context.Context, tx *transaction, urgent bool) (tip change.Head, err error) {
	last := t.watch.last()
	var hash sql.NullString
	const query = `SELECT seq, hash, (SELECT hash FROM events WHERE seq = $1) FROM tip FOR UPDATE`
	if err := tx.QueryRowContext(ctx, query, last.Seq).Scan(&tip.Seq, &tip.Hash, &hash); err != nil {
		return tip, err
	}
	if last.Seq > 0 && hash.String != last.Hash && !urgent {
		return tip, t.watch.check(ctx)
	}
	return tip, nil
}
