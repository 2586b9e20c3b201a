package sqlite

import (
	"context"
	"database/sql"
	"time"

	"intercom-mcp/policy/change"
)

// no is a change that a person declined.
type no struct {
	seq       int64
	principal string
	at        time.Time
	forgotten bool // what it was is on record no more
}

// checkWorkspace compares whose changes the file keeps with what the trail tells.
func (v *verifier) checkWorkspace(ctx context.Context, tx *sql.Tx) error {
	kept, err := readWorkspace(ctx, tx)
	if err == nil && kept != v.workspace {
		v.problem("the file is of workspace %q, the trail tells %q", kept, v.workspace)
	}
	return err
}

// heldMark is a mark that is held against a principal's changes.
type heldMark struct {
	principal string
	at        int64
	change.DeclineKey
}

// checkDeclined compares what is held against changes, since a person said no to
// it, with what the changes are that were declined. What was declined longer ago
// than a no holds may be held still or not.
func (v *verifier) checkDeclined(ctx context.Context, tx *sql.Tx) error {
	var since time.Time
	for _, n := range v.declined {
		if from := n.at.Add(-change.DeclineHolds); from.After(since) {
			since = from
		}
	}
	held := make(map[heldMark]int)       // how many more are held than there should be
	forgotten := make(map[heldMark]bool) // whose, and when
	for _, n := range v.declined {
		switch {
		case n.at.Before(since):
			continue
		case n.forgotten:
			forgotten[heldMark{principal: n.principal, at: n.at.UnixNano()}] = true
			continue
		}
		items, err := readItems(ctx, tx, n.seq)
		if err != nil {
			return err
		}
		declined, err := change.DeclineKeys(items)
		if err != nil {
			return err
		}
		for _, m := range declined {
			held[heldMark{n.principal, n.at.UnixNano(), m}]--
		}
	}
	rows, err := tx.QueryContext(ctx, `SELECT principal, at, place, value FROM declines WHERE at >= ?`, nanoseconds(since).Int64)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var m heldMark
		if err := rows.Scan(&m.principal, &m.at, &m.Place, &m.Value); err != nil {
			return err
		}
		if !forgotten[heldMark{principal: m.principal, at: m.at}] {
			held[m]++
		}
	}
	for _, more := range held {
		if more != 0 {
			v.problem("what was declined is not what is held against changes")
			break
		}
	}
	return rows.Err()
}
