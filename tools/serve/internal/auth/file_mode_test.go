package auth

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// TestFilesThatOthersCanWrite refuses them, and names the command that mends it.
func TestFilesThatOthersCanWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no modes there")
	}
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path, link := filepath.Join(dir, "file"), filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file, dir fs.FileMode
		want      string
	}{
		{0o600, 0o755, ""}, {0o644, 0o775, ""}, {0o640, 0o755, ""}, {0o600, 0o777 | fs.ModeSticky, ""},
		{0o664, 0o755, "can be written by others (mode 0664): chmod go-w "},
		{0o602, 0o755, "can be written by others (mode 0602): chmod go-w "},
		{0o600, 0o777, "is a folder in which others can replace it (mode 0777): chmod o-w " + dir},
	} {
		if err := errors.Join(os.Chmod(path, test.file), os.Chmod(dir, test.dir)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, link} {
			if err := CheckUnshared(name); test.want == "" && err != nil || test.want != "" &&
				(err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%04o in %04o: %v, want %q", test.file, test.dir, err, test.want)
			}
		}
	}
	missing := filepath.Join(dir, "missing")
	if err := CheckUnshared(missing); err == nil || !strings.Contains(err.Error(), "(mode 0777): chmod o-w "+dir) {
		t.Errorf("no file yet, in a folder that anybody may write to: %v", err)
	}
	if _, err := TokenFile(missing).New(TokenLine{Name: "ann", Mode: policy.ModeRead}); err == nil ||
		!strings.Contains(err.Error(), "chmod o-w "+dir) {
		t.Errorf("a token in such a folder: %v", err)
	}
	for _, mode := range []fs.FileMode{0o755, 0o777 | fs.ModeSticky} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if err := CheckUnshared(missing); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("no file in %v: %v", mode, err)
		}
	}
	if err := CheckUnshared(filepath.Join(dir, "folder", "file")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}
