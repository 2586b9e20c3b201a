package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// sessions are those of a store. They are kept while other writes are refused, too, since who freezes writes has to
// sign in.
type sessions struct{ database *database }

// Keep implements [change.Sessions].
func (s sessions) Keep(ctx context.Context, key change.SessionKey, session change.Session, until time.Time) error {
	body, err := stored.Encode(session)
	if err != nil {
		return err
	}
	name := hex.EncodeToString(key[:])
	return s.database.urgent(ctx, "keeping a session", func(tx *transaction) error {
		const ended = `DELETE FROM sessions WHERE key IN
			(SELECT key FROM sessions WHERE until <= ` + dbNow + ` FOR UPDATE SKIP LOCKED)`
		if _, err := tx.exec(ctx, ended); err != nil {
			return err
		}
		const insert = `INSERT INTO sessions (key, principal, kept_at, until, body) VALUES ($1, $2, ` + dbNow + `, $3, $4)
			ON CONFLICT (key) DO UPDATE SET principal = excluded.principal, kept_at = excluded.kept_at,
				until = excluded.until, body = excluded.body`
		if _, err := tx.exec(ctx, insert, name, session.Principal, until.UnixNano(), body); err != nil {
			return err
		}
		const older = `DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE principal = $1
			ORDER BY kept_at DESC, key = $2 DESC OFFSET $3 FOR UPDATE SKIP LOCKED)`
		_, err := tx.exec(ctx, older, session.Principal, name, change.MaxSessions)
		return err
	})
}

// Renew implements [change.Sessions].
func (s sessions) Renew(ctx context.Context, key change.SessionKey, until time.Time) error {
	return s.database.urgent(ctx, "renewing a session", func(tx *transaction) error {
		const renew = `UPDATE sessions SET kept_at = ` + dbNow + `, until = $2 WHERE key = $1 AND until > ` + dbNow
		if renewed, err := tx.exec(ctx, renew, hex.EncodeToString(key[:]), until.UnixNano()); err != nil || renewed == 0 {
			return cmp.Or(err, change.ErrNotFound)
		}
		return nil
	})
}

// Find implements [change.Sessions].
func (s sessions) Find(ctx context.Context, key change.SessionKey) (session change.Session, err error) {
	err = s.database.view(ctx, "looking for a session", func(tx stored.Querier) error {
		var body []byte
		const query = `SELECT body FROM sessions WHERE key = $1 AND until > ` + dbNow
		err := tx.QueryRowContext(ctx, query, hex.EncodeToString(key[:])).Scan(&body)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return change.ErrNotFound
		case err != nil:
			return err
		}
		return stored.Decode(body, &session)
	})
	return session, err
}

// Drop implements [change.Sessions].
func (s sessions) Drop(ctx context.Context, key change.SessionKey) error {
	return s.database.urgent(ctx, "ending a session", func(tx *transaction) error {
		_, err := tx.exec(ctx, `DELETE FROM sessions WHERE key = $1`, hex.EncodeToString(key[:]))
		return err
	})
}

// List implements [change.Sessions].
func (s sessions) List(ctx context.Context) (list []change.KeptSession, err error) {
	err = s.database.view(ctx, "listing sessions", func(tx stored.Querier) error {
		list, err = listSessions(ctx, tx)
		return err
	})
	return list, err
}

// listSessions reads the sessions that last, the one that was used last first.
func listSessions(ctx context.Context, tx stored.Querier) (list []change.KeptSession, err error) {
	const query = `SELECT key, until, body FROM sessions WHERE until > ` + dbNow + ` ORDER BY kept_at DESC, key`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		k, err := stored.ScanSession(rows.Scan)
		list = append(list, k)
		return err
	})
	return list, err
}

// End implements [change.Sessions].
func (s sessions) End(ctx context.Context, whose string, by change.Actor) (n int, err error) {
	err = s.database.urgent(ctx, "ending the sessions of a person", func(tx *transaction) error {
		list, err := listSessions(ctx, tx)
		if err != nil {
			return err
		}
		n = 0
		for _, k := range change.SessionsOf(list, whose) {
			gone, err := tx.exec(ctx, `DELETE FROM sessions WHERE key = $1`, hex.EncodeToString(k.Key[:]))
			if err != nil {
				return err
			}
			if gone > 0 { // else it was ended meanwhile
				tx.append(k.Session.EndedEvent(by))
				n++
			}
		}
		return nil
	})
	return n, err
}
