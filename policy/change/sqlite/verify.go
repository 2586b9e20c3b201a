package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"intercom-mcp/policy/change"
)

// VerifyAudit checks the whole trail, and returns its head. What is wrong it
// returns as errors that are [change.ErrTampered], all of them joined.
//
// It finds every edit, removal, insertion and reordering of events, a trail
// that was cut off at its end, and a change that is not as the trail tells: its
// status and how it came there, the yes that it got, its items as planned, with
// the values that they held, and what became of them; what is held against changes
// since a person declined it, and whose changes the file keeps. Who works on a
// change at the moment is not part of that. It cannot find what somebody did who
// wrote the file anew with all hashes right: only a head that was noted elsewhere
// proves that the trail up to it is the same still. Such heads may be given.
func (s *Store) VerifyAudit(ctx context.Context, noted ...change.Head) (change.Head, error) {
	v := verifier{noted: noted, changes: make(map[string]*expectedState)}
	err := s.view(ctx, "verifying the audit trail", func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT seq, body, hash FROM events ORDER BY seq`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at change.Head
			var body string
			if err := rows.Scan(&at.Seq, &body, &at.Hash); err != nil {
				return err
			}
			v.check(at, body)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if err := v.checkEnd(ctx, tx); err != nil {
			return err
		}
		if err := v.checkChanges(ctx, tx); err != nil {
			return err
		}
		if err := v.checkWorkspace(ctx, tx); err != nil {
			return err
		}
		return v.checkDeclined(ctx, tx)
	})
	return v.last, errors.Join(err, errors.Join(v.problems...))
}

// verifier follows a trail event by event.
type verifier struct {
	last      change.Head
	noted     []change.Head
	changes   map[string]*expectedState // what the trail tells of each change, by id
	workspace string                    // whose the file is, as the trail tells
	declined  []no
	problems  []error
}

func (v *verifier) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Errorf("%w: %s", change.ErrTampered, fmt.Sprintf(format, args...)))
}

// check looks at the next event.
func (v *verifier) check(at change.Head, body string) {
	if at.Seq != v.last.Seq+1 {
		v.problem("events %d to %d are missing", v.last.Seq+1, at.Seq-1)
	}
	e, err := change.ParseEvent(body, at.Hash)
	switch {
	case change.HashBody([]byte(body)) != at.Hash:
		v.problem("event %d was edited", at.Seq)
	case err != nil || e.Seq != at.Seq:
		v.problem("event %d is not in its place", at.Seq)
	case e.Previous != v.last.Hash:
		v.problem("event %d does not follow the one before it", at.Seq)
	}
	for _, head := range v.noted {
		if head.Seq == at.Seq && head.Hash != at.Hash {
			v.problem("event %d is not the one that was noted", at.Seq)
		}
	}
	v.last = at
	switch {
	case err != nil:
	case e.Kind == change.KindClaimed:
		v.workspace = e.Facts["workspace"]
	default:
		v.replay(&e)
	}
}

// checkEnd compares the last event with the highest number ever given.
func (v *verifier) checkEnd(ctx context.Context, tx *sql.Tx) error {
	var highest int64
	err := tx.QueryRowContext(ctx, `SELECT seq FROM sqlite_sequence WHERE name = 'events'`).Scan(&highest)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for _, head := range v.noted {
		highest = max(highest, head.Seq)
	}
	if highest != v.last.Seq {
		v.problem("the trail ends at event %d, there was an event %d", v.last.Seq, highest)
	}
	return nil
}
