package sqlite

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/internal/stored"
)

// olderFile makes a file that the last program of version 4 wrote: 31 changes with every operation, of nearly every
// status, some of them purged, and one that was to be stopped and whose owner died.
func olderFile(t *testing.T) (path string) { return fileOfVersion(t, 4) }

// fileOfVersion makes a file that the last program of a version wrote. That of version 5 is that of version 4,
// migrated, and two more changes whose owner died: one of 150 items that was to be stopped, with a bulk job of 100, and
// one of which an item is partly written. Those of the versions from then on are that of version 5, migrated.
func fileOfVersion(t *testing.T, version int) (path string) {
	t.Helper()
	packed, err := os.Open(fmt.Sprintf("testdata/v%d.db.gz", version))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "changes.db")
	write(t, path, content)
	return path
}

// query reads the only column of what a query finds in a file, past the store.
func query(t *testing.T, path, statement string) (column []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		column = append(column, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return column
}

// TestVersion4 opens a file of version 4: every change is listed, reads as it was, and verifies, and the work goes on.
func TestVersion4(t *testing.T) {
	path := olderFile(t)
	bodies := query(t, path, "SELECT body FROM changes ORDER BY seq")
	items := query(t, path, "SELECT body FROM items ORDER BY change, idx")
	s := openAt(t, path)
	found, err := s.VerifyAudit(t.Context())
	if err != nil || found.Head.Seq != 210 {
		t.Errorf("%v, %v", found, err)
	}
	list, err := s.List(t.Context(), "local", change.Query{Limit: 100})
	if err != nil || len(list) != len(bodies) {
		t.Fatalf("%d of %d changes, %v", len(list), len(bodies), err)
	}
	slices.Reverse(list)
	read := 0
	operations := make(map[change.Operation]bool)
	for i := range list {
		c, err := s.Get(t.Context(), "local", list[i].Change.ID)
		if err != nil {
			t.Fatal(err)
		}
		var want change.Change
		if err := stored.Decode([]byte(bodies[i]), &want); err != nil {
			t.Fatal(err)
		}
		want.Items = make([]change.Item, list[i].Count.Total())
		for n := range want.Items {
			if err := stored.Decode([]byte(items[read]), &want.Items[n]); err != nil {
				t.Fatal(err)
			}
			operations[want.Items[n].Patch.Operation()] = true
			read++
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.ID, diff)
		}
	}
	for _, op := range change.Operations() {
		if !operations[op.Operation] && op.Operation != change.CreateTag { // which version 4 did not know
			t.Errorf("no change does %q", op.Name)
		}
	}
	if read != len(items) {
		t.Errorf("%d of %d items", read, len(items))
	}
	left, err := s.ClaimInterrupted(t.Context())
	if err != nil || len(left) != 1 || left[0].Status != change.StatusApplying {
		t.Fatalf("%+v, %v", left, err)
	}
	if stop, requested, err := s.Shared().Stops.Requested(t.Context(), left[0].ID); !requested ||
		stop != (change.StopRequest{By: "local"}) || err != nil {
		t.Errorf("the request to stop it: %+v, %t, %v", stop, requested, err)
	}
	changetest.Advance(t, s, left[0].ID, change.Step{To: change.StatusUnknown, At: time.Now()})
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestVersion4Targets counts the targets of changes that version 4 wrote.
func TestVersion4Targets(t *testing.T) {
	path := olderFile(t)
	at := query(t, path, "SELECT body ->> '$.CreatedAt' FROM changes ORDER BY seq DESC LIMIT 1")[0]
	last, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		t.Fatal(err)
	}
	const counts = ` FROM items JOIN changes ON change = seq WHERE started_at IS NOT NULL AND outcome NOT IN ('unchanged', 'failed')`
	all := query(t, path, "SELECT count(DISTINCT items.body ->> '$.Contact')"+counts)[0]
	unconfirmed := query(t, path, "SELECT count(DISTINCT items.body ->> '$.Contact')"+counts+" AND approval = 'none'")[0]
	r, err := openAt(t, path).Recent(t.Context(), change.Change{Principal: "local"}, last)
	if err != nil || strconv.Itoa(r.Written) != all || strconv.Itoa(r.Unconfirmed) != unconfirmed || unconfirmed == all {
		t.Errorf("%d and %d targets, %v; want %s and %s", r.Written, r.Unconfirmed, err, all, unconfirmed)
	}
}

