package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestLazy opens a store without touching its file, and makes the file with
// the first change, for its owner's eyes alone.
func TestLazy(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	path := filepath.Join(dir, "changes.db")
	s := openAt(t, path)
	if interrupted, err := s.ClaimInterrupted(t.Context()); err != nil || interrupted != nil {
		t.Errorf("%v, %v", interrupted, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("made before it was needed: %v", err)
	}
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	for name, want := range map[string]os.FileMode{"..": 0o700, ".": 0o700, "changes.db": 0o600, "changes.db-wal": 0o600,
		"changes.db-shm": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %v", name, info, err, want)
		}
	}
	if _, err := Open(""); err == nil {
		t.Error("a store without a path")
	}
}

// TestOddPath keeps changes in a file whose name means something in a URI.
func TestOddPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b%20?mode=memory#c&d", "ch%61nges?.db")
	changetest.Create(t, openAt(t, path), changetest.Planned(change.StatusAwaiting, 1))
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// TestReopen finds what a store left behind that was closed.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	first := openAt(t, path)
	want := changetest.Create(t, first, changetest.Full())
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Get(t.Context(), "ann", want.ID); !errors.Is(err, errClosed) {
		t.Errorf("a closed store: %v", err)
	}
	got, err := openAt(t, path).Get(t.Context(), "ann", want.ID)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestInterruptedIsCheap looks for what others left by an index, since every
// process does that now and then, and most changes have ended long ago.
func TestInterruptedIsCheap(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusApproved, 1))
	if plan := explain(t, s, selectHead+whereInterrupted, 1, s.owner.name); !strings.Contains(plan[0],
		"INDEX changes_open") {
		t.Error(plan)
	}
}

// TestFirstUseTogether has many stores make one file at the same time.
func TestFirstUseTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "changes.db")
	var wg sync.WaitGroup
	const stores = 8
	for i := range stores {
		s := openAt(t, path)
		wg.Go(func() {
			if i%2 == 0 {
				if _, err := s.List(t.Context(), "ann", change.Query{Limit: 1}); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 3), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	list, err := openAt(t, path).List(t.Context(), "ann", change.Query{Limit: 100})
	if err != nil || len(list) != stores {
		t.Errorf("%d changes, %v", len(list), err)
	}
}

// useless are files that are left as they are.
var useless = map[string]struct {
	content func(t *testing.T, path string)
	problem string
}{
	"newer": {func(t *testing.T, path string) {
		changetest.Create(t, openAt(t, path), changetest.Planned(change.StatusAwaiting, 1))
		execRaw(t, path, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion+1))
	}, fmt.Sprintf("of version %d, which a newer intercom-mcp wrote", schemaVersion+1)},
	"of an unreleased version": {func(t *testing.T, path string) {
		execRaw(t, path, fmt.Sprintf("CREATE TABLE changes (id TEXT); PRAGMA application_id = %d; PRAGMA user_version = 3",
			applicationID))
	}, "of version 3, which no release of intercom-mcp wrote"},
	"another program's": {func(t *testing.T, path string) {
		execRaw(t, path, "CREATE TABLE bookmarks (url TEXT)")
	}, "a database of another program"},
	"text": {func(t *testing.T, path string) {
		write(t, path, bytes.Repeat([]byte("Dear diary, "), 1000))
	}, "not a database"},
	"shorn": {func(t *testing.T, path string) {
		s := openAt(t, path)
		changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1000))
		execRaw(t, path, "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, content[:3*4096])
	}, "malformed"},
}

// execRaw runs SQL on a file past the store.
func execRaw(t testing.TB, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestUseless refuses files that cannot be used, and leaves them as they are.
func TestUseless(t *testing.T) {
	t.Parallel()
	for name, test := range useless {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "changes.db")
			test.content(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := openAt(t, path)
			for name, call := range everyCall(t.Context(), s) {
				err := call()
				if !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), test.problem) ||
					!strings.Contains(err.Error(), path) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was written to (%v)", err)
			}
		})
	}
}

// everyCall calls the methods that need the file.
func everyCall(ctx context.Context, s change.Store) map[string]func() error {
	id := change.NewID()
	return map[string]func() error{
		"Create":  func() error { _, err := s.Create(ctx, changetest.Planned(change.StatusApproved, 1), nil); return err },
		"Get":     func() error { _, err := s.Get(ctx, "ann", id); return err },
		"Status":  func() error { _, _, err := s.Status(ctx, "ann", id); return err },
		"Advance": func() error { _, err := s.Advance(ctx, id, change.Step{To: change.StatusApplying}); return err },
		"Record":  func() error { return s.Record(ctx, id, nil) },
		"List":    func() error { _, err := s.List(ctx, "ann", change.Query{Limit: 1}); return err },
		"Recent": func() error {
			_, err := s.Recent(ctx, changetest.Planned(change.StatusApproved, 1), changetest.Epoch)
			return err
		},
		"PurgeValues": func() error { _, err := s.PurgeValues(ctx, changetest.Epoch.Add(time.Hour)); return err },
		"Append":      func() error { return s.Append(ctx, change.Event{Kind: change.KindCall}) },
	}
}

// TestFull fills the disk up: what was recorded stays and can be read, nothing
// is half recorded, and it goes on once there is room again.
func TestFull(t *testing.T) {
	s := openTemp(t)
	waiting := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 10))
	running := changetest.Create(t, s, changetest.Planned(change.StatusApproved, 10))
	changetest.Advance(t, s, running.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch})
	limit := func(pages string) {
		t.Helper()
		if _, err := s.database.file.write.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	limit("1") // as many as there are
	long := strings.Repeat("long ", 10_000)
	refused := changetest.Planned(change.StatusAwaiting, 10)
	refused.SideEffects = []string{long}
	for name, err := range map[string]error{
		"Create": func() error { _, err := s.Create(t.Context(), refused, nil); return err }(),
		"Record": s.Record(t.Context(), running.ID, []change.Recorded{{Outcome: change.Changed},
			{Index: 1, Outcome: change.Failed, Failure: change.Failure{Reason: long}}}),
		"Append": s.Append(t.Context(), change.Event{Kind: change.KindCall, Facts: map[string]string{"route": long}}),
		"Advance": func() error {
			c, err := s.Advance(t.Context(), waiting.ID, change.Step{To: change.StatusDeclined, At: changetest.Epoch,
				Reason: long})
			if c.ID != "" {
				t.Errorf("a step that was not recorded: %+v", c)
			}
			return err
		}(),
	} {
		if !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), "full") {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := s.Get(t.Context(), "ann", running.ID)
	if n := change.CountItems(got.Items); err != nil || n.Pending != 10 {
		t.Errorf("half recorded: %+v, %v", n, err)
	}
	if list, err := s.List(t.Context(), "ann", change.Query{Limit: 10}); err != nil || len(list) != 2 ||
		list[1].Change.Status != change.StatusAwaiting {
		t.Errorf("%+v, %v", list, err)
	}
	limit("1000000")
	if _, err := s.Create(t.Context(), refused, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestUnmakeable has a path where no file can be.
func TestUnmakeable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, nil)
	s := openAt(t, filepath.Join(file, "changes.db"))
	if _, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1),
		nil); !errors.Is(err, change.ErrUnavailable) {
		t.Error(err)
	}
}
