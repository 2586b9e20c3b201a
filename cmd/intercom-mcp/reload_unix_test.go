//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReloadPolicy has servers read their policy again at SIGHUP; a broken file leaves the one in force, and the log
// says why.
func TestReloadPolicy(t *testing.T) {
	tests := map[string][]string{
		"stdio": {"stdio", "--sandbox", "--log-format", "text"},
		"http":  {"http", "--sandbox", "--log-format", "text", "--addr", "127.0.0.1:0"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "policy.yaml")
			write := func(text string) {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("mode: write\n")
			cmd, stdin, stdout := child(t, append(args, "--policy", file)...)
			defer stdin.Close()
			log := cmd.Stderr.(*tape)
			log.await(t, `(policy in force)`)
			hangup := func() {
				if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
			}
			write("mode: wrote\n")
			hangup()
			log.await(t, `(policy not reloaded.*policy.yaml:1:7: mode)`)
			write("mode: read\n")
			hangup()
			log.await(t, `(policy reloaded)`)
			terminate(t, cmd, stdout)
		})
	}
}

// TestReloadTokens has the http server read its tokens again at SIGHUP, which lets in one that was added.
func TestReloadTokens(t *testing.T) {
	tokens := filepath.Join(t.TempDir(), "tokens")
	add := func(name string) string {
		code, stdout, stderr := output(t, "token", "new", name, "--tokens", tokens)
		if code != exitOK {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		return strings.TrimSpace(stdout)
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

// initialize sends the first message of a session to url, and returns the HTTP status.
func initialize(t *testing.T, url, token string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(initializeLine))
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
