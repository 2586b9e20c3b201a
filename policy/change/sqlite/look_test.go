package sqlite

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// lookAt opens a store to look at a file until the test ends.
func lookAt(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Look(path)
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

// What holds no changes is told, and is not made into a file of changes.
func TestLookAtNothing(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "changes.db")
	s := openAt(t, whole)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1)) // in the log of writes alone
	main, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"empty": nil, "copied without its log": main} {
		path := filepath.Join(t.TempDir(), "changes.db")
		write(t, path, content)
		_, err := lookAt(t, path).VerifyAudit(t.Context())
		if !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), "holds no changes") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(content) {
			t.Errorf("%s: the file was written to (%v)", name, err)
		}
	}
}

// Looking leaves the directory as it was: of a file that nobody has open, and of one whose log was left behind.
func TestLookLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	s := openAt(t, path)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	left := filepath.Join(t.TempDir(), "changes.db")
	for _, suffix := range []string{"", "-wal"} {
		if err := copyUnchanged(path+suffix, left+suffix); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, left} {
		before, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		s := lookAt(t, path)
		found, err := s.VerifyAudit(t.Context())
		if err != nil || found.Head.Seq == 0 {
			t.Errorf("head %v, %v", found.Head, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if after, err := os.ReadDir(filepath.Dir(path)); err != nil || len(after) != len(before) {
			t.Errorf("%v became %v (%v)", before, after, err)
		}
	}
}

// A file of an older version is read without migrating it, and nothing can be written to it.
func TestLookAtOlder(t *testing.T) {
	path := olderFile(t)
	before := digest(t, path)
	s := lookAt(t, path)
	found, err := s.VerifyAudit(t.Context())
	if head := found.Head; err != nil || head.Seq == 0 {
		t.Errorf("head %v, %v", head, err)
	}
	scratch := s.database.file.scratch
	_, err = s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1),
		func(*change.Change, change.Recent) error { return nil })
	if !errors.Is(err, change.ErrUnavailable) {
		t.Errorf("creating a change: %v", err)
	}
	if digest(t, path) != before {
		t.Error("the file was written to")
	}
	if copies, err := filepath.Glob(path + ".v*"); err != nil || len(copies) > 0 {
		t.Errorf("made %v (%v)", copies, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(scratch); scratch == "" || !os.IsNotExist(err) {
		t.Errorf("the copy in %q is left: %v", scratch, err)
	}
}

func digest(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(content)
}

// A copy holds what the file does.
func TestCopyUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, []byte("text"))
	if err := copyUnchanged(path, path+".copy"); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path + ".copy"); err != nil || string(got) != "text" {
		t.Errorf("copied %q, %v", got, err)
	}
}
