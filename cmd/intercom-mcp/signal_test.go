//go:build unix

package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// child starts the program as a process of its own.
func child(t *testing.T, args ...string) (cmd *exec.Cmd, stdin io.WriteCloser, stdout *bufio.Reader) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), program)
	cmd.Args = append([]string{"intercom-mcp"}, args...) // by this name the test binary is the program
	cmd.Stderr = newTape()
	if stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin, bufio.NewReader(out)
}

// terminate sends SIGTERM and demands exit code 0.
func terminate(t *testing.T, cmd *exec.Cmd, stdout io.Reader) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stdout); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %s", err, cmd.Stderr)
	}
}

// SIGTERM ends the stdio server gracefully, though its stdin stays open.
func TestTerminateStdio(t *testing.T) {
	cmd, stdin, stdout := child(t, "stdio", "--sandbox")
	defer stdin.Close()
	const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	if _, err := io.WriteString(stdin, ping); err != nil {
		t.Fatal(err)
	}
	if line, err := stdout.ReadString('\n'); err != nil || !strings.Contains(line, `"id":1`) {
		t.Errorf("answer %q (%v)", line, err)
	}
	terminate(t, cmd, stdout)
}

// SIGTERM ends the sandbox server gracefully.
func TestTerminateSandbox(t *testing.T) {
	cmd, stdin, stdout := child(t, "sandbox", "--addr", "127.0.0.1:0")
	defer stdin.Close()
	if line, err := stdout.ReadString('\n'); err != nil || !strings.Contains(line, "listens on") {
		t.Errorf("greeting %q (%v)", line, err)
	}
	terminate(t, cmd, stdout)
}

// SIGHUP has the http server read its tokens again: one that was added is let
// in from then on.
func TestReloadTokens(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	add := func(name string) string {
		stdout, stderr := newTape(), newTape()
		if code := run(t.Context(), []string{"token", "new", name, "--tokens", tokens}, nil, stdout, stderr, environment()); code != exitOK {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return strings.TrimSpace(stdout.String())
	}
	add("ann")
	cmd, stdin, stdout := child(t, "http", "--sandbox", "--addr", "127.0.0.1:0", "--tokens", tokens)
	defer stdin.Close()
	url := cmd.Stderr.(*tape).await(t, `"url":"([^"]+)"`)
	bob := add("bob")
	if status := initialize(t, url, bob); status != http.StatusUnauthorized {
		t.Errorf("status %d before the tokens were read again", status)
	}
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	cmd.Stderr.(*tape).await(t, `(tokens reloaded)`)
	if status := initialize(t, url, bob); status != http.StatusOK {
		t.Errorf("status %d after the tokens were read again", status)
	}
	terminate(t, cmd, stdout)
}

// initialize shakes hands with the server at url, and returns the HTTP status.
func initialize(t *testing.T, url, token string) int {
	t.Helper()
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}
