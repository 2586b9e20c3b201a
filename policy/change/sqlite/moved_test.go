package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestMovedFile takes the file away from a store that uses it: nothing is
// written to what nobody else will ever read, and reading goes on.
func TestMovedFile(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"deleted": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".old") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "changes.db")
			s := openAt(t, path)
			c := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
			if _, err := s.Get(t.Context(), "ann", c.ID); err != nil {
				t.Fatal(err)
			}
			if err := take(path); err != nil {
				t.Fatal(err)
			}
			for name, call := range everyCall(t.Context(), s) {
				switch err := call(); name {
				case "Get", "Status", "List", "Recent":
					if errors.Is(err, change.ErrUnavailable) {
						t.Errorf("%s: %v", name, err)
					}
				case "PurgeValues":
				default:
					if !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), "while it was in use") {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != change.StatusAwaiting {
				t.Errorf("%+v, %v", got, err)
			}
			if name != "moved" {
				return
			}
			if err := os.Rename(path+".old", path); err != nil {
				t.Fatal(err)
			}
			changetest.Advance(t, s, c.ID, change.Step{To: change.StatusDeclined, At: changetest.Epoch})
		})
	}
}

// TestOvertaken has a newer program migrate the file while a store uses it.
func TestOvertaken(t *testing.T) {
	s := openTemp(t)
	c := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	execRaw(t, s.Path(), "PRAGMA user_version = 99")
	if _, err := s.Advance(t.Context(), c.ID,
		change.Step{To: change.StatusDeclined, At: changetest.Epoch}); !errors.Is(err, change.ErrUnavailable) ||
		!strings.Contains(err.Error(), "version 99") {
		t.Error(err)
	}
}
