package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// seals are those of a store.
type seals struct{ database *database }

// mostDropped is how many seals that have expired are dropped with each that is spent.
const mostDropped = 100

// sealKeySize is how long a key is, in bytes.
const sealKeySize = 32

// Keys implements [change.Seals].
func (s seals) Keys(ctx context.Context) (keys [][]byte, err error) {
	err = s.database.urgent(ctx, "reading the keys that seal questions", func(tx *transaction) error {
		const lock = `SELECT pg_advisory_xact_lock(hashtextextended('seal ' || current_schema(), 0))`
		if _, err := tx.exec(ctx, lock); err != nil {
			return err
		}
		if keys, err = readSealKeys(ctx, tx); err != nil || len(keys) > 0 {
			return err
		}
		key := make([]byte, sealKeySize)
		rand.Read(key) // never fails: crypto/rand aborts the program instead
		keys = [][]byte{key}
		_, err := tx.exec(ctx, `INSERT INTO seal_keys (key) VALUES (decode($1, 'hex'))`, hex.EncodeToString(key))
		return err
	})
	return keys, err
}

func readSealKeys(ctx context.Context, tx stored.Querier) (keys [][]byte, err error) {
	err = stored.EachRow(ctx, tx, `SELECT encode(key, 'hex') FROM seal_keys ORDER BY id DESC`, func(rows *sql.Rows) error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		key, err := hex.DecodeString(text)
		keys = append(keys, key)
		return err
	})
	return keys, err
}

// Spend implements [change.Seals].
func (s seals) Spend(ctx context.Context, nonce string, until time.Time) error {
	spent := false
	err := s.database.update(ctx, "recording that a question was answered", func(tx *transaction) error {
		const old = `DELETE FROM seal_spent WHERE nonce = ANY (ARRAY(SELECT nonce FROM seal_spent
			WHERE until < ` + dbNow + ` ORDER BY until LIMIT $1 FOR UPDATE SKIP LOCKED))`
		if _, err := tx.exec(ctx, old, mostDropped); err != nil {
			return err
		}
		const insert = `INSERT INTO seal_spent (nonce, until) VALUES ($1, $2) ON CONFLICT DO NOTHING`
		n, err := tx.exec(ctx, insert, nonce, until.Add(clockTolerance).UnixNano())
		spent = n == 0
		return err
	})
	if err == nil && spent {
		err = change.ErrSpent
	}
	return err
}
