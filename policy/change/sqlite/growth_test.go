package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/internal/stored"
)

// BenchmarkGrowth measures files with ever more old items in them.
func BenchmarkGrowth(b *testing.B) {
	changetest.Growth(b, func(b *testing.B, items int) func(b *testing.B) change.Durable {
		path := filepath.Join(b.TempDir(), "changes.db")
		fill(b, path, items)
		return func(b *testing.B) change.Durable {
			s, err := Open(path)
			if err != nil {
				b.Fatal(err)
			}
			return s
		}
	})
}

// fill makes a file with a history.
func fill(b *testing.B, path string, items int) {
	s := openAt(b, path)
	if err := s.Append(b.Context()); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"rw"}}))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer tx.Rollback() // no effect once committed
	into := &receiver{tx: tx, statements: make(map[string]*sql.Stmt)}
	if err := changetest.History(b.Context(), into, items); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// receiver stores what it receives, past the store.
type receiver struct {
	tx         *sql.Tx
	statements map[string]*sql.Stmt
}

func (r *receiver) insert(ctx context.Context, query string, args ...any) (int64, error) {
	statement := r.statements[query]
	if statement == nil {
		var err error
		if statement, err = r.tx.PrepareContext(ctx, query); err != nil {
			return 0, err
		}
		r.statements[query] = statement
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (r *receiver) Workspace(context.Context, string) error     { return nil }
func (r *receiver) Freeze(context.Context, change.Freeze) error { return nil }

func (r *receiver) Event(ctx context.Context, at change.Head, body string) error {
	_, err := r.insert(ctx, `INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)`, at.Seq, body, at.Hash)
	return err
}

func (r *receiver) Change(ctx context.Context, c *change.Change, _ change.StopRequest) error {
	body, err := stored.HeadBody(c)
	if err != nil {
		return err
	}
	found := stored.ColumnsOf(c)
	seq, err := r.insert(ctx, `INSERT INTO changes (id, principal, effect, status, undoes, created_at, started_at, approval,
		body, expires_at, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, found.ID, found.Principal, found.Fingerprint,
		string(found.Status), found.Undoes, found.Created, found.Started, found.Approval, body,
		stored.Nanoseconds(c.ExpiresAt), c.Level.String())
	for i := 0; i < len(c.Items) && err == nil; i++ {
		item := &c.Items[i]
		var body []byte
		if body, err = json.Marshal(item); err == nil {
			_, err = r.insert(ctx, `INSERT INTO items (change, idx, outcome, target, body) VALUES (?, ?, ?, ?, ?)`,
				seq, i, string(item.Outcome), item.Target(c.ID, i), string(body))
		}
	}
	return err
}

func (r *receiver) Decline(ctx context.Context, principal string, at time.Time, key change.DeclineKey) error {
	_, err := r.insert(ctx, `INSERT INTO declines (principal, at, place, value) VALUES (?, ?, ?, ?)`,
		principal, at.UnixNano(), key.Place, key.Value)
	return err
}
