package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Recent implements [change.Store].
func (s *Store) Recent(ctx context.Context, c change.Change, at time.Time) (recent change.Recent, err error) {
	err = s.database.view(ctx, "reading what was written and declined lately", func(tx *sql.Tx) error {
		recent, err = readRecent(ctx, tx, &c, at)
		return err
	})
	return recent, err
}

// selectWritten counts the different targets in a window, and those of the change that is decided about. The changes in
// the window are found by their start, and their items in the index that holds nothing but outcomes and targets, so
// that neither old changes nor the bodies of items are read.
const selectWritten = `SELECT count(DISTINCT CASE WHEN approval = 'none' THEN target END), count(DISTINCT target) FROM (
	SELECT approval, target FROM changes JOIN items ON items.change = changes.seq
	WHERE principal = ? AND started_at >= ? AND id <> ? AND outcome NOT IN ('unchanged', 'failed', 'not_sent')
	UNION ALL SELECT 'none', value FROM json_each(?))`

// selectNotes counts the different targets that got notes likewise, unconfirmed. Bodies are read of what nobody
// confirmed alone, which is little.
const selectNotes = `SELECT count(DISTINCT target) FROM (
	SELECT target FROM changes JOIN items ON items.change = changes.seq
	WHERE principal = ? AND started_at >= ? AND id <> ? AND approval = 'none'
		AND outcome NOT IN ('unchanged', 'failed', 'not_sent') AND items.body ->> '$.Patch.Note' IS NOT NULL
	UNION ALL SELECT value FROM json_each(?))`

// whereStands selects the changes that have written something that stands, or may yet.
var whereStands = func() string {
	var list []string
	for _, status := range change.Statuses() {
		if status.MayWrite() {
			list = append(list, "'"+string(status)+"'")
		}
	}
	return ` AND status IN (` + strings.Join(list, ", ") + `)`
}()

// readRecent reads what a decision about a change at a moment depends on.
func readRecent(ctx context.Context, tx stored.Querier, about *change.Change, at time.Time) (change.Recent, error) {
	var r change.Recent
	targets, err := json.Marshal(about.WrittenTargets())
	if err != nil {
		return r, fmt.Errorf("encoding the targets of a change: %w", err)
	}
	since := at.Add(-change.Window).UnixNano()
	err = tx.QueryRowContext(ctx, selectWritten, about.Principal, since, about.ID, string(targets)).
		Scan(&r.Unconfirmed, &r.Written)
	if err != nil {
		return r, err
	}
	if about.AddsNotes() {
		err := tx.QueryRowContext(ctx, selectNotes, about.Principal, since, about.ID, string(targets)).Scan(&r.Notes)
		if err != nil {
			return r, err
		}
	}
	return readMatches(ctx, tx, about, at, r)
}

// recent is readRecent where a decision is made, which costs the same however many changes are in the window.
func (c *connection) recent(ctx context.Context, about *change.Change, at time.Time) (r change.Recent, err error) {
	if err := c.catchUp(ctx); err != nil {
		return r, err
	}
	since := at.Add(-change.Window)
	if r.Unconfirmed, r.Written, err = c.written(ctx, about, since, whatever); err != nil {
		return r, err
	}
	if about.AddsNotes() {
		if r.Notes, _, err = c.written(ctx, about, since, notes); err != nil {
			return r, err
		}
	}
	return readMatches(ctx, c, about, at, r)
}

// readMatches reads the changes that match the one that a decision is about, and completes r by them.
func readMatches(
	ctx context.Context, tx stored.Querier, about *change.Change, at time.Time, r change.Recent,
) (_ change.Recent, err error) {
	if about.Fingerprint != "" {
		r.Latest, err = readNewest(ctx, tx, `WHERE principal = ? AND effect = ? AND id <> ?`+whereStands,
			about.Principal, about.Fingerprint, about.ID)
		if err != nil {
			return r, err
		}
	}
	if about.Undoes != "" {
		r.Undoing, err = readNewest(ctx, tx, `WHERE undoes <> '' AND undoes = ? AND id <> ?
			AND (status IN ('approved', 'applying')
				OR status = 'applied' AND (SELECT status FROM changes WHERE id = ?) = 'undone')`,
			about.Undoes, about.ID, about.Undoes)
		if err != nil {
			return r, err
		}
	}
	if r.Writing, err = readWriting(ctx, tx, about); err != nil {
		return r, err
	}
	if err := readWaiting(ctx, tx, about, at, &r); err != nil {
		return r, err
	}
	declined, err := readDeclined(ctx, tx, about.Principal, at.Add(-change.DeclineHolds))
	if err != nil {
		return r, err
	}
	err = r.MatchDeclined(about.Items, declined)
	return r, err
}

