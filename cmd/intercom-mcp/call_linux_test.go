package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

// TestInitInterrupted ends at the first Ctrl-C, whichever question is open, with the terminal as it was.
func TestInitInterrupted(t *testing.T) {
	for name, typed := range map[string]string{"Paste the access token": "", "Add .intercom. to Cursor": "secret-1\n"} {
		person, program := terminals(t)
		fd := int(program.Fd())
		before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := person.WriteString(typed); err != nil {
			t.Fatal(err)
		}
		shown, out := newTape(), newTape()
		go func() { _, _ = io.Copy(shown, person) }() // ends with the terminal
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, []string{"init", "--client", "cursor"}, program, out, program,
				environment("HOME", t.TempDir()))
		}()
		shown.await(t, "("+name+")")
		for secret := typed == ""; secret; time.Sleep(time.Millisecond) { // until nothing shows what is typed
			modes, err := unix.IoctlGetTermios(fd, unix.TCGETS)
			secret = err == nil && modes.Lflag&unix.ECHO != 0
		}
		interrupt()
		select {
		case code := <-code:
			if code == exitOK {
				t.Errorf("%s: exits with %d", name, code)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: goes on after it was interrupted", name)
		}
		if after, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil || after.Lflag != before.Lflag {
			t.Errorf("%s: the terminal has modes %x, and had %x: %v", name, after.Lflag, before.Lflag, err)
		}
		if _, err := person.WriteString("\n"); err != nil { // ends what still reads, as the end of the process does
			t.Error(err)
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

// TestInitReplacesAddress names the address of the server whose place it asks to take, which no program starts.
func TestInitReplacesAddress(t *testing.T) {
	home := t.TempDir()
	list := filepath.Join(home, ".cursor", "mcp.json")
	if err := errors.Join(os.Mkdir(filepath.Dir(list), 0o700), os.WriteFile(list,
		[]byte(`{"mcpServers": {"intercom": {"url": "https://mcp.intercom.com/mcp"}}}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	person, program := terminals(t)
	shown := newTape()
	go func() { _, _ = io.Copy(shown, person) }() // ends with the terminal
	if _, err := person.WriteString("secret-1\nn\n"); err != nil {
		t.Fatal(err)
	}
	run(t.Context(), []string{"init"}, program, newTape(), program, environment("HOME", home))
	shown.await(t, `(Replace "intercom", which is https://mcp.intercom.com/mcp, in Cursor)`)
}
