package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"intercom-mcp/policy/change"
)

// schema is the schema that a store keeps its changes in, its version, and whether it may be written to. It is safe for
// concurrent use.
type schema struct {
	name     string
	place    string      // for people: host, database and schema, without secrets
	existing bool        // it is not made; see [Existing]
	looking  bool        // nothing is written; see [Look]
	ready    atomic.Bool // it is of this version
}

// found is what stands in a schema.
type found struct {
	server    int  // version of the database
	recovery  bool // nothing can be made
	exists    bool
	relations int
	version   int // of our tables; 0 where there are none
}

// quoted is the name of the schema as SQL has it.
func (s *schema) quoted() string { return `"` + strings.ReplaceAll(s.name, `"`, `""`) + `"` }

// examine looks at the schema, and refuses one that is another program's or a newer one's.
func (s *schema) examine(ctx context.Context, conn *sql.Conn) (now found, err error) {
	const query = `SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
		EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
		(SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f')),
		EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
			WHERE nspname = $1 AND relname = 'schema_version' AND attname = 'application')`
	var marked bool
	err = conn.QueryRowContext(ctx, query, s.name).Scan(&now.server, &now.recovery, &now.exists, &now.relations, &marked)
	if err != nil {
		return now, err
	}
	owner := ""
	if marked {
		err = conn.QueryRowContext(ctx, `SELECT application, version FROM `+s.quoted()+`.schema_version`).
			Scan(&owner, &now.version)
		if err != nil {
			return now, err
		}
	}
	switch {
	case now.server < oldestServer:
		return now, fmt.Errorf("%w: %s is of a PostgreSQL before 13", change.ErrUnavailable, s.place)
	case now.relations > 0 && owner != application:
		return now, fmt.Errorf("%w: %s holds the tables of another program; name a schema of intercom-mcp's own in the URL, "+
			"which is made: ?search_path=intercom_mcp", change.ErrUnavailable, s.place)
	}
	if now.version > schemaVersion {
		return now, s.checkVersion(now.version)
	}
	return now, nil
}

// checkVersion makes sure that the schema is of this version.
func (s *schema) checkVersion(version int) error {
	switch {
	case version == schemaVersion:
		return nil
	case version < schemaVersion:
		s.ready.Store(false) // so that the next call migrates it
		return fmt.Errorf("%w: %s is of version %d again, which an older intercom-mcp wrote: it was restored from a copy",
			change.ErrUnavailable, s.place, version)
	}
	return fmt.Errorf("%w: %s is of version %d, which a newer intercom-mcp wrote; this one knows version %d",
		change.ErrUnavailable, s.place, version, schemaVersion)
}

// checkWritable returns why nothing may be written now.
func (s *schema) checkWritable(g guard, urgent bool) error {
	if err := s.checkVersion(g.version); err != nil {
		return err
	}
	switch {
	case g.recovery:
		return fmt.Errorf("%w: %s is in recovery, or a standby: it can only be read until it is promoted",
			change.ErrUnavailable, s.place)
	case g.readOnly:
		return fmt.Errorf("%w: %s can only be read (default_transaction_read_only)", change.ErrUnavailable, s.place)
	case g.ahead.Abs() > clockTolerance:
		return fmt.Errorf("%w: the clock of this machine is %s off that of the database: set both by the network (NTP)",
			change.ErrUnavailable, g.ahead.Abs().Round(time.Second))
	case g.loss != nil && !urgent:
		return g.loss
	}
	return nil
}
