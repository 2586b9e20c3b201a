//go:build unix

package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

func init() {
	children["read only"] = callReadOnly
	children["look"] = lookReadOnly
}

// becomeNobody gives up the right to write whatever modes say.
func becomeNobody() error {
	if os.Getuid() != 0 {
		return nil
	}
	const nobody = 65534
	return syscall.Setuid(nobody)
}

// lookReadOnly verifies the file of args, as a user who may only read it.
func lookReadOnly(ctx context.Context, args []string) error {
	if err := becomeNobody(); err != nil {
		return err
	}
	s, err := Look(args[0])
	if err != nil {
		return err
	}
	found, err := s.VerifyAudit(ctx)
	if err == nil {
		_, err = fmt.Println(found.Head.Seq)
	}
	return errors.Join(err, s.Close())
}

// TestLookReadOnly verifies a copy that has a log of writes beside it, where nothing can be written.
func TestLookReadOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	from, dir, temp := filepath.Join(t.TempDir(), "changes.db"), t.TempDir(), t.TempDir()
	chmod(t, temp, 0o777)
	t.Setenv("TMPDIR", temp) // where the other user may write, unlike perhaps in that of this one
	s := openAt(t, from)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	path := filepath.Join(dir, "changes.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(from + suffix)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path+suffix, content)
		chmod(t, path+suffix, 0o444)
	}
	chmod(t, filepath.Dir(dir), 0o755)
	chmod(t, dir, 0o555)
	t.Cleanup(func() { chmod(t, dir, 0o755) })
	if out, err := changetest.Child(t, "look", path).Output(); err != nil || string(out) != "1\n" {
		t.Errorf("%s: %v", out, err)
	}
}

// callReadOnly calls every method on the file of args, as a user who may only
// read it, and prints what came of it.
func callReadOnly(ctx context.Context, args []string) error {
	if err := becomeNobody(); err != nil {
		return err
	}
	s, err := Open(args[0])
	if err != nil {
		return err
	}
	results := make(map[string]string)
	for name, call := range everyCall(ctx, s) {
		err := call()
		switch {
		case err == nil:
			results[name] = "ok"
		case errors.Is(err, change.ErrUnavailable):
			results[name] = "unavailable"
		default:
			results[name] = err.Error()
		}
	}
	return errors.Join(json.NewEncoder(os.Stdout).Encode(results), s.Close())
}

// TestReadOnly reads from a file that cannot be written: writes are refused,
// reads go on.
func TestReadOnly(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	want := map[string]string{
		"Create": "unavailable", "Advance": "unavailable", "Record": "unavailable", "Append": "unavailable",
		"PurgeValues": "unavailable",
		"Get":         change.ErrNotFound.Error(), "Status": change.ErrNotFound.Error(), "List": "ok", "Recent": "ok",
	}
	for name, test := range map[string]struct {
		dir  os.FileMode
		open bool // by a process that writes
	}{
		"file":                            {0o777, false},
		"directory":                       {0o555, false},
		"file while somebody writes":      {0o777, true},
		"directory while somebody writes": {0o555, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "changes.db")
			s := openAt(t, path)
			changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
			if !test.open {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			files, err := filepath.Glob(path + "*")
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				chmod(t, file, 0o444)
			}
			chmod(t, filepath.Dir(dir), 0o755)
			chmod(t, dir, test.dir)
			t.Cleanup(func() { chmod(t, dir, 0o755) }) // or it cannot be removed
			out, err := changetest.Child(t, "read only", path).Output()
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]string
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Error(err)
	}
}
