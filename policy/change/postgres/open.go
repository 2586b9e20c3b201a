package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

const (
	// DefaultLease is how long a change stays with an owner that does not renew its lease.
	DefaultLease = 15 * time.Second
	// mostConnections bounds the connections of one store, but for the one that renews leases; more calls wait.
	mostConnections = 10
	// connectTimeout bounds how long a connection may take to come about, where the URL has no connect_timeout.
	connectTimeout = 5 * time.Second
)

// Store is a [change.Store] in one schema of a PostgreSQL database, which any number of processes may share. It keeps
// the audit trail of the schema's changes too.
//
// Nothing is asked of the database before it is needed; then the schema is made or migrated if need be. What the
// database confirms is as lasting as the database makes it: with synchronous_commit off, or a standby that follows
// later, a failover may lose what was confirmed, which the store notices.
type Store struct {
	// Lease is how long a lease of this store lasts, which it renews three times as often: after that, another store
	// takes over what it was applying. It may be set before first use.
	Lease time.Duration
	// Workspace returns the name of the workspace that the changes belong to, as of package sqlite: a schema that is bound
	// to another workspace is refused. It may be set before first use. Nil: whichever the schema is bound to.
	Workspace func(context.Context) (string, error)

	owner    string // names this store among those that share the schema
	place    string // for people: host, database and schema, without secrets
	schema   string
	existing bool    // no schema is made; see [Existing]
	looking  bool    // nothing is written; see [Look]
	db       *sql.DB // for all but leases
	beat     *sql.DB // for what must not wait for a connection that a call holds: leases, and what became of a commit
	lookup   *stored.WorkspaceLookup
	leases   *stored.Leases
	soon     *stored.Backlog
	seen     *memory

	mu    sync.Mutex
	ready bool // the schema is of this version
}

var _ change.Durable = (*Store)(nil)

// IsURL reports whether a state is one of a PostgreSQL database, rather than a file.
func IsURL(state string) bool {
	return strings.HasPrefix(state, "postgres://") || strings.HasPrefix(state, "postgresql://")
}

// Open returns the store in the schema that a URL names by search_path, public where it names none. It fails only where
// the URL makes no sense; a database that cannot be used shows at the first use, as [change.ErrUnavailable]. The store
// must be closed.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
func Open(url string) (*Store, error) {
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the URL of the database: %w", err) // which has no password in it
	}
	schema, err := schemaOf(config.RuntimeParams["search_path"])
	if err != nil {
		return nil, err
	}
	delete(config.RuntimeParams, "search_path") // each transaction sets it
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "intercom-mcp"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	s := &Store{
		Lease: DefaultLease, owner: rand.Text(), schema: schema,
		place: fmt.Sprintf("the schema %s of the database %s on %s", schema, config.Database, config.Host),
		db:    sql.OpenDB(connector{config}), beat: sql.OpenDB(connector{config}),
		lookup: stored.NewWorkspaceLookup(), seen: new(memory),
	}
	s.db.SetMaxOpenConns(mostConnections)
	s.db.SetMaxIdleConns(mostConnections / 2)
	s.db.SetConnMaxIdleTime(time.Minute)
	s.beat.SetMaxOpenConns(1)
	s.beat.SetConnMaxIdleTime(time.Minute)
	s.soon = stored.NewBacklog(func(ctx context.Context) error { return s.Append(ctx) })
	s.leases = stored.NewLeases(func() time.Duration { return s.Lease / 3 }, s.renew)
	return s, nil
}

// Existing returns a store that makes no schema: where there is none, whatever it is asked fails.
func Existing(url string) (*Store, error) {
	s, err := Open(url)
	if err == nil {
		s.existing = true
	}
	return s, err
}

// Look returns a store that only reads: what would write fails, and no schema is made or migrated.
func Look(url string) (*Store, error) {
	s, err := Existing(url)
	if err == nil {
		s.looking = true
	}
	return s, err
}

// errLooking refuses to write where a schema is only looked at.
var errLooking = fmt.Errorf("%w: the changes are only read here", change.ErrUnavailable)

// Place says where the changes are, without secrets.
func (s *Store) Place() string { return s.place }

// Close implements [change.Durable].
func (s *Store) Close() error {
	s.leases.Close()
	s.leases.Wait()
	return errors.Join(s.soon.Close(), s.db.Close(), s.beat.Close())
}

// schemaOf is the one schema that a search path names.
func schemaOf(path string) (string, error) {
	name := strings.TrimSpace(path)
	if quoted, ok := strings.CutPrefix(name, `"`); ok {
		name = strings.ReplaceAll(strings.TrimSuffix(quoted, `"`), `""`, `"`)
	} else if strings.Contains(name, ",") {
		return "", fmt.Errorf("the search_path %q of the database's URL has to name one schema", path)
	} else {
		name = strings.ToLower(name)
	}
	if name == "" {
		return "public", nil
	}
	if len(name) > 63 || strings.ContainsRune(name, 0) || strings.HasPrefix(name, "pg_") {
		return "", fmt.Errorf("the search_path %q of the database's URL names no schema of your own", path)
	}
	return name, nil
}

// quoted is the name of the schema as SQL has it.
func (s *Store) quoted() string { return `"` + strings.ReplaceAll(s.schema, `"`, `""`) + `"` }
