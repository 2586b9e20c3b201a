package sqlite

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

// sessions are those of a store.
type sessions struct{ database *database }

// Begin implements [change.Sessions].
func (sessions) Begin(ctx context.Context) (time.Time, error) { return time.Now(), ctx.Err() }

// Keep implements [change.Sessions].
func (s sessions) Keep(ctx context.Context, key change.SessionKey, session change.Session, until time.Time) error {
	body, err := stored.Encode(session)
	if err != nil {
		return err
	}
	name := hex.EncodeToString(key[:])
	return s.database.update(ctx, "keeping a session", func(tx *connection) error {
		now := time.Now()
		const since = `SELECT whose FROM session_ends WHERE at >= ?`
		ended, err := stored.Texts(ctx, tx, since, session.BegunAt.UnixNano())
		if err == nil {
			err = session.CheckSignIn(now, ended)
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE until <= ?`, now.UnixNano()); err != nil {
			return err
		}
		const insert = `INSERT OR REPLACE INTO sessions (key, principal, kept_at, until, body) VALUES (?, ?, ?, ?, ?)`
		_, err = tx.ExecContext(ctx, insert, name, session.Principal, now.UnixNano(), until.UnixNano(), body)
		if err != nil {
			return err
		}
		const older = `DELETE FROM sessions WHERE key IN
			(SELECT key FROM sessions WHERE principal = ? ORDER BY kept_at DESC, key = ? DESC LIMIT -1 OFFSET ?)`
		_, err = tx.ExecContext(ctx, older, session.Principal, name, change.MaxSessions)
		return err
	})
}

// Renew implements [change.Sessions].
func (s sessions) Renew(ctx context.Context, key change.SessionKey, until time.Time) error {
	return s.database.update(ctx, "renewing a session", func(tx *connection) error {
		now := time.Now().UnixNano()
		const renew = `UPDATE sessions SET kept_at = ?, until = ? WHERE key = ? AND until > ?`
		result, err := tx.ExecContext(ctx, renew, now, until.UnixNano(), hex.EncodeToString(key[:]), now)
		if err != nil {
			return err
		}
		if renewed, err := result.RowsAffected(); err != nil || renewed == 0 {
			return cmp.Or(err, change.ErrNotFound)
		}
		return nil
	})
}

// Find implements [change.Sessions].
func (s sessions) Find(ctx context.Context, key change.SessionKey) (session change.Session, err error) {
	if s.database.file.missing() {
		return session, cmp.Or(ctx.Err(), change.ErrNotFound)
	}
	err = s.database.view(ctx, "looking for a session", func(tx *sql.Tx) error {
		var body []byte
		const query = `SELECT body FROM sessions WHERE key = ? AND until > ?`
		err := tx.QueryRowContext(ctx, query, hex.EncodeToString(key[:]), time.Now().UnixNano()).Scan(&body)
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
	return s.database.update(ctx, "ending a session", func(tx *connection) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE key = ?`, hex.EncodeToString(key[:]))
		return err
	})
}

// List implements [change.Sessions].
func (s sessions) List(ctx context.Context) (list []change.KeptSession, err error) {
	if s.database.file.missing() {
		return nil, ctx.Err()
	}
	err = s.database.view(ctx, "listing sessions", func(tx *sql.Tx) error {
		list, err = listSessions(ctx, tx)
		return err
	})
	return list, err
}

// listSessions reads the sessions that last, the one that was used last first.
func listSessions(ctx context.Context, tx stored.Querier) (list []change.KeptSession, err error) {
	const query = `SELECT key, until, body FROM sessions WHERE until > ? ORDER BY kept_at DESC, key`
	err = stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		k, err := stored.ScanSession(rows.Scan)
		list = append(list, k)
		return err
	}, time.Now().UnixNano())
	return list, err
}

// End implements [change.Sessions].
func (s sessions) End(ctx context.Context, whose string, by change.Actor) (n int, err error) {
	err = s.database.update(ctx, "ending the sessions of a person", func(tx *connection) error {
		list, err := listSessions(ctx, tx)
		if err != nil {
			return err
		}
		ended := change.SessionsOf(list, whose)
		if err := keepEnd(ctx, tx, change.EndedNames(whose, ended), time.Now()); err != nil {
			return err
		}
		var events []change.Event
		for _, k := range ended {
			if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE key = ?`, hex.EncodeToString(k.Key[:])); err != nil {
				return err
			}
			events = append(events, k.Session.EndedEvent(by))
		}
		n = len(events)
		return appendEvents(ctx, tx, events...)
	})
	return n, err
}

// keepEnd keeps under which names somebody's sessions were ended, for as long as a sign-in may take.
func keepEnd(ctx context.Context, tx *connection, names []string, now time.Time) error {
	const old = `DELETE FROM session_ends WHERE at < ?`
	if _, err := tx.ExecContext(ctx, old, now.Add(-change.SignInLasts).UnixNano()); err != nil {
		return err
	}
	for _, name := range names {
		const insert = `INSERT INTO session_ends (whose, at) VALUES (?, ?)`
		if _, err := tx.ExecContext(ctx, insert, name, now.UnixNano()); err != nil {
			return err
		}
	}
	return nil
}
