package postgres

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Recent implements [change.Store].
func (s *Store) Recent(ctx context.Context, c change.Change, at time.Time) (recent change.Recent, err error) {
	err = s.database.view(ctx, "reading what was written and declined lately", func(tx stored.Querier) error {
		recent, err = readRecent(ctx, tx, &c, at)
		return err
	})
	return recent, err
}

// selectWritten counts the different targets in a window, and those of the change that is decided about: that nobody
// confirmed, all, and those that got notes which nobody confirmed. The changes in the window are found by their start,
// and their items in the index that holds all that counts, so that neither old changes nor bodies are read. OFFSET 0
// keeps PostgreSQL from another plan, which it would take while it has no statistics: all items, for those of a few
// changes.
const selectWritten = `SELECT count(DISTINCT target) FILTER (WHERE approval = 'none'), count(DISTINCT target),
	count(DISTINCT target) FILTER (WHERE approval = 'none' AND note)
	FROM (SELECT approval, target, note FROM changes, LATERAL (SELECT target, note FROM items
			WHERE change = changes.seq AND outcome NOT IN ('unchanged', 'failed', 'not_sent') OFFSET 0) AS of_it
		WHERE principal = $1 AND started_at >= $2 AND id <> $3
		UNION ALL SELECT 'none', value, true FROM json_array_elements_text($4::json) AS value) AS written`

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
func readRecent(
	ctx context.Context, tx stored.Querier, about *change.Change, at time.Time,
) (r change.Recent, err error) {
	targets := about.WrittenTargets()
	for i := range targets {
		targets[i] = plain(targets[i])
	}
	list, err := jsonOf(targets)
	if err != nil {
		return r, err
	}
	if targets == nil {
		list = "[]"
	}
	err = tx.QueryRowContext(ctx, selectWritten, about.Principal, at.Add(-change.Window).UnixNano(), about.ID, list).
		Scan(&r.Unconfirmed, &r.Written, &r.Notes)
	if err != nil {
		return r, err
	}
	if !about.AddsNotes() {
		r.Notes = 0
	}
	if about.Fingerprint != "" {
		r.Latest, err = readNewest(ctx, tx, `WHERE principal = $1 AND effect = $2 AND id <> $3`+whereStands,
			about.Principal, about.Fingerprint, about.ID)
		if err != nil {
			return r, err
		}
	}
	if about.Undoes != "" {
		r.Undoing, err = readNewest(ctx, tx, `WHERE undoes <> '' AND undoes = $1 AND id <> $2
			AND (status IN ('approved', 'applying')
				OR status = 'applied' AND (SELECT status FROM changes WHERE id = $1) = 'undone')`,
			about.Undoes, about.ID)
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

// selectPending selects the items of a change that are yet to be written to some targets.
const selectPending = `SELECT change, body FROM items
	WHERE change = $1 AND outcome = '' AND target IN (SELECT json_array_elements_text($2::json))`

// readWriting reads the newest change that may yet write what another is about to; nil where there is none.
func readWriting(ctx context.Context, tx stored.Querier, about *change.Change) (*change.Change, error) {
	const applying = selectHead + `WHERE status IN ('approved', 'applying') AND status = 'applying' AND id <> $1
		ORDER BY seq DESC`
	heads, err := queryHeads(ctx, tx, applying, about.ID)
	if len(heads) == 0 || err != nil {
		return nil, err
	}
	pending := change.ContendersOf(about)
	targets, err := targetsOf(pending)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		met, err := stored.Met(pending, func(do func(*sql.Rows) error) error {
			return stored.EachRow(ctx, tx, selectPending, do, h.seq, targets)
		})
		if met != 0 || err != nil {
			return &h.change, err
		}
	}
	return nil, nil
}

// targetsOf lists targets as columns hold them, for json_array_elements_text.
func targetsOf(pending change.Contenders) (string, error) {
	targets := pending.Targets()
	for i := range targets {
		targets[i] = plain(targets[i])
	}
	return jsonOf(targets)
}

// readWaiting reads how many changes of a principal wait at a moment, how large they are, and how many questions to a
// user got no yes.
func readWaiting(ctx context.Context, tx stored.Querier, about *change.Change, at time.Time, r *change.Recent) error {
	const waiting = `SELECT count(*), coalesce(sum(size), 0)::bigint FROM changes
		WHERE principal = $1 AND status = 'awaiting' AND (expires_at IS NULL OR expires_at > $2) AND id <> $3`
	err := tx.QueryRowContext(ctx, waiting, about.Principal, at.UnixNano(), about.ID).Scan(&r.Waiting, &r.WaitingBytes)
	if err != nil {
		return err
	}
	const unanswered = `SELECT count(*) FROM changes WHERE principal = $1 AND level = 'user' AND created_at >= $2
		AND id <> $3 AND status IN ('awaiting', 'declined', 'expired', 'cancelled')`
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
	const query = `SELECT place, value FROM declines WHERE principal = $1 AND at >= $2`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var key change.DeclineKey
		err := rows.Scan(&key.Place, &key.Value)
		declined = append(declined, key)
		return err
	}, principal, since.UnixNano())
	return declined, err
}

// storeDeclined stores the keys of a change that was declined, and drops those of declines that block nothing any more.
func storeDeclined(ctx context.Context, tx *transaction, c *change.Change, at time.Time) error {
	declined, err := change.DeclineKeys(c.Items)
	if err != nil {
		return err
	}
	// What another transaction deletes at the same time is skipped, so that none waits for another's rows.
	const old = `DELETE FROM declines
		WHERE ctid = ANY (ARRAY(SELECT ctid FROM declines WHERE at < $1 FOR UPDATE SKIP LOCKED))`
	if _, err := tx.exec(ctx, old, at.Add(-change.DeclineHolds).UnixNano()); err != nil {
		return err
	}
	list, err := jsonOf(declined)
	if err != nil || declined == nil {
		return err
	}
	const insert = `INSERT INTO declines (principal, at, place, value)
		SELECT $1, $2, "Place", "Value" FROM json_to_recordset($3::json) AS t ("Place" text, "Value" text)`
	_, err = tx.exec(ctx, insert, c.Principal, at.UnixNano(), list)
	return err
}
