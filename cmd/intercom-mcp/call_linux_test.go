package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"intercom-mcp/intercom/sandbox"
)

// terminals returns the two ends of a terminal: what a person types at, and what a program reads.
func terminals(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = program.Close() })
	return person, program
}

// TestInitAsksForToken writes the token that a person pastes into the client's file, and does not show it.
func TestInitAsksForToken(t *testing.T) {
	for pasted, want := range map[string]string{" secret-1 ": `"secret-1"`, "": `"your token"`} {
		home := t.TempDir()
		person, program := terminals(t)
		if _, err := person.WriteString(pasted + "\ny\n"); err != nil {
			t.Fatal(err)
		}
		out := newTape()
		if code := run(t.Context(), []string{"init", "--client", "cursor"}, program, out, program,
			environment("HOME", home)); code != exitOK {
			t.Fatalf("exit code %d: %s", code, out)
		}
		file, err := os.ReadFile(filepath.Join(home, ".cursor", "mcp.json"))
		if err != nil || !strings.Contains(string(file), `"INTERCOM_ACCESS_TOKEN": `+want) ||
			strings.Contains(out.String(), "secret") {
			t.Errorf("%q: %v %s%s", pasted, err, file, out)
		}
	}
}

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
