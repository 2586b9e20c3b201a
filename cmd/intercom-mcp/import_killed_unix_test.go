//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestImportBesideAnother leaves no receipt of an import that wrote nothing as another that runs writes the same, and
// says how to go on where the process of the other was killed.
func TestImportBesideAnother(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	k := killImport(t)
	k.expire(t)
	file := filepath.Join(filepath.Dir(k.state), "rows.csv")
	again := append([]string{"import", file, "--match", "external_id", "--yes"}, k.flags...)
	code, _, stderr := output(t, again...)
	advice := `intercom-mcp call get_change '{"change":"` + k.handle + `"}' tells, and ends it if its process was killed`
	if code != exitFailed || !strings.Contains(stderr, advice) {
		t.Errorf("exit %d: %s", code, stderr)
	}
	beside := strings.TrimSuffix(file, ".csv")
	if left, err := filepath.Glob(beside + ".receipt.*.csv"); err != nil || len(left) > 0 {
		t.Errorf("receipts of what was not written: %q, %v", left, err)
	}
	if _, err := os.Stat(beside + ".preview.csv"); err != nil {
		t.Error(err)
	}
	if got := k.call(t, "get_change"); got.Status != "applied" || got.Changed != killedRows {
		t.Errorf("%+v", got)
	}
	if code, stdout, stderr := output(t, again...); code != exitOK || !strings.Contains(stdout, "Nothing to change") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}
