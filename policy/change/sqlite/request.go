package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// requests are those of a store.
type requests struct{ database *database }

// Ask implements [change.Requests].
func (q requests) Ask(ctx context.Context, r change.Request) (asked change.Request, err error) {
	err = q.database.update(ctx, "asking the servers", func(tx *connection) error {
		h, err := findHead(ctx, tx, `WHERE id = ?`, r.Change)
		if err != nil {
			return err
		}
		now := time.Now()
		const old = `DELETE FROM requests WHERE asked_at < ?`
		if _, err := tx.ExecContext(ctx, old, now.Add(-change.RequestKept).UnixNano()); err != nil {
			return err
		}
		open, err := queryRequests(ctx, tx, whereOpen, now.Add(-change.RequestHolds).UnixNano())
		if err != nil {
			return err
		}
		joined := false
		if asked, joined, err = r.Join(open); err != nil || joined {
			return err
		}
		asked = r
		asked.AskedAt, asked.Taken = now, 0
		body, err := stored.Encode(asked)
		if err != nil {
			return err
		}
		const insert = `INSERT OR REPLACE INTO requests (change, kind, asked_at, body) VALUES (?, ?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, r.Change, string(r.Kind), now.UnixNano(), body); err != nil {
			return err
		}
		if event, kept := asked.AskedEvent(&h.change); kept {
			return appendEvents(ctx, tx, event)
		}
		return nil
	})
	return asked, err
}

// whereOpen selects the requests that were asked since a time and have no answer. Those before are not taken any more.
const whereOpen = `answer IS NULL AND asked_at > ? ORDER BY asked_at`

// queryRequests reads the requests that a condition selects.
func queryRequests(
	ctx context.Context, tx stored.Querier, where string, args ...any,
) (list []change.Request, err error) {
	err = stored.EachRow(ctx, tx, `SELECT body, taken FROM requests WHERE `+where, func(rows *sql.Rows) error {
		r, err := stored.ScanRequest(rows.Scan)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// Take implements [change.Requests].
func (q requests) Take(
	ctx context.Context, lease time.Duration, limit int, kinds ...change.RequestKind,
) (taken []change.Request, err error) {
	if q.database.file.missing() {
		return nil, ctx.Err()
	}
	wanted, err := stored.Encode(kinds)
	if err != nil {
		return nil, err
	}
	free := func(tx stored.Querier) ([]change.Request, error) {
		now := time.Now()
		const where = `lease_until <= ? AND kind IN (SELECT value FROM json_each(?)) AND ` + whereOpen + ` LIMIT ?`
		return queryRequests(ctx, tx, where, now.UnixNano(), wanted, now.Add(-change.RequestHolds).UnixNano(), limit)
	}
	err = q.database.view(ctx, "looking for requests", func(tx *sql.Tx) (err error) {
		taken, err = free(tx)
		return err
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	err = q.database.update(ctx, "taking requests", func(tx *connection) (err error) {
		if taken, err = free(tx); err != nil {
			return err
		}
		for i := range taken {
			r := &taken[i]
			r.Taken++
			const update = `UPDATE requests SET taken = ?, lease_until = ? WHERE change = ? AND kind = ?`
			_, err := tx.ExecContext(ctx, update, r.Taken, time.Now().Add(lease).UnixNano(), r.Change, string(r.Kind))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// whereTaken selects a request that a caller has taken, and nobody since.
const whereTaken = `change = ? AND kind = ? AND asked_at = ? AND taken = ? AND taken > 0 AND answer IS NULL`

// Renew implements [change.Requests].
func (q requests) Renew(ctx context.Context, r change.Request, lease time.Duration) error {
	return q.database.update(ctx, "renewing the lease of a request", func(tx *connection) error {
		return fenced(tx.ExecContext(ctx, `UPDATE requests SET lease_until = ? WHERE `+whereTaken,
			time.Now().Add(lease).UnixNano(), r.Change, string(r.Kind), r.AskedAt.UnixNano(), r.Taken))
	})
}

// fenced returns [change.ErrFenced] where an update met no row.
func fenced(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return change.ErrFenced
}

// Answer implements [change.Requests].
func (q requests) Answer(ctx context.Context, r change.Request, a change.Answer) error {
	return q.database.update(ctx, "answering a request", func(tx *connection) error {
		a.At = time.Now()
		body, err := stored.Encode(a)
		if err != nil {
			return err
		}
		err = fenced(tx.ExecContext(ctx, `UPDATE requests SET answer = ? WHERE `+whereTaken,
			body, r.Change, string(r.Kind), r.AskedAt.UnixNano(), r.Taken))
		if err != nil {
			return err
		}
		h, err := findHead(ctx, tx, `WHERE id = ?`, r.Change)
		if err != nil {
			return err
		}
		if event, kept := r.AnsweredEvent(&h.change, a); kept {
			return appendEvents(ctx, tx, event)
		}
		return nil
	})
}

// Find implements [change.Requests].
func (q requests) Find(
	ctx context.Context, id string, kind change.RequestKind,
) (r change.Request, answer *change.Answer, err error) {
	err = q.database.view(ctx, "looking for a request", func(tx *sql.Tx) error {
		var answered []byte
		const query = `SELECT body, taken, answer FROM requests WHERE change = ? AND kind = ?`
		r, err = stored.ScanRequest(tx.QueryRowContext(ctx, query, id, string(kind)).Scan, &answered)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return change.ErrNotFound
		case err != nil || answered == nil:
			return err
		}
		answer = new(change.Answer)
		return stored.Decode(answered, answer)
	})
	return r, answer, err
}
