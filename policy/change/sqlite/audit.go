package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"intercom-mcp/policy/change"
)

// Append implements [change.Store].
func (s *Store) Append(ctx context.Context, events ...change.Event) error {
	return s.update(ctx, "recording events", func(tx *sql.Tx) error { return appendEvents(ctx, tx, events...) })
}

// appendEvents puts events at the end of the trail: each holds the hash of the one before. The transaction has the
// write lock, so that no other gets between.
func appendEvents(ctx context.Context, tx *sql.Tx, events ...change.Event) error {
	var seq int64
	var previous string
	err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1`).Scan(&seq, &previous)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, e := range events {
		seq++
		e.Seq, e.Previous = seq, previous
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		body, err := e.Body()
		if err != nil {
			return fmt.Errorf("encoding an event: %w", err)
		}
		previous = change.HashBody(body)
		_, err = tx.ExecContext(ctx, `INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)`, seq, string(body), previous)
		if err != nil {
			return err
		}
	}
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
