package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"intercom-mcp/policy/change"
)

const (
	// commitTimeout bounds how long the end of a transaction may take, whatever the context of its caller says.
	commitTimeout = 15 * time.Second
	// askAgain is how long to wait before the database is asked again what became of a transaction.
	askAgain = 200 * time.Millisecond
)

// Append implements [change.Store].
func (s *Store) Append(ctx context.Context, events ...change.Event) error {
	return s.update(ctx, "recording events", func(tx *transaction) error {
		tx.append(events...)
		return nil
	})
}

// AppendSoon implements [change.Store].
func (s *Store) AppendSoon(events ...change.Event) error { return s.soon.Add(events) }

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

// commit puts the transaction's events at the end of the trail, with those that wait for the next write, and ends the
// transaction; the notices that they bring are written with them. Where the answer is lost, it finds out what became of
// it.
func (t *transaction) commit(ctx context.Context, urgent bool) error {
	if err := t.writeNotices(ctx, change.Notices(t.events...)...); err != nil {
		return err
	}
	if waiting := t.store.soon.Take(); len(waiting)+len(t.events) > 0 {
		err := t.commitEvents(ctx, urgent, append(waiting[:len(waiting):len(waiting)], t.events...))
		t.store.soon.Done(waiting, err)
		return err
	}
	return t.finish(ctx)
}

// finish ends the transaction.
func (t *transaction) finish(ctx context.Context) error {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer enough()
	err := t.conn.Raw(func(raw any) error {
		_, err := raw.(*wire).script(ctx, `COMMIT`)
		return err
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %s does not answer within %s", change.ErrUnavailable, t.store.place, commitTimeout)
	}
	return err
}

// commitEvents is commit of some events.
func (t *transaction) commitEvents(ctx context.Context, urgent bool, events []change.Event) error {
	tip, err := t.lockTip(ctx, urgent)
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
	if _, err := t.exec(ctx, insert, list, tip.Seq, tip.Hash); err != nil {
		return err
	}
	if err := t.finish(ctx); err != nil {
		t.store.end(t.conn)
		if err := t.store.resolve(ctx, tip, err); err != nil {
			return err
		}
	}
	t.store.seen.add(entries...)
	return nil
}

// lockTip reads the end of the trail, which nobody else appends to until the transaction ends. Unless the write is
// urgent, it refuses a trail that lacks what the store has seen.
func (t *transaction) lockTip(ctx context.Context, urgent bool) (tip change.Head, err error) {
	last := t.store.seen.last()
	var hash sql.NullString
	const query = `SELECT seq, hash, (SELECT hash FROM events WHERE seq = $1) FROM tip FOR UPDATE`
	if err := t.QueryRowContext(ctx, query, last.Seq).Scan(&tip.Seq, &tip.Hash, &hash); err != nil {
		return tip, err
	}
	if last.Seq > 0 && hash.String != last.Hash && !urgent {
		return tip, t.store.checkLoss(ctx)
	}
	return tip, nil
}

// errUnsettled tells that nobody knows what became of a transaction.
var errUnsettled = errors.New("whether it was recorded is not known: the database does not answer")

// resolve finds out whether a transaction was committed that put head at the end of the trail, and of which the answer
// is lost; cause says how. It returns nil where it was.
func (s *Store) resolve(ctx context.Context, head change.Head, cause error) error {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer enough()
	for {
		found, err := s.holds(ctx, head)
		switch {
		case err == nil && found:
			return nil
		case err == nil:
			return cause
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w: %w", change.ErrUnavailable, errUnsettled, cause)
		case <-time.After(askAgain):
		}
	}
}

// holds reports whether the trail holds an event. It waits for whoever is about to append to the trail.
func (s *Store) holds(ctx context.Context, head change.Head) (bool, error) {
	conn, _, err := s.begin(ctx, s.beat, beginWrite)
	if err != nil {
		return false, err
	}
	defer s.end(conn)
	if err := conn.QueryRowContext(ctx, `SELECT FROM tip FOR UPDATE`).Scan(); err != nil {
		return false, err
	}
	var found bool
	const query = `SELECT EXISTS (SELECT FROM events WHERE seq = $1 AND hash = $2)`
	err = conn.QueryRowContext(ctx, query, head.Seq, head.Hash).Scan(&found)
	return found, err
}

// decimal writes a number as SQL has it.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
