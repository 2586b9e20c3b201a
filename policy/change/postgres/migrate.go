package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"strconv"

	"intercom-mcp/policy/change"
)

const (
	// application marks a schema as one of ours.
	application = "intercom-mcp"
	// schemaVersion is the newest migration's number.
	schemaVersion = 4
	// oldestServer is the oldest release of PostgreSQL that is tried: 13.
	oldestServer = 130000
)

// migrations holds N.sql, which leads from version N-1 to N, and the first of which makes the tables. One that has
// landed is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// found is what stands in a schema.
type found struct {
	server    int  // version of the database
	recovery  bool // nothing can be made
	exists    bool
	relations int
	version   int // of our tables; 0 where there are none
}

// makeReady makes or migrates the schema, unless that is known to be done.
func (s *Store) makeReady(ctx context.Context) error {
	s.mu.Lock()
	ready := s.ready
	s.mu.Unlock()
	if ready {
		return nil
	}
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer s.end(conn)
	now, err := s.examine(ctx, conn)
	if err != nil {
		return err
	}
	if now.version < schemaVersion {
		if s.existing && now.version == 0 {
			return fmt.Errorf("%w: there are no changes in %s yet", change.ErrUnavailable, s.place)
		}
		if s.looking {
			return fmt.Errorf("%w: %s is of version %d, and has to be migrated: start a server on it", change.ErrUnavailable,
				s.place, now.version)
		}
		if err := s.migrate(ctx, conn, now); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = true
	return nil
}

// Exists reports whether the schema holds changes, or may; it makes none.
func (s *Store) Exists(ctx context.Context) (bool, error) {
	var now found
	err := s.failed("looking for changes", func() error {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		defer s.end(conn)
		now, err = s.examine(ctx, conn)
		return err
	}())
	return now.version > 0, err
}

// examine looks at the schema, and refuses one that is another program's or a newer one's.
func (s *Store) examine(ctx context.Context, conn *sql.Conn) (now found, err error) {
	const query = `SELECT current_setting('server_version_num')::int, pg_is_in_recovery(),
		EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1),
		(SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE nspname = $1 AND relkind IN ('r', 'p', 'v', 'm', 'f')),
		EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
			WHERE nspname = $1 AND relname = 'schema_version' AND attname = 'application')`
	var marked bool
	err = conn.QueryRowContext(ctx, query, s.schema).Scan(&now.server, &now.recovery, &now.exists, &now.relations, &marked)
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
func (s *Store) checkVersion(version int) error {
	if version == schemaVersion {
		return nil
	}
	return fmt.Errorf("%w: %s is of version %d, which a newer intercom-mcp wrote; this one knows version %d",
		change.ErrUnavailable, s.place, version, schemaVersion)
}

// migrate brings the schema to this version, in one transaction, which no other runs at the same time.
func (s *Store) migrate(ctx context.Context, conn *sql.Conn, now found) error {
	if now.recovery {
		return fmt.Errorf("%w: %s is in recovery, or a standby: its tables cannot be made or migrated",
			change.ErrUnavailable, s.place)
	}
	run := func(statements string) error {
		return conn.Raw(func(raw any) error {
			_, err := raw.(*wire).script(ctx, statements)
			return err
		})
	}
	lock := `SELECT pg_advisory_xact_lock(hashtextextended('intercom-mcp migrates ' || current_database(), 0))`
	if err := run(`BEGIN; ` + lock); err != nil {
		return err
	}
	now, err := s.examine(ctx, conn)
	if err != nil {
		return err
	}
	if now.version == schemaVersion {
		return run(`COMMIT`) // another process was faster
	}
	if !now.exists {
		if err := run(`CREATE SCHEMA ` + s.quoted()); err != nil {
			return fmt.Errorf("making the schema %s, which CREATE SCHEMA %s AUTHORIZATION … does as well: %w", s.schema,
				s.quoted(), err)
		}
	}
	script := `SET LOCAL search_path TO ` + s.quoted() + `;`
	if now.version == 0 {
		script += `CREATE TABLE schema_version (one boolean PRIMARY KEY DEFAULT true CHECK (one), application text NOT NULL,
			version integer NOT NULL); INSERT INTO schema_version (application, version) VALUES ('` + application + `', 0);`
	}
	for next := now.version + 1; next <= schemaVersion; next++ {
		text, err := migrations.ReadFile(fmt.Sprintf("migrations/%d.sql", next))
		if err != nil {
			return err
		}
		script += string(text)
	}
	script += `UPDATE schema_version SET version = ` + strconv.Itoa(schemaVersion) + `; COMMIT`
	if err := run(script); err != nil {
		return fmt.Errorf("making the tables of version %d: %w", schemaVersion, err)
	}
	return nil
}
