package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	in(exitFailed, "rotate", "eve")
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

// TestParseUntil reads when something ends.
func TestParseUntil(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"90d": "2027-02-27T12:00:00Z", "12h": "2026-11-30T00:00:00Z", "2027-01-31T09:00:00Z": "2027-01-31T09:00:00Z",
	} {
		if at, err := parseUntil("--expires", text, now); err != nil || at.UTC().Format(time.RFC3339) != want {
			t.Errorf("%s: %v, %v", text, at, err)
		}
	}
	for _, text := range []string{"0d", "-5d", "-12h", "2026-01-01", "d", "90 d", "soon", "9d9"} {
		if at, err := parseUntil("--expires", text, now); err == nil {
			t.Errorf("%s: %v", text, at)
		}
	}
}
