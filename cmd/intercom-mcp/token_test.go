package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTokenCommands makes, lists, rotates and revokes tokens.
func TestTokenCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	in := func(want int, args ...string) string {
		t.Helper()
		code, stdout, stderr := output(t, append(append([]string{"token"}, args...), "--tokens", file)...)
		if code != want {
			t.Errorf("%v exits with %d: %s%s", args, code, stdout, stderr)
		}
		return stdout + stderr
	}
	if out := in(exitUsage, "list"); !strings.Contains(out, "Try: intercom-mcp token new NAME --tokens "+file) {
		t.Error(out)
	}
	in(exitOK, "new", "ann", "--mode", "read", "--roles", "ops,leads", "--person", "ann@x.example", "--expires", "90d")
	in(exitOK, "new", "robot")
	for _, args := range [][]string{{"new", "ann", "--mode", "full"}, {"new", "robot"}} {
		if out := in(exitFailed, args...); !strings.Contains(out, "intercom-mcp token rotate "+args[1]) {
			t.Errorf("%v: %s", args, out)
		}
	}
	in(exitFailed, "new", "eve", "--roles", "approver")
	in(exitUsage, "new", "eve", "--expires", "yesterday")
	in(exitOK, "rotate", "ann", "--overlap", "2h")
	if out := in(exitFailed, "rotate", "eve"); !strings.Contains(out, "token list --tokens "+file) {
		t.Error(out)
	}
	list := in(exitOK, "list")
	if got := strings.Count(list, "ops, leads"); got != 2 || !strings.Contains(list, "ann@x.example") ||
		!strings.Contains(list, "robot") {
		t.Error(list)
	}
	if out := in(exitOK, "revoke", "ann"); !strings.HasPrefix(out, "2 removed.") {
		t.Error(out)
	}
	in(exitFailed, "revoke", "ann")
}
