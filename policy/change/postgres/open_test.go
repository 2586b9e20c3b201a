package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// schemaIn is the schema that a URL names.
func schemaIn(t testing.TB, at string) string {
	t.Helper()
	parsed, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query().Get("search_path")
}

// execIn runs statements in the schema of a URL.
func execIn(t testing.TB, at, statements string) {
	t.Helper()
	if err := postgrestest.Shared(t).Exec(schemaIn(t, at), statements); err != nil {
		t.Fatal(err)
	}
}

// refuses makes sure that a store does not take a change, for a reason.
func refuses(t testing.TB, s *Store, why string) {
	t.Helper()
	_, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1), nil)
	if !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), why) {
		t.Errorf("%v, want %s", err, why)
	}
}

// reads makes sure that a store tells of one change.
func reads(t testing.TB, s *Store) {
	t.Helper()
	if list, err := s.List(t.Context(), "", change.Query{Limit: 2}); err != nil || len(list) != 1 {
		t.Errorf("%d changes, %v", len(list), err)
	}
}

// TestOpenRefuses names databases and schemas that make no sense.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"postgres://u:secret@h:x/d", "postgres://u:secret@h/d?search_path=a,b",
		"postgres://u:secret@h/d?search_path=pg_catalog", "postgres://u:secret@h/d?sslmode=maybe"} {
		if _, err := Open(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestUnreachable asks a database that is not there.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	for at, why := range map[string]string{
		"postgres://u:secret@127.0.0.1:1/d":                                              "cannot be reached",
		postgrestest.Shared(t).URL("x") + "&dbname=none&database=none":                   "no such database",
		strings.Replace(postgrestest.Shared(t).URL("x"), "tester@", "nobody:secret@", 1): "does not let this user in",
		postgrestest.Shared(t).URL("x") + "&sslmod=disable":                              "sslmod",
	} {
		s := openAt(t, at)
		refuses(t, s, why)
		if _, err := s.Get(t.Context(), "ann", "x"); !errors.Is(err, change.ErrUnavailable) ||
			strings.Contains(err.Error(), "secret") || strings.ContainsAny(err.Error(), "\n\t") ||
			strings.Count(err.Error(), "connection refused") > 1 {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// TestForeignSchema refuses the schemas of other programs, and of newer versions of this one.
func TestForeignSchema(t *testing.T) {
	t.Parallel()
	foreign := postgrestest.Schema(t)
	name := schemaIn(t, foreign)
	execIn(t, foreign,
		`CREATE SCHEMA "`+name+`"; CREATE TABLE changes (id text); CREATE TABLE schema_version (version int)`)
	refuses(t, openAt(t, foreign), "tables of another program")

	at := postgrestest.Schema(t)
	s := openAt(t, at)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	execIn(t, at, fmt.Sprintf(`UPDATE schema_version SET version = %d`, schemaVersion+1))
	for _, s := range []*Store{s, openAt(t, at)} {
		refuses(t, s, "a newer intercom-mcp wrote")
	}
}

// TestRights makes a schema as a user who may, and uses it as one who may not.
func TestRights(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	user := "u" + schemaIn(t, at)
	if err := postgrestest.Shared(t).Exec("", `CREATE ROLE `+user+` LOGIN`); err != nil {
		t.Fatal(err)
	}
	as := openAt(t, strings.Replace(at, "tester@", user+"@", 1))
	refuses(t, as, "lacks the right")
	changetest.Create(t, openAt(t, at), changetest.Planned(change.StatusAwaiting, 1))
	refuses(t, as, "lacks the right")
	execIn(t, at, `GRANT USAGE ON SCHEMA `+schemaIn(t, at)+` TO `+user+`; GRANT SELECT ON ALL TABLES IN SCHEMA `+
		schemaIn(t, at)+` TO `+user)
	reads(t, as)
	refuses(t, as, "lacks the right")
}

// TestReadOnly reads on where the database takes no writes.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	changetest.Create(t, openAt(t, at), changetest.Planned(change.StatusAwaiting, 1))
	s := openAt(t, at+"&default_transaction_read_only=on")
	reads(t, s)
	refuses(t, s, "can only be read")
	looked, err := Look(at)
	if err != nil {
		t.Fatal(err)
	}
	defer looked.Close()
	reads(t, looked)
	refuses(t, looked, "only read here")
	missing, err := Existing(postgrestest.Schema(t))
	if err != nil {
		t.Fatal(err)
	}
	defer missing.Close()
	refuses(t, missing, "no changes")
}

// TestClocks refuses to write where the two clocks differ by minutes. Leases go by the database's alone.
func TestClocks(t *testing.T) {
	t.Parallel()
	now := time.Now()
	row := func(at time.Time) [][]byte {
		return [][]byte{fmt.Append(nil, schemaVersion), nil, fmt.Append(nil, at.UnixNano()), []byte("f"), []byte("f"), nil}
	}
	s := &schema{place: "here"}
	for off, refused := range map[time.Duration]bool{0: false, 5 * time.Minute: true, -5 * time.Minute: true,
		30 * time.Second: false, -30 * time.Second: false} {
		g, err := readGuard(row(now.Add(off)), now, now.Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.checkWritable(g, false); (err != nil) != refused || refused && !strings.Contains(err.Error(), "clock") {
			t.Errorf("%v: %v", off, err)
		}
	}
}

// TestOneSchemaOfOneWorkspace refuses another workspace's servers.
func TestOneSchemaOfOneWorkspace(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	of := func(workspace string) *Store {
		s := openAt(t, at)
		s.Workspace = func(context.Context) (string, error) { return workspace, nil }
		return s
	}
	c := changetest.Create(t, of("a"), changetest.Planned(change.StatusAwaiting, 1))
	other := of("b")
	refuses(t, other, "keeps the changes of workspace a")
	if _, err := other.Get(t.Context(), "ann", c.ID); !errors.Is(err, change.ErrWrongWorkspace) {
		t.Errorf("a read: %v", err)
	}
	if found, err := of("a").VerifyAudit(t.Context()); err != nil || found.Head.Seq != 2 {
		t.Errorf("%+v, %v", found, err)
	}
}

// TestOnceByManyStores has stores make the schema and bind it at the same time.
func TestOnceByManyStores(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t) + "&default_transaction_isolation=serializable"
	done := make(chan error)
	const many = 6
	for range many {
		s := openAt(t, at)
		s.Workspace = func(context.Context) (string, error) { return "a", nil }
		go func() {
			_, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1), nil)
			done <- err
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if found, err := openAt(t, at).VerifyAudit(t.Context()); err != nil || found.Head.Seq != many+1 {
		t.Errorf("%+v, %v", found, err)
	}
}
