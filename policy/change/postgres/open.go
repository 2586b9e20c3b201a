package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// DefaultLease is how long a change stays with an owner that does not renew its lease.
const DefaultLease = 15 * time.Second

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

	database *database
	owner    *owner
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
	config.DialFunc = dialer.DialContext
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	s := &Store{Lease: DefaultLease}
	connected := newConnections(config, schema)
	s.owner = newOwner(connected, func() time.Duration { return s.Lease })
	s.database = newDatabase(connected, s.owner, func() stored.AskWorkspace { return s.Workspace })
	return s, nil
}

// Existing returns a store that makes no schema: where there is none, whatever it is asked fails.
func Existing(url string) (*Store, error) {
	s, err := Open(url)
	if err == nil {
		s.database.connections.schema.existing = true
	}
	return s, err
}

// Look returns a store that only reads: what would write fails, and no schema is made or migrated.
func Look(url string) (*Store, error) {
	s, err := Existing(url)
	if err == nil {
		s.database.connections.schema.looking = true
	}
	return s, err
}

// errLooking refuses to write where a schema is only looked at.
var errLooking = fmt.Errorf("%w: the changes are only read here", change.ErrUnavailable)

// Place says where the changes are, without secrets.
func (s *Store) Place() string { return s.database.connections.schema.place }

// Exists reports whether the schema holds changes, or may; it makes none.
func (s *Store) Exists(ctx context.Context) (bool, error) {
	c := s.database.connections
	var now found
	err := c.schema.failed("looking for changes", func() error {
		conn, err := c.pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer c.end(conn)
		now, err = c.schema.examine(ctx, conn)
		return err
	}())
	return now.version > 0, err
}

// Writable returns why nothing may be written now; nil where it may, as far as can be told without.
func (s *Store) Writable(ctx context.Context) error {
	c := s.database.connections
	return c.schema.failed("looking whether the database takes writes", func() error {
		if err := c.makeReady(ctx); err != nil {
			return err
		}
		conn, g, err := c.begin(ctx, c.pool, beginWrite)
		if err != nil {
			return err
		}
		defer c.end(conn)
		return c.schema.checkWritable(g, false)
	}())
}

// Close implements [change.Durable].
func (s *Store) Close() error {
	s.owner.close()
	return s.database.close()
}

// Shared implements [change.Store].
func (s *Store) Shared() change.Shared {
	d := s.database
	return change.Shared{
		Stops: stops{d}, Cursors: cursors{d}, Requests: requests{d}, Servers: servers{d}, Sessions: sessions{d},
		Outbox: outbox{d}, Rates: rates{d}, Seals: seals{d}, Cuts: cuts{d},
	}
}

// schemaOf is the one schema that a search path names.
func schemaOf(path string) (string, error) {
	name := strings.TrimSpace(path)
	quoted := strings.HasPrefix(name, `"`)
	if quoted {
		name = strings.TrimSuffix(name[1:], `"`)
	}
	switch {
	case !quoted && strings.Contains(name, ","), quoted && strings.Contains(strings.ReplaceAll(name, `""`, ""), `"`):
		return "", fmt.Errorf("the search_path %q of the database's URL has to name one schema", path)
	case quoted:
		name = strings.ReplaceAll(name, `""`, `"`)
	default:
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
