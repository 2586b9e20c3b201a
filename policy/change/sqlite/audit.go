package sqlite

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// Append implements [change.Store].
func (s *Store) Append(ctx context.Context, events ...change.Event) error {
	return s.database.update(ctx, "recording events",
		func(tx *connection) error { return appendEvents(ctx, tx, events...) })
}

// AppendSoon implements [change.Store].
func (s *Store) AppendSoon(events ...change.Event) error { return s.database.writer.soon.Add(events) }

// appendEvents puts events at the end of the trail: each holds the hash of the one before. The transaction has the
// write lock, so that no other gets between. The notices that they bring are written with them.
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
	return writeNotices(ctx, tx, change.Notices(events...)...)
}
