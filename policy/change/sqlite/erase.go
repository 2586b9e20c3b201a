package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Erase implements [change.Durable]. It is one transaction, after which the file is written anew without what was
// removed.
func (s *Store) Erase(ctx context.Context, contact string, by change.Actor) (done change.Erased, err error) {
	err = s.database.update(ctx, "erasing a contact", func(tx *connection) error {
		if done, err = erase(ctx, tx, contact, by); err == nil && done.Changes == 0 {
			err = change.ErrNotFound
		}
		return err
	})
	if err != nil {
		return change.Erased{}, err
	}
	return done, s.database.file.failed("writing the file anew", s.database.file.clean(ctx))
}

func erase(ctx context.Context, tx *connection, contact string, by change.Actor) (done change.Erased, err error) {
	if done.IDs, err = idsOf(ctx, tx, contact); err != nil {
		return done, err
	}
	erasure := change.NewErasure(done.IDs)
	list, err := json.Marshal(done.IDs)
	if err != nil {
		return done, err
	}
	heads, err := queryHeads(ctx, tx, selectHead+`WHERE seq IN (SELECT items.change FROM items, json_each(?) AS id
		WHERE items.target = id.value OR items.body ->> '$.Patch.Into.ID' = id.value) ORDER BY seq`, string(list))
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
	err = withoutTrigger(ctx, tx, "events_are_not_updated", func() error {
		for _, i := range erased {
			n, err := eraseChange(ctx, tx, &heads[i], erasure)
			if err != nil {
				return err
			}
			done.Events += n
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	if done.Mentioned, err = mentioning(ctx, tx, erasure.Mentions()); err != nil {
		return done, err
	}
	return done, appendEvents(ctx, tx, erasure.Recorded(by))
}

// mentioning lists the changes whose items hold one of some texts.
func mentioning(ctx context.Context, tx stored.Querier, texts []string) (ids []string, err error) {
	list, err := json.Marshal(texts)
	if err != nil {
		return nil, err
	}
	const query = `SELECT DISTINCT changes.id FROM items JOIN changes ON changes.seq = items.change, json_each(?) AS text
		WHERE instr(fold(items.body), fold(text.value)) > 0 ORDER BY changes.seq LIMIT ?`
	return stored.Texts(ctx, tx, query, string(list), change.MaxMentioned)
}

// idsOf lists the ids of a contact that is named in some way.
func idsOf(ctx context.Context, tx stored.Querier, contact string) (ids []string, err error) {
	const query = `SELECT DISTINCT body ->> '$.Contact' FROM items WHERE body ->> '$.Contact' <> '' AND (target = ?1
		OR fold(body ->> '$.Label') = fold(?1) OR fold(body ->> '$.Patch.Set.email') = fold(?1)
		OR fold(body ->> '$.Before.Set.email') = fold(?1) OR body ->> '$.Patch.Set.external_id' = ?2
		OR body ->> '$.Before.Set.external_id' = ?2)
		UNION SELECT body ->> '$.Patch.Into.ID' FROM items WHERE body ->> '$.Patch.Into.ID' = ?1
		OR fold(body ->> '$.Patch.Into.Name') = fold(?1)`
	own := change.OwnID(contact)
	if own == "" {
		return nil, nil
	}
	return stored.Texts(ctx, tx, query, contact, own)
}

// eraseChange stores an erased change, and replaces its events; it returns how many.
func eraseChange(ctx context.Context, tx *connection, h *head, erasure *change.Erasure) (events int, err error) {
	c := &h.change
	for i := range c.Items {
		if !erasure.Less(&c.Items[i]) {
			continue
		}
		body, err := json.Marshal(&c.Items[i])
		if err != nil {
			return 0, fmt.Errorf("encoding item %d: %w", i, err)
		}
		const update = `UPDATE items SET body = ?, target = ? WHERE change = ? AND idx = ?`
		if _, err := tx.ExecContext(ctx, update, string(body), c.Items[i].Target(c.ID, i), h.seq, i); err != nil {
			return 0, err
		}
	}
	body, err := stored.HeadBody(c)
	if err != nil {
		return 0, err
	}
	const update = `UPDATE changes SET effect = ?, body = ? WHERE seq = ?`
	if _, err := tx.ExecContext(ctx, update, c.Fingerprint, body, h.seq); err != nil {
		return 0, err
	}
	if c.Status == change.StatusDeclined {
		const forget = `DELETE FROM declines WHERE principal = ? AND at = ?`
		if _, err := tx.ExecContext(ctx, forget, c.Principal, c.EndedAt.UnixNano()); err != nil {
			return 0, err
		}
	}
	// The answer to a request may name the contact.
	if _, err := tx.ExecContext(ctx, `DELETE FROM requests WHERE change = ?`, c.ID); err != nil {
		return 0, err
	}
	return eraseEvents(ctx, tx, c, erasure)
}

// eraseEvents replaces the events of an erased change. Their hashes stay: each event's successor holds one.
func eraseEvents(ctx context.Context, tx *connection, c *change.Change, erasure *change.Erasure) (n int, err error) {
	all, err := stored.Events(ctx, tx, `SELECT body, hash FROM events WHERE body ->> 'change' = ? ORDER BY seq`, c.ID)
	if err != nil {
		return 0, err
	}
	replacing, err := erasure.Events(all, c)
	if err != nil {
		return 0, err
	}
	for i := range replacing {
		body, err := replacing[i].Body()
		if err != nil {
			return 0, fmt.Errorf("encoding an event: %w", err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE events SET body = ? WHERE seq = ?`, string(body), replacing[i].Seq)
		if err != nil {
			return 0, err
		}
	}
	return len(replacing), nil
}

// withoutTrigger lets do write to events what a trigger keeps all others from.
func withoutTrigger(ctx context.Context, tx *connection, name string, do func() error) error {
	var trigger string
	err := tx.QueryRowContext(ctx, `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?`,
		name).Scan(&trigger)
	if err != nil {
		return err
	}
	if err := tx.exec("DROP TRIGGER " + name); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err // which undoes all of it
	}
	return tx.exec(strings.TrimSpace(trigger))
}

// clean writes the file anew, so that nothing of what was removed is left in its free pages or in the log of writes. It
// waits for other processes as for every write; where one of them reads on for long, the log stays.
func (f *file) clean(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(f.path, url.Values{"mode": {"rw"}}))
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, "VACUUM"); err != nil {
		return err
	}
	var busy, frames, moved int
	err = db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("%s-wal is read by another process, and holds what was erased until that ends", f.path)
	}
	return err
}
