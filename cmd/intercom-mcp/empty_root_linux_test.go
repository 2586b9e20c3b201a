package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestEmptyRoot runs a released program where there is nothing else, as in an image of it alone.
func TestEmptyRoot(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, to change the root")
	}
	root := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(root, "intercom-mcp"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"doctor", "--sandbox"}, "ok    token"},
		{[]string{"policy", "explain", "update_contact", "--contacts=11", "--sandbox"}, "more than 10 contacts at once"},
		{[]string{"call", "search_contacts", `{"query":"ann","limit":1}`, "--sandbox", "--time-zone=Europe/Dublin"}, "ann"},
	} {
		program := exec.CommandContext(t.Context(), "/intercom-mcp", test.args...)
		program.Dir, program.Env = "/", []string{}
		program.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
		if out, err := program.CombinedOutput(); err != nil || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: %v, want %q in\n%s", strings.Join(test.args, " "), err, test.want, out)
		}
	}
}
