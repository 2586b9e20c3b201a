package auth

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A file of keys is made once, for its owner alone, and seals for whoever reads it.
func TestSealKeysAreMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	first, second := loadSeal(t, path), loadSeal(t, path)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the file is %v, %v", info, err)
	}
	now := time.Now()
	closed, err := first.Close("ann", "t", State{Change: "chg_1", Expires: now.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	if st, err := second.Open("ann", "t", closed, now); err != nil || st.Change != "chg_1" {
		t.Errorf("opened to %+v, %v", st, err)
	}
}

// loadSeal makes a seal with the keys of a file.
func loadSeal(t *testing.T, path string) *Seal {
	t.Helper()
	keys, err := LoadSealKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSeal(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The first key seals, all of them open, and what a file says counts once it is
// read again.
func TestSealKeysRotate(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "keys"), time.Now()
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old, young := fmt.Sprintf("%x\n", key(1)), fmt.Sprintf("%X\r\n", key(2))
	write("# keys\n\n" + old)
	s := loadSeal(t, path)
	closed, err := s.Close("ann", "t", State{Expires: now.Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		file    string
		opens   bool
		refused string
	}{
		{young + old, true, ""}, {young, false, ""}, {old, true, ""}, {"", true, "holds no key"},
		{old + "abc\n", true, ":2: a key is 64"}, {old + old[2:], true, ":2: a key is 64"},
	} {
		write(step.file)
		err := s.keys.Reload()
		if (err == nil) != (step.refused == "") || err != nil && !strings.Contains(err.Error(), step.refused) {
			t.Errorf("%q: %v, want %q", step.file, err, step.refused)
		}
		if err != nil && strings.Contains(err.Error(), old[2:60]) {
			t.Errorf("the error tells the key: %v", err)
		}
		if _, err := s.Open("ann", "t", closed, now); (err == nil) != step.opens {
			t.Errorf("%q: opened with %v", step.file, err)
		}
	}
}

// Keys that others may read are none.
func TestSealKeysAreSecret(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing here")
	}
	path := filepath.Join(t.TempDir(), "keys")
	loadSeal(t, path)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadSealKeys(path); err == nil ||
		!strings.Contains(err.Error(), "can be read by others (mode 0640): chmod 600") {
		t.Errorf("loaded with %v", err)
	}
	if _, err := LoadSealKeys(filepath.Join(path, "none")); err == nil {
		t.Error("a file was made within a file")
	}
}
