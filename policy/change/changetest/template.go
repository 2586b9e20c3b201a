package changetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Template is a file that is made once, and copied for the tests that want one alike: to make a file of changes takes
// milliseconds, and hundreds of tests have one. It is safe for concurrent use.
type Template struct {
	// Make makes the file at a path, and closes it.
	Make func(t testing.TB, path string)

	once    sync.Once
	content []byte
}

// Copy lays a copy at path, and makes its directory.
func (f *Template) Copy(t testing.TB, path string) {
	t.Helper()
	f.once.Do(func() {
		made := filepath.Join(t.TempDir(), "template")
		f.Make(t, made)
		f.content, _ = os.ReadFile(made) // what is missing shows below
	})
	if len(f.content) == 0 {
		t.Fatal("the file to copy could not be made")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, f.content, 0o600); err != nil {
		t.Fatal(err)
	}
}
