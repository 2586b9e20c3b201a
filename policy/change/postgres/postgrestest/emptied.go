package postgrestest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// emptied are the schemas that were given back, whose tables are empty, and connections to empty more by: new ones
// would cost more than the work.
var emptied struct {
	mu          sync.Mutex
	schemas     []string
	connections []*pgconn.PgConn
}

// Emptied returns the URL of a schema of the package's server that nobody else has now, for tests that need many: one
// that was given back and is empty as a store makes it, else one that is not made yet. To empty one costs a tenth of
// making it. giveBack ends the connections to the schema that the URL made, and is called at the end.
func Emptied(t testing.TB) (url string, giveBack func()) {
	t.Helper()
	server := Shared(t)
	emptied.mu.Lock()
	defer emptied.mu.Unlock()
	name := "e_" + strings.ToLower(rand.Text())
	if n := len(emptied.schemas); n > 0 {
		name = emptied.schemas[n-1]
		emptied.schemas = slices.Delete(emptied.schemas, n-1, n)
	}
	return server.URL(name) + "&application_name=" + name, func() {
		if server.empty(name) != nil {
			return // it was never made, or the test broke it
		}
		emptied.mu.Lock()
		defer emptied.mu.Unlock()
		emptied.schemas = append(emptied.schemas, name)
	}
}

// empty empties a schema.
func (s *Server) empty(name string) (err error) {
	ctx, enough := context.WithTimeout(context.Background(), 10*time.Second)
	defer enough()
	var conn *pgconn.PgConn
	emptied.mu.Lock()
	if n := len(emptied.connections); n > 0 {
		conn, emptied.connections = emptied.connections[n-1], emptied.connections[:n-1]
	}
	emptied.mu.Unlock()
	if conn == nil {
		if conn, err = pgconn.Connect(ctx, s.URL("")); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf(empty, name)).ReadAll(); err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	emptied.mu.Lock()
	defer emptied.mu.Unlock()
	emptied.connections = append(emptied.connections, conn)
	return nil
}

// empty ends the connections of a schema's name, and leaves in its tables what the migrations put there. Triggers,
// which keep the trail as it is, do not run.
const empty = `SET search_path TO %[1]s; SET session_replication_role = replica;
DO $$
DECLARE
	name constant text = '%[1]s';
	item regclass;
BEGIN
	FOR i IN 1..2000 LOOP
		PERFORM pg_stat_clear_snapshot();
		PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = name;
		EXIT WHEN NOT FOUND;
		PERFORM pg_sleep(0.002);
	END LOOP;
	FOR item IN SELECT oid FROM pg_class
			WHERE relnamespace = name::regnamespace AND relkind = 'r' AND relname <> 'schema_version' LOOP
		EXECUTE 'DELETE FROM ' || item;
	END LOOP;
	FOR item IN SELECT oid FROM pg_class WHERE relnamespace = name::regnamespace AND relkind = 'S' LOOP
		PERFORM setval(item, 1, false);
	END LOOP;
	INSERT INTO tip (seq, hash) VALUES (0, '');
END $$`
