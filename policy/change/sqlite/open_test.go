package sqlite

import (
	"errors"
	"path/filepath"
	"testing"

	"intercom-mcp/policy/change/changetest"
)

// openTemp opens a store in a file of the test's own.
func openTemp(t testing.TB) *Store { return openCopy(t, &empty) }

// empty is a file without changes.
var empty = changetest.Template{Make: func(t testing.TB, path string) {
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.database.file.ready(t.Context()), s.Close()); err != nil {
		t.Fatal(err)
	}
}}

// openCopy opens a store in a copy of a file.
func openCopy(t testing.TB, from *changetest.Template) *Store {
	path := filepath.Join(t.TempDir(), "state", "changes.db")
	from.Copy(t, path)
	return openAt(t, path)
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
