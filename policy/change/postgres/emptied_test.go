package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestEmptied holds that a schema that tests used is as a new one once it is emptied, and that nobody is in it.
func TestEmptied(t *testing.T) { // while no other test takes a schema
	var first, last, place string
	for used := range 2 {
		at, giveBack := postgrestest.Emptied(t)
		s := openAt(t, at)
		if err := s.Writable(t.Context()); err != nil {
			t.Fatal(err)
		}
		if state := stateOf(t, at); used == 0 {
			first, place = state, at
		} else if last = state; at != place {
			t.Errorf("%s was not given again", place)
		}
		c := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
		changetest.Advance(t, s, c.ID, change.Step{To: change.StatusDeclined, At: changetest.Epoch})
		if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "for a while"); err != nil {
			t.Fatal(err)
		}
		if stateOf(t, at) == first {
			t.Error("the schema does not show what was written")
		}
		giveBack()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if first == "" || first != last {
		t.Errorf("emptied:\n%s\nnew:\n%s", last, first)
	}
}

// stateOf is all that is in the tables and sequences of a schema.
func stateOf(t *testing.T, at string) string {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	results, err := conn.Exec(t.Context(), `SELECT string_agg(c.relname || ': ' ||
		query_to_xml('SELECT * FROM ' || c.oid::regclass, false, false, ''), E'\n' ORDER BY c.relname) FROM pg_class c
		WHERE c.relnamespace = '`+schemaIn(t, at)+`'::regnamespace AND c.relkind IN ('r', 'S')`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(results[0].Rows[0][0])
}
