package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"intercom-mcp/policy/change"
)

// Append implements [change.Store].
func (s *Store) Append(ctx context.Context, events ...change.Event) error {
	return s.update(ctx, "recording events", func(tx *connection) error { return appendEvents(ctx, tx, events...) })
}

// appendEvents puts events at the end of the trail: each holds the hash of the one before. The transaction has the
// write lock, so that no other gets between.
func appendEvents(ctx context.Context, tx *connection, events ...change.Event) error {
	head := tx.head
	for _, e := range events {
		e.Seq, e.Previous = head.Seq+1, head.Hash
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		body, err := e.Body()
		if err != nil {
			return fmt.Errorf("encoding an event: %w", err)
		}
		head = change.Head{Seq: e.Seq, Hash: change.HashBody(body)}
		const insert = `INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, head.Seq, string(body), head.Hash); err != nil {
			return err
		}
	}
	tx.sums.follow(tx.head.Seq, events)
	tx.head = head
	return nil
}

// Events yields the events of the trail since a time, oldest first, as they were when the iteration began. An error
// ends it.
func (s *Store) Events(ctx context.Context, since time.Time) iter.Seq2[change.Event, error] {
	return func(yield func(change.Event, error) bool) {
		err := s.view(ctx, "reading the audit trail", func(tx *sql.Tx) error {
			const query = `SELECT body, hash FROM events WHERE body ->> 'time' >= ? ORDER BY seq`
			rows, err := tx.QueryContext(ctx, query, since.UTC().Format(change.EventTime))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var body, hash string
				if err := rows.Scan(&body, &hash); err != nil {
					return err
				}
				e, err := change.ParseEvent(body, hash)
				if err != nil {
					return err
				}
				if !yield(e, nil) {
					return nil
				}
			}
			return rows.Err()
		})
		if err != nil {
			yield(change.Event{}, err)
		}
	}
}
