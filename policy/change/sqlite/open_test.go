package sqlite

import (
	"path/filepath"
	"testing"
)

// openTemp opens a store in a file of the test's own.
func openTemp(t testing.TB) *Store {
	return openAt(t, filepath.Join(t.TempDir(), "state", "changes.db"))
}

// openAt opens a store until the test ends.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