// selectPending selects the items that are yet to be written to some targets, of the changes that are being applied but
// for one, the newest first.
const selectPending = `SELECT c.seq, i.body FROM changes AS c INDEXED BY changes_open CROSS JOIN items AS i
	ON i.change = c.seq AND i.outcome = '' AND i.target IN (SELECT value FROM json_each(?))
	WHERE c.status IN ('approved', 'applying') AND c.status = 'applying' AND c.id <> ? ORDER BY c.seq DESC`

// readWriting reads the newest change that may yet write what another is about to; nil where there is none.
func readWriting(ctx context.Context, tx stored.Querier, about *change.Change) (*change.Change, error) {
	pending := change.ContendersOf(about)
	if len(pending) == 0 {
		return nil, nil
	}
	targets, err := json.Marshal(pending.Targets())
	if err != nil {
		return nil, fmt.Errorf("encoding the targets of a change: %w", err)
	}
	met, err := stored.Met(pending, func(do func(*sql.Rows) error) error {
		return stored.EachRow(ctx, tx, selectPending, do, string(targets), about.ID)
	})
	if met == 0 || err != nil {
		return nil, err
	}
	h, err := findHead(ctx, tx, `WHERE seq = ?`, met)
	return &h.change, err
}

// readWaiting reads how many changes of a principal wait at a moment, how large they are, and how many questions to a
// user got no yes.
func readWaiting(ctx context.Context, tx stored.Querier, about *change.Change, at time.Time, r *change.Recent) error {
	const waiting = `SELECT count(*), coalesce(sum(size), 0) FROM (
		SELECT id, size FROM changes WHERE principal = ?1 AND status = 'awaiting' AND expires_at > ?2 UNION ALL
		SELECT id, size FROM changes WHERE principal = ?1 AND status = 'awaiting' AND expires_at IS NULL) WHERE id <> ?3`
	err := tx.QueryRowContext(ctx, waiting, about.Principal, at.UnixNano(), about.ID).Scan(&r.Waiting, &r.WaitingBytes)
	if err != nil {
		return err
	}
	const unanswered = `SELECT count(*) FROM changes WHERE principal = ? AND level = 'user' AND created_at >= ? AND id <> ?
		AND status IN ('awaiting', 'declined', 'expired', 'cancelled')`
	return tx.QueryRowContext(ctx, unanswered, about.Principal, at.Add(-change.Window).UnixNano(), about.ID).
		Scan(&r.Unanswered)
}

// readNewest reads the newest change that a condition selects; nil where there is none.
func readNewest(ctx context.Context, tx stored.Querier, where string, args ...any) (*change.Change, error) {
	newest, err := findHead(ctx, tx, where+` ORDER BY seq DESC LIMIT 1`, args...)
	if errors.Is(err, change.ErrNotFound) {
		return nil, nil
	}
	return &newest.change, err
}

// readDeclined reads the keys of what was declined to a principal since a time.
func readDeclined(
	ctx context.Context, tx stored.Querier, principal string, since time.Time,
) (declined []change.DeclineKey, err error) {
	const query = `SELECT place, value FROM declines WHERE principal = ? AND at >= ?`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var key change.DeclineKey
		err := rows.Scan(&key.Place, &key.Value)
		declined = append(declined, key)
		return err
	}, principal, since.UnixNano())
	return declined, err
}

// storeDeclined stores the keys of a change that was declined, and drops those of declines that block nothing any more.
func storeDeclined(ctx context.Context, tx *connection, c *change.Change, at time.Time) error {
	declined, err := change.DeclineKeys(c.Items)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM declines WHERE at < ?`, at.Add(-change.DeclineHolds).UnixNano())
	if err != nil {
		return err
	}
	const insert = `INSERT INTO declines (principal, at, place, value) VALUES (?, ?, ?, ?)`
	for _, key := range declined {
		if _, err := tx.ExecContext(ctx, insert, c.Principal, at.UnixNano(), key.Place, key.Value); err != nil {
			return err
		}
	}
	return nil
}
