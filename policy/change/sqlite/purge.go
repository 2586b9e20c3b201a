package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// PurgeValues implements [change.Store]. Each change is purged in a transaction of its own, so that nobody waits long
// for the file.
func (s *Store) PurgeValues(ctx context.Context, before time.Time) (int, error) {
	if s.database.file.missing() {
		return 0, ctx.Err() // no reason to make the file
	}
	for n := 0; ; n++ {
		err := s.database.update(ctx, "purging the values of an old change", func(tx *connection) error {
			return purgeOldest(ctx, tx, before)
		})
		if errors.Is(err, change.ErrNotFound) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// purgeOldest purges the oldest change that was created before a time, or returns [change.ErrNotFound].
func purgeOldest(ctx context.Context, tx *connection, before time.Time) error {
	h, err := findHead(ctx, tx, `WHERE forgotten = 0 AND created_at < ? AND status <> 'applying'
		ORDER BY created_at LIMIT 1`, before.UnixNano())
	if err != nil {
		return err
	}
	c := h.change
	if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
		return err
	}
	c.PurgeValues()
	const update = `UPDATE items SET body = ? WHERE change = ? AND idx = ?`
	for i := range c.Items {
		body, err := json.Marshal(&c.Items[i])
		if err != nil {
			return fmt.Errorf("encoding item %d: %w", i, err)
		}
		if _, err := tx.ExecContext(ctx, update, string(body), h.seq, i); err != nil {
			return err
		}
	}
	body, err := stored.HeadBody(&c)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE changes SET forgotten = 1, body = ? WHERE seq = ?`, body, h.seq); err != nil {
		return err
	}
	return appendEvents(ctx, tx, change.Event{Kind: change.KindForgotten, Change: c.ID, Principal: c.Principal})
}
