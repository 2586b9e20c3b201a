package postgres

import (
	"context"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// PurgeValues implements [change.Store]. Each change is purged in a transaction of its own, so that nobody waits long
// for the trail.
func (s *Store) PurgeValues(ctx context.Context, before time.Time) (int, error) {
	for n := 0; ; n++ {
		err := s.database.update(ctx, "purging the values of an old change", func(tx *transaction) error {
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

// purgeOldest purges the oldest change that was created before a time and that nobody else works on, or returns
// [change.ErrNotFound].
func purgeOldest(ctx context.Context, tx *transaction, before time.Time) error {
	h, err := findHead(ctx, tx, `WHERE NOT forgotten AND created_at < $1 AND status <> 'applying'
		ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED`, before.UnixNano())
	if err != nil {
		return err
	}
	c := h.change
	if c.Items, err = readItems(ctx, tx, h.seq); err != nil {
		return err
	}
	c.PurgeValues()
	items := make(map[int]*change.Item)
	for i := range c.Items {
		items[i] = &c.Items[i]
	}
	if err := storeItems(ctx, tx, h.seq, c.ID, items); err != nil {
		return err
	}
	body, err := stored.HeadBody(&c)
	if err != nil {
		return err
	}
	tx.append(change.Event{Kind: change.KindForgotten, Change: c.ID, Principal: c.Principal})
	_, err = tx.exec(ctx, `UPDATE changes SET forgotten = true, body = $1 WHERE seq = $2`, body, h.seq)
	return err
}