// TestVersion5 opens a file of version 5: all verifies, and what was interrupted is found with its job and its stop.
func TestVersion5(t *testing.T) {
	path := fileOfVersion(t, 5)
	s := openAt(t, path)
	if found, err := s.VerifyAudit(t.Context()); err != nil || found.Head.Seq != 218 {
		t.Errorf("%v, %v", found, err)
	}
	if list, err := s.List(t.Context(), "local", change.Query{Limit: 100}); err != nil || len(list) != 33 {
		t.Errorf("%d changes, %v", len(list), err)
	}
	left, err := s.ClaimInterrupted(t.Context())
	if err != nil || len(left) != 3 {
		t.Fatalf("%d were left, %v", len(left), err)
	}
	bulk, partly := left[1], left[2]
	if len(bulk.Jobs) != 1 || bulk.Jobs[0].ID != "job-1" || bulk.Jobs[0].Items != "0-99" || len(bulk.Items) != 150 {
		t.Errorf("%d items, jobs %+v", len(bulk.Items), bulk.Jobs)
	}
	if stop, _, err := s.Shared().Stops.Requested(t.Context(), bulk.ID); stop != (change.StopRequest{By: "ops",
		Reason: "wrong contacts"}) || err != nil {
		t.Errorf("%+v, %v", stop, err)
	}
	if item := partly.Items[0]; item.Outcome != change.Partly || !slices.Equal(item.Missing, []string{"name"}) ||
		partly.Person.Email != "ann@example.com" {
		t.Errorf("%+v by %+v", item, partly.Person)
	}
	if _, err := os.Stat(path + ".v5"); err != nil {
		t.Error(err)
	}
}

// TestMigrateEmail finds the changes of a version before by the e-mail of whose they are.
func TestMigrateEmail(t *testing.T) {
	path := fileOfVersion(t, 12)
	execRaw(t, path, `UPDATE changes SET body = json_set(body, '$.Person.Email', 'Özil@example.com') WHERE seq = 1;
		UPDATE changes SET body = json_set(body, '$.Person', json('{"Email":"özil@example.com","Unverified":true}'))
		WHERE seq = 2; UPDATE changes SET body = '{' WHERE seq = 3`)
	s := openAt(t, path)
	for email, want := range map[string]int{"ÖZIL@example.com": 1, "ANN@example.com": 2, "nobody@example.com": 0} {
		list, err := s.List(t.Context(), "", change.Query{Email: email, Limit: 9})
		if err != nil || len(list) != want {
			t.Errorf("%d changes of %s, %v; want %d", len(list), email, err, want)
		}
	}
}

// TestSchema: a file of each version before becomes what a new one is.
func TestSchema(t *testing.T) {
	for version := firstVersion; version < schemaVersion; version++ {
		compareSchema(t, openAt(t, fileOfVersion(t, version)))
	}
}

// TestMigrateTampered opens a file of a version before in which an event is no JSON: the check of the trail is to find
// that.
func TestMigrateTampered(t *testing.T) {
	path := fileOfVersion(t, 10)
	execRaw(t, path, "DROP TRIGGER events_are_not_updated; UPDATE events SET body = '{' WHERE seq = 9")
	if _, err := openAt(t, path).VerifyAudit(t.Context()); !errors.Is(err, change.ErrTampered) ||
		!strings.Contains(err.Error(), "event 9 was edited") {
		t.Errorf("the check of the trail: %v", err)
	}
}

func compareSchema(t *testing.T, older *Store) {
	t.Helper()
	fresh := openTemp(t)
	const schema = `SELECT m.type || ' ' || m.name || ' ' || coalesce(group_concat(x.name || ' ' || x.type || x."notnull" || coalesce(x.dflt_value, '') || x.pk || x.hidden), '')
		FROM sqlite_schema m LEFT JOIN pragma_table_xinfo(m.name) x GROUP BY m.name ORDER BY m.name`
	const indexes = `SELECT sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name`
	for _, s := range []*Store{older, fresh} {
		changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	}
	for _, statement := range []string{schema, indexes, "PRAGMA user_version", "PRAGMA application_id"} {
		if diff := cmp.Diff(query(t, fresh.Path(), statement), query(t, older.Path(), statement)); diff != "" {
			t.Errorf("(-fresh +migrated):\n%s", diff)
		}
	}
}

