package exports

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/sqlite"
)

func TestMain(m *testing.M) {
	changetest.Children{"cut": cutAndDie}.Run()
	os.Exit(m.Run())
}

var (
	lastYear = time.Now().AddDate(-1, 0, 0)
	// all is after everything that happens in the tests.
	all = time.Now().Add(time.Hour)
)

func openAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// fill records old calls and changes: declined ones, whose label looks like markup.
func fill(t *testing.T, s change.Store, changes int) {
	t.Helper()
	for range changes {
		if err := s.Append(t.Context(), change.Event{Kind: change.KindCall, Time: lastYear,
			Facts: map[string]string{"path": "/contacts?<&>\u2028"}}); err != nil {
			t.Fatal(err)
		}
		c := changetest.Planned(change.StatusAwaiting, 2)
		c.CreatedAt, c.Items[0].Label = lastYear, "<a&b>"
		changetest.Create(t, s, c)
		changetest.Advance(t, s, c.ID, change.Step{To: change.StatusDeclined, At: lastYear, Reason: "no"})
	}
}

func cut(t *testing.T, s change.Store, folder string) change.Cut {
	t.Helper()
	done, err := Cut(t.Context(), s.Shared().Cuts, all, folder)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func files(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
		if info, err := entry.Info(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", entry.Name(), info.Mode(), err)
		}
	}
	return names
}

// intact checks the store alone, and together with what was exported.
func intact(t *testing.T, s change.Durable, folder string, noted ...change.Head) {
	t.Helper()
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	for _, atOnce := range []int{changesAtOnce, 300} { // of a part, too
		if found, err := verify(t.Context(), s, folder, atOnce, noted...); err != nil || found.First > 1 ||
			found.Cut != nil || found.Unchecked != nil {
			t.Errorf("%+v, %v", found, err)
		}
	}
}

// TestCut exports and cuts what is old, part by part, and checks all parts together.
func TestCut(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	if done := cut(t, s, folder); done.From != 0 || len(files(t, folder)) != 0 {
		t.Errorf("%+v of nothing", done)
	}
	intact(t, s, folder)
	var heads []change.Head
	for range 3 {
		fill(t, s, 2)
		done := cut(t, s, folder)
		if len(done.Changes) != 2 {
			t.Errorf("%+v", done)
		}
		heads = append(heads, done.To)
		intact(t, s, folder, heads...)
	}
	if names := files(t, folder); len(names) != 6 || !strings.HasPrefix(names[0], "records-1-6-") {
		t.Error(names)
	}
	for before, want := range map[time.Time]int64{lastYear.AddDate(0, 6, 0): 0, all: heads[2].Seq + 1} {
		if done, err := Cut(t.Context(), s.Shared().Cuts, before, folder); err != nil || done.From != want {
			t.Errorf("%+v, %v", done, err)
		}
	}
	intact(t, s, folder, heads...)
}

// TestVerifyFinds what is not as it was exported.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	for range 2 {
		fill(t, s, 1)
		cut(t, s, folder)
	}
	for _, name := range files(t, folder) {
		path := filepath.Join(folder, name)
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, edit := range map[string]func() error{
			"edited": func() error { return os.WriteFile(path, bytes.Replace(content, []byte("no"), []byte("on"), 1), 0o600) },
			"longer": func() error { return os.WriteFile(path, append(slices.Clone(content), '\n'), 0o600) },
		} {
			if err := edit(); err != nil {
				t.Fatal(err)
			}
			if _, err := Verify(t.Context(), s, folder); !errors.Is(err, change.ErrTampered) ||
				!strings.Contains(err.Error(), name) {
				t.Errorf("%s %s: %v", name, what, err)
			}
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), s, folder); err == nil || errors.Is(err, change.ErrTampered) ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	intact(t, s, folder)
}

// stopping are cuts that end before anything is removed.
type stopping struct {
	change.Cuts
	err error
}

// Remove implements [change.Cuts].
func (s stopping) Remove(context.Context, change.Cut, change.Exported) error { return s.err }

// TestCutFails keeps everything where it cannot be exported or removed, and leaves nothing half done.
func TestCutFails(t *testing.T) {
	t.Parallel()
	s, folder := openAt(t, filepath.Join(t.TempDir(), "state.db")), t.TempDir()
	fill(t, s, 2)
	head, err := s.VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := func() {
		t.Helper()
		if now, err := s.VerifyAudit(t.Context()); err != nil || now.Head != head.Head || now.First != 1 {
			t.Errorf("%+v, %v", now, err)
		}
	}
	before, cuts := all, s.Shared().Cuts
	if _, err := Cut(t.Context(), cuts, before, filepath.Join(folder, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Cut(t.Context(), cuts, before, file); err == nil || !strings.Contains(err.Error(), "is no folder") {
		t.Errorf("%v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Cut(ended, cuts, before, folder); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	kept()
	if names := files(t, folder); len(names) != 0 {
		t.Error(names)
	}
	lost := errors.New("no connection")
	for range 2 {
		if _, err := Cut(t.Context(), stopping{cuts, lost}, before, folder); !errors.Is(err, lost) {
			t.Errorf("%v", err)
		}
		kept()
		if names := files(t, folder); len(names) != 2 {
			t.Error(names)
		}
	}
	cut(t, s, folder)
	intact(t, s, folder, head.Head)
	if names := files(t, folder); len(names) != 2 {
		t.Error(names)
	}
}

// TestCutKeepsWhatIsBroken: a chain that is not as it was written is not cut.
func TestCutKeepsWhatIsBroken(t *testing.T) {
	x := &export{folder: t.TempDir()}
	defer x.discard()
	body := `{"seq":1,"time":"2026-11-01T09:00:00.000000000Z","kind":"call"}`
	if err := x.Event(t.Context(), change.Head{Seq: 1, Hash: change.HashBody([]byte("x"))}, body); !errors.Is(err,
		change.ErrTampered) {
		t.Errorf("%v", err)
	}
	if err := x.Event(t.Context(), change.Head{Seq: 1, Hash: change.HashBody([]byte(body))}, body); err != nil {
		t.Error(err)
	}
	if err := x.Event(t.Context(), change.Head{Seq: 1, Hash: change.HashBody([]byte(body))}, body); !errors.Is(err,
		change.ErrTampered) {
		t.Errorf("%v", err)
	}
}

// TestRemovePartial removes what was left long ago, and nothing else.
func TestRemovePartial(t *testing.T) {
	folder := t.TempDir()
	for name, age := range map[string]time.Duration{".export-1.partial": 25 * time.Hour, ".export-2.partial": time.Hour,
		"trail-1-2-x.jsonl": 25 * time.Hour} {
		path, at := filepath.Join(folder, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	removePartial(folder)
	if names := files(t, folder); !slices.Equal(names, []string{".export-2.partial", "trail-1-2-x.jsonl"}) {
		t.Error(names)
	}
}
