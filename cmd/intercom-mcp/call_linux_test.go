package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestCancelledAtTerminal has it on record that a person cancelled a change, where one is at the terminal.
func TestCancelledAtTerminal(t *testing.T) {
	workspace := httptest.NewServer(sandbox.New(sandbox.Options{}))
	defer workspace.Close()
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer terminal.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	flags := []string{"--token", "t", "--base-url", workspace.URL, "--state", state}
	_, planned, _ := output(t, append([]string{"call", "update_contact",
		`{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`}, flags...)...)
	handle := regexp.MustCompile(`chg_\w{26}`).FindString(planned)
	out := newTape()
	args := append([]string{"call", "cancel_change", `{"change":"` + handle + `"}`}, flags...)
	if code := run(t.Context(), args, terminal, out, terminal, environment()); code != exitOK {
		t.Fatalf("exit code %d: %s", code, out)
	}
	_, trail, _ := output(t, "audit", "list", "--state", state)
	if !regexp.MustCompile(`cancelled.*by="local" level="user" method="terminal"`).MatchString(trail) {
		t.Error(strings.TrimSpace(trail))
	}
}