// TestCopy keeps what was migrated as FILE.v4, for its owner's eyes alone: what was still in the log of writes, too.
func TestCopy(t *testing.T) {
	path := olderFile(t)
	logged, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer logged.Close() // keeps the log from being written back
	if _, err := logged.ExecContext(t.Context(), "UPDATE workspace SET name = 'logged'"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() == 0 {
		t.Fatal("there is no log", err)
	}
	tables := []string{"changes", "items", "events", "declines", "workspace", "sqlite_sequence"}
	dump := func(path string) map[string][]string {
		content := make(map[string][]string)
		for _, table := range tables {
			columns := strings.Join(query(t, path, "SELECT quote(name) FROM pragma_table_info('"+table+"')"), ", ")
			content[table] = query(t, path, "SELECT json_array("+strings.ReplaceAll(columns, "'",
				`"`)+") FROM "+table+" ORDER BY 1")
		}
		return content
	}
	before := dump(path)
	changetest.Create(t, openAt(t, path), changetest.Planned(change.StatusAwaiting, 1))
	info, err := os.Stat(path + ".v4")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatal(info, err)
	}
	if diff := cmp.Diff(before, dump(path+".v4")); diff != "" {
		t.Errorf("(-before +copy):\n%s", diff)
	}
	if got := query(t, path+".v4", "PRAGMA user_version"); !slices.Equal(got, []string{"4"}) {
		t.Errorf("the copy is of version %v", got)
	}
	if left, err := filepath.Glob(path + ".v4.*"); err != nil || left != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestCopyInTheWay finds a FILE.v4 that is there already. It is never written to, and taken only for the copy that it
// is.
func TestCopyInTheWay(t *testing.T) {
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		ok   bool
	}{
		"the copy of a migration that was interrupted": {func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path+".v4", content)
			write(t, path+".v4.partial", []byte("of another migration that was interrupted"))
		}, true},
		"an older copy": {func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path+".v4", content)
			execRaw(t, path+".v4", "DROP TRIGGER events_are_not_deleted; DELETE FROM events WHERE seq = 210")
		}, false},
		"half a copy": {func(t *testing.T, path string) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path+".v4", content[:len(content)/2])
		}, false},
		"an empty file": {func(t *testing.T, path string) { write(t, path+".v4", nil) }, false},
		"a text":        {func(t *testing.T, path string) { write(t, path+".v4", []byte("Dear diary, ")) }, false},
		"a dead link":   {func(t *testing.T, path string) { symlink(t, path+".nowhere", path+".v4") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := olderFile(t)
			test.make(t, path)
			before, beforeErr := os.ReadFile(path + ".v4")
			s := openAt(t, path)
			_, err := s.Get(t.Context(), "local", change.NewID())
			if test.ok != errors.Is(err, change.ErrNotFound) || !test.ok && (!errors.Is(err, change.ErrUnavailable) ||
				!strings.Contains(err.Error(), "move "+path+".v4 elsewhere")) {
				t.Errorf("%v", err)
			}
			after, afterErr := os.ReadFile(path + ".v4")
			if !bytes.Equal(before, after) || (beforeErr == nil) != (afterErr == nil) {
				t.Errorf("it was written to: %v, %v", beforeErr, afterErr)
			}
			if left, err := filepath.Glob(path + ".v4.*"); err != nil || left != nil {
				t.Errorf("left behind: %v, %v", left, err)
			}
			version := "4"
			if test.ok {
				version = strconv.Itoa(schemaVersion)
			}
			if got := query(t, path, "PRAGMA user_version"); !slices.Equal(got, []string{version}) {
				t.Errorf("the file is of version %v", got)
			}
		})
	}
}

// TestMigrateTogether has many stores find one file of version 4 at the same time: it is copied and migrated once.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	path := olderFile(t)
	var wg sync.WaitGroup
	for range 6 {
		s := openAt(t, path)
		wg.Go(func() {
			if list, err := s.List(t.Context(), "local", change.Query{Limit: 100}); err != nil || len(list) != 31 {
				t.Errorf("%d changes, %v", len(list), err)
			}
		})
	}
	wg.Wait()
	if got := query(t, path+".v4", "SELECT count(*) FROM changes"); !slices.Equal(got, []string{"31"}) {
		t.Errorf("the copy has %v changes", got)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}
