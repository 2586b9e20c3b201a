package auth

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// CheckPrivate refuses a file that others than its owner may read or write. On Windows, whose files have access lists
// in the place of modes, it checks nothing.
func CheckPrivate(path string) error {
	return checkMode(path, 0o077, "can be read by others", "600")
}

// CheckUnshared refuses a file that others than its owner may write, or replace since they may write to its folder.
// Where there is no file yet it refuses such a folder all the same; of any other the error is [fs.ErrNotExist]. On
// Windows it checks nothing.
func CheckUnshared(path string) error {
	missing := checkMode(path, 0o022, "can be written by others", "go-w")
	if missing != nil && !errors.Is(missing, fs.ErrNotExist) {
		return missing
	}
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		path = linked
	}
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS == "windows" || info.Mode()&fs.ModeSticky != 0 { // of which nobody replaces another's
		return cmp.Or(missing, err)
	}
	return cmp.Or(checkMode(dir, 0o002, "is a folder in which others can replace it", "o-w"), missing)
}

// checkMode refuses a file whose mode has one of some bits.
func checkMode(path string, bits fs.FileMode, wrong, mend string) error {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" {
		return err
	}
	if mode := info.Mode().Perm(); mode&bits != 0 {
		return fmt.Errorf("%s %s (mode %04o): chmod %s %s", path, wrong, mode, mend, path)
	}
	return nil
}
