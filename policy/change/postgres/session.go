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

// Begin implements [change.Sessions].
func (s sessions) Begin(ctx context.Context) (at time.Time, err error) {
	err = s.database.view(ctx, "beginning a sign-in", func(tx stored.Querier) error {
		at, err = now(ctx, tx)
		return err
	})
	return at, err
}

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
		if err := checkSignIn(ctx, tx, &session); err != nil {
			return err
		}
		const older = `DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE principal = $1
			ORDER BY kept_at DESC, key = $2 DESC OFFSET $3 FOR UPDATE SKIP LOCKED)`
		_, err := tx.exec(ctx, older, session.Principal, name, change.MaxSessions)
		return err
	})
}

// checkSignIn returns [change.ErrSignInOver] for a session whose sign-in has to begin again. The session was put in
// before: an end of sessions has been committed, then, or waits until the session is, and finds it.
func checkSignIn(ctx context.Context, tx *transaction, session *change.Session) error {
	at, err := now(ctx, tx)
	if err != nil {
		return err
	}
	const since = `SELECT whose FROM session_ends WHERE at >= $1`
	ended, err := stored.Texts(ctx, tx, since, session.BegunAt.UnixNano())
	if err != nil {
		return err
	}
	return session.CheckSignIn(at, ended)
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
		if _, err := tx.exec(ctx, `LOCK TABLE sessions IN SHARE ROW EXCLUSIVE MODE`); err != nil {
			return err
		}
		list, err := listSessions(ctx, tx)
		if err != nil {
			return err
		}
		ended := change.SessionsOf(list, whose)
		if err := keepEnd(ctx, tx, change.EndedNames(whose, ended)); err != nil {
			return err
		}
		n = 0
		for _, k := range ended {
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

// keepEnd keeps under which names somebody's sessions were ended, for as long as a sign-in may take.
func keepEnd(ctx context.Context, tx *transaction, names []string) error {
	const old = `DELETE FROM session_ends WHERE at < ` + dbNow + ` - $1`
	if _, err := tx.exec(ctx, old, change.SignInLasts.Nanoseconds()); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.exec(ctx, `INSERT INTO session_ends (whose, at) VALUES ($1, `+dbNow+`)`, name); err != nil {
			return err
		}
	}
	return nil
}
