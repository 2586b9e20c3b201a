package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// offline tells no workspace.
func offline(context.Context) (string, error) { return "", errOffline }

var errOffline = errors.New("no answer")

// ofWorkspace opens the file at path for a workspace.
func ofWorkspace(t *testing.T, path, name string) *Store {
	s := openAt(t, path)
	s.Workspace = func(context.Context) (string, error) { return name, nil }
	return s
}

// TestWorkspace opens a file that keeps another workspace's changes: nothing of it
// is shown, and nothing is written to it.
func TestWorkspace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	c := changetest.Create(t, ofWorkspace(t, path, "a"), changetest.Planned(change.StatusAwaiting, 1))
	for _, s := range []*Store{ofWorkspace(t, path, "a"), openAt(t, path)} {
		if _, err := s.Get(t.Context(), "ann", c.ID); err != nil {
			t.Error(err)
		}
		changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	}
	for name, call := range everyCall(t.Context(), ofWorkspace(t, path, "b")) {
		if err := call(); !errors.Is(err, change.ErrUnavailable) ||
			!strings.Contains(err.Error(), "of workspace a, and the access token is of b") {
			t.Errorf("%s: %v", name, err)
		}
	}
	claimed := 0
	for e, err := range openAt(t, path).Events(t.Context(), change.EventQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == change.KindClaimed {
			claimed++
		}
	}
	if claimed != 1 {
		t.Errorf("the file was claimed %d times", claimed)
	}
}

// TestWorkspaceUntold writes nothing while it cannot be told which workspace the
// token is of, and reads all the same. Once it is told, nobody is asked again.
func TestWorkspaceUntold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	c := changetest.Create(t, ofWorkspace(t, path, "a"), changetest.Planned(change.StatusAwaiting, 1))
	s, asked := openAt(t, path), 0
	s.Workspace = offline
	if _, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1), nil); !errors.Is(err, errOffline) ||
		errors.Is(err, change.ErrUnavailable) {
		t.Errorf("a write: %v", err)
	}
	s.Workspace = func(context.Context) (string, error) { asked++; return "", errOffline }
	for range 3 {
		if _, err := s.Get(t.Context(), "ann", c.ID); err != nil {
			t.Errorf("a read: %v", err)
		}
	}
	if asked != 0 {
		t.Errorf("reads asked %d times, right after a write had", asked)
	}
	asked = 0
	s.Workspace = func(ctx context.Context) (string, error) { asked++; return "a", ctx.Err() }
	for range 2 {
		changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	refused := openAt(t, path)
	refused.Workspace = func(context.Context) (string, error) { return "", change.ErrNoWorkspace }
	if _, err := refused.Get(t.Context(), "ann", c.ID); !errors.Is(err, change.ErrNoWorkspace) {
		t.Errorf("a read by nobody: %v", err)
	}
	// A file that is nobody's yet is read without asking.
	fresh := openAt(t, filepath.Join(t.TempDir(), "changes.db"))
	fresh.Workspace = offline
	if _, err := fresh.List(t.Context(), "ann", change.Query{Limit: 1}); err != nil {
		t.Error(err)
	}
}
