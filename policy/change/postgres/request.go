package postgres

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
	err = q.database.update(ctx, "asking the servers", func(tx *transaction) error {
		const lock = `SELECT pg_advisory_xact_lock(hashtextextended('requests ' || current_schema(), 0))`
		if _, err := tx.exec(ctx, lock); err != nil {
			return err
		}
		h, err := findHead(ctx, tx, `WHERE id = $1`, r.Change)
		if err != nil {
			return err
		}
		at, err := now(ctx, tx)
		if err != nil {
			return err
		}
		const old = `DELETE FROM requests WHERE (change, kind) IN
			(SELECT change, kind FROM requests WHERE asked_at < $1 FOR UPDATE SKIP LOCKED)`
		if _, err := tx.exec(ctx, old, at.Add(-change.RequestKept).UnixNano()); err != nil {
			return err
		}
		open, err := queryRequests(ctx, tx, `WHERE answer IS NULL AND asked_at > $1 ORDER BY asked_at`,
			at.Add(-change.RequestHolds).UnixNano())
		if err != nil {
			return err
		}
		joined := false
		if asked, joined, err = r.Join(open); err != nil || joined {
			return err
		}
		asked = r
		asked.AskedAt, asked.Taken = at, 0
		body, err := stored.Encode(asked)
		if err != nil {
			return err
		}
		if event, kept := asked.AskedEvent(&h.change); kept {
			tx.append(event)
		}
		const insert = `INSERT INTO requests (change, kind, asked_at, body) VALUES ($1, $2, $3, $4)
			ON CONFLICT (change, kind) DO UPDATE SET asked_at = excluded.asked_at, body = excluded.body, taken = 0,
				lease_until = 0, answer = NULL`
		_, err = tx.exec(ctx, insert, r.Change, string(r.Kind), at.UnixNano(), body)
		return err
	})
	return asked, err
}

// queryRequests reads the requests that a condition selects.
func queryRequests(
	ctx context.Context, tx stored.Querier, where string, args ...any,
) (list []change.Request, err error) {
	err = stored.EachRow(ctx, tx, `SELECT body, taken FROM requests `+where, func(rows *sql.Rows) error {
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
	wanted, err := jsonOf(kinds)
	if err != nil || len(kinds) == 0 {
		return nil, err
	}
	free := func(tx stored.Querier, lock string) ([]change.Request, error) {
		return queryRequests(ctx, tx, `WHERE lease_until <= `+dbNow+` AND answer IS NULL AND asked_at > `+dbNow+` - $1
			AND kind IN (SELECT value FROM json_array_elements_text($2::json) AS value) ORDER BY asked_at LIMIT $3`+lock,
			change.RequestHolds.Nanoseconds(), wanted, limit)
	}
	err = q.database.view(ctx, "looking for requests", func(tx stored.Querier) (err error) {
		taken, err = free(tx, "")
		return err
	})
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	err = q.database.update(ctx, "taking requests", func(tx *transaction) (err error) {
		if taken, err = free(tx, ` FOR UPDATE SKIP LOCKED`); err != nil {
			return err
		}
		for i := range taken {
			r := &taken[i]
			r.Taken++
			const update = `UPDATE requests SET taken = $1, lease_until = ` + dbNow + ` + $2 WHERE change = $3 AND kind = $4`
			if _, err := tx.exec(ctx, update, r.Taken, lease.Nanoseconds(), r.Change, string(r.Kind)); err != nil {
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
const whereTaken = `change = $1 AND kind = $2 AND asked_at = $3 AND taken = $4 AND taken > 0 AND answer IS NULL`

// Renew implements [change.Requests].
func (q requests) Renew(ctx context.Context, r change.Request, lease time.Duration) error {
	return q.database.update(ctx, "renewing the lease of a request", func(tx *transaction) error {
		return fenced(tx.exec(ctx, `UPDATE requests SET lease_until = `+dbNow+` + $5 WHERE `+whereTaken,
			r.Change, string(r.Kind), r.AskedAt.UnixNano(), r.Taken, lease.Nanoseconds()))
	})
}

// Answer implements [change.Requests].
func (q requests) Answer(ctx context.Context, r change.Request, a change.Answer) error {
	return q.database.update(ctx, "answering a request", func(tx *transaction) (err error) {
		if a.At, err = now(ctx, tx); err != nil {
			return err
		}
		body, err := stored.Encode(a)
		if err != nil {
			return err
		}
		err = fenced(tx.exec(ctx, `UPDATE requests SET answer = $5 WHERE `+whereTaken,
			r.Change, string(r.Kind), r.AskedAt.UnixNano(), r.Taken, body))
		if err != nil {
			return err
		}
		h, err := findHead(ctx, tx, `WHERE id = $1`, r.Change)
		if err != nil {
			return err
		}
		if event, kept := r.AnsweredEvent(&h.change, a); kept {
			tx.append(event)
		}
		return nil
	})
}

// Find implements [change.Requests].
func (q requests) Find(
	ctx context.Context, id string, kind change.RequestKind,
) (r change.Request, answer *change.Answer, err error) {
	err = q.database.view(ctx, "looking for a request", func(tx stored.Querier) error {
		var answered []byte
		const query = `SELECT body, taken, answer FROM requests WHERE change = $1 AND kind = $2`
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

// fenced returns [change.ErrFenced] where an update met no row.
func fenced(n int64, err error) error {
	if err == nil && n == 0 {
		return change.ErrFenced
	}
	return err
}
