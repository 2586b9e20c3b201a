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
	schemaVersion = 7
	// oldestServer is the oldest release of PostgreSQL that is tried: 13.
	oldestServer = 130000
)

// migrations holds N.sql, which leads from version N-1 to N, and the first of which makes the tables. One that has
// landed is never edited.
//
//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to this version, in one transaction, which no other runs at the same time.
func (s *schema) migrate(ctx context.Context, conn *sql.Conn, now found) error {
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
	// READ COMMITTED, whatever the default: what is examined after the wait is what another process has made meanwhile.
	lock := `SELECT pg_advisory_xact_lock(hashtextextended('intercom-mcp migrates ' || current_database(), 0))`
	if err := run(beginWrite + `; ` + lock); err != nil {
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
			return fmt.Errorf("making the schema %s, which CREATE SCHEMA %s AUTHORIZATION … does as well: %w", s.name,
				s.quoted(), err)
		}
	}
	script := `SET LOCAL search_path TO ` + s.quoted() + `;`
	if now.version == 0 {
		script += `CREATE TABLE schema_version (one boolean PRIMARY KEY DEFAULT true CHECK (one), application text NOT NULL,
			version integer NOT NULL); INSERT INTO schema_version (application, version) VALUES ('` + application + `', 0);`
	}
	if now.version > 0 { // nobody is in the middle of a transaction of the older version, then
		script += `LOCK TABLE schema_version IN ACCESS EXCLUSIVE MODE;`
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
