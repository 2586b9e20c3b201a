package postgres

import (
	"context"
	"database/sql"
	"slices"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Erase implements [change.Durable]. It is one transaction. The database keeps what was removed in the space of old
// rows until its vacuum has passed, in its log until that is recycled, and in backups.
func (s *Store) Erase(ctx context.Context, contact string, by change.Actor) (done change.Erased, err error) {
	err = s.database.update(ctx, "erasing a contact", func(tx *transaction) error {
		if done, err = erase(ctx, tx, plain(contact), by); err == nil && done.Changes == 0 {
			err = change.ErrNotFound
		}
		return err
	})
	if err != nil {
		return change.Erased{}, err
	}
	return done, nil
}

func erase(ctx context.Context, tx *transaction, contact string, by change.Actor) (done change.Erased, err error) {
	if done.IDs, err = idsOf(ctx, tx, contact); err != nil {
		return done, err
	}
	erasure := change.NewErasure(done.IDs)
	list, err := jsonOf(done.IDs)
	if err != nil || len(done.IDs) == 0 {
		return done, err
	}
	heads, err := queryHeads(ctx, tx, selectHead+`WHERE seq IN (SELECT items.change FROM items
		JOIN json_array_elements_text($1::json) AS value ON items.target = value OR items.into_id = value)
		ORDER BY seq FOR UPDATE`, list)
	if err != nil {
		return done, err
	}
	changes := make([]*change.Change, len(heads))
	for i := range heads {
		changes[i] = &heads[i].change
		if changes[i].Items, err = readItems(ctx, tx, heads[i].seq); err != nil {
			return done, err
		}
	}
	erased, err := erasure.Changes(changes)
	if err != nil {
		return done, err
	}
	done.Changes = len(erased)
	if done.Changes == 0 {
		return done, nil
	}
	if _, err := tx.exec(ctx, `SELECT set_config('intercom_mcp.erasing', 'yes', true)`); err != nil {
		return done, err
	}
	for _, i := range erased {
		n, err := eraseChange(ctx, tx, &heads[i], erasure)
		if err != nil {
			return done, err
		}
		done.Events += n
	}
	if done.Mentioned, err = mentioning(ctx, tx, erasure.Mentions()); err != nil {
		return done, err
	}
	tx.append(erasure.Recorded(by))
	return done, nil
}

// mentioning lists the changes whose items hold one of some texts.
func mentioning(ctx context.Context, tx stored.Querier, texts []string) (ids []string, err error) {
	for i := range texts {
		texts[i] = lower(texts[i])
	}
	list, err := jsonOf(texts)
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	const query = `SELECT changes.id FROM items JOIN changes ON changes.seq = items.change
		JOIN json_array_elements_text($1::json) AS value ON strpos(lower(items.body), value) > 0
		GROUP BY changes.id, changes.seq ORDER BY changes.seq LIMIT $2`
	return stored.Texts(ctx, tx, query, list, change.MaxMentioned)
}

// idsOf lists the ids of a contact that is named in some way.
func idsOf(ctx context.Context, tx stored.Querier, contact string) (ids []string, err error) {
	const query = `SELECT body FROM items WHERE target = $1 OR into_id = $1 OR names && ARRAY[$2, $3]`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var body []byte
		var item change.Item
		if err := rows.Scan(&body); err != nil {
			return err
		}
		err := stored.Decode(body, &item)
		for _, id := range item.Named(contact) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		return err
	}, contact, lower(contact), lower(change.OwnID(contact)))
	return ids, err
}

// eraseChange stores an erased change, and replaces its events; it returns how many.
func eraseChange(ctx context.Context, tx *transaction, h *head, erasure *change.Erasure) (events int, err error) {
	c := &h.change
	items := make(map[int]*change.Item)
	for i := range c.Items {
		if erasure.Less(&c.Items[i]) {
			items[i] = &c.Items[i]
		}
	}
	if err := storeItems(ctx, tx, h.seq, c.ID, items); err != nil {
		return 0, err
	}
	body, err := stored.HeadBody(c)
	if err != nil {
		return 0, err
	}
	const update = `UPDATE changes SET effect = $1, body = $2 WHERE seq = $3`
	if _, err := tx.exec(ctx, update, c.Fingerprint, body, h.seq); err != nil {
		return 0, err
	}
	if c.Status == change.StatusDeclined {
		const forget = `DELETE FROM declines WHERE principal = $1 AND at = $2`
		if _, err := tx.exec(ctx, forget, c.Principal, c.EndedAt.UnixNano()); err != nil {
			return 0, err
		}
	}
	// The answer to a request may name the contact.
	if _, err := tx.exec(ctx, `DELETE FROM requests WHERE change = $1`, c.ID); err != nil {
		return 0, err
	}
	return eraseEvents(ctx, tx, c, erasure)
}

// eraseEvents replaces the events of an erased change. Their hashes stay: each event's successor holds one.
func eraseEvents(ctx context.Context, tx *transaction, c *change.Change, erasure *change.Erasure) (n int, err error) {
	all, err := stored.Events(ctx, tx, `SELECT body, hash FROM events WHERE change = $1 ORDER BY seq`, c.ID)
	if err != nil {
		return 0, err
	}
	replacing, err := erasure.Events(all, c)
	if err != nil {
		return 0, err
	}
	for i := range replacing {
		row, err := rowOfEvent(&replacing[i])
		if err != nil {
			return 0, err
		}
		if _, err := tx.exec(ctx, `UPDATE events SET body = $1, tool = $2 WHERE seq = $3`, row.Body, row.Tool,
			row.Seq); err != nil {
			return 0, err
		}
	}
	return len(replacing), nil
}
