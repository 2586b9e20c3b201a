//go:build unix

package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemoServe has somebody open the proposal that the demo leaves, and ends it by Ctrl-C: nothing of it stays.
func TestDemoServe(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), namedProgram(t), "demo", "--serve")
	left := t.TempDir()
	cmd.Env = append(os.Environ(), "TMPDIR="+left)
	stdout, stderr := newTape(), newTape()
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = stdout, stderr, 10*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	link := stdout.await(t, `decide: (http://\S+)`)
	code := stdout.await(t, `works once: ([0-9A-Z-]+)`)
	page, err := openProposal(t, link, code)
	if err != nil || !strings.Contains(page, "Approve exactly these 8") || strings.Contains(page, "No server is running") {
		t.Errorf("%v: %s", err, page)
	}
	stdout.await(t, `(?s)works once: .*works once: ([0-9A-Z-]+)`) // the next code
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil || stderr.String() != "" {
		t.Errorf("it ended with %v: %s", err, stderr)
	}
	if files, err := os.ReadDir(left); err != nil || len(files) > 0 {
		t.Errorf("it left %v behind (%v)", files, err)
	}
	if _, err := openProposal(t, link, code); err == nil || !strings.Contains(err.Error(), syscall.ECONNREFUSED.Error()) {
		t.Errorf("the console outlives the demo: %v", err)
	}
}

// TestDemoStopped ends the demo by Ctrl-C in its middle: it says so, and nothing of what was cut off.
func TestDemoStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), namedProgram(t), "demo")
	stdout, stderr := newTape(), newTape()
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = stdout, stderr, 10*time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stdout.await(t, `(5\.) The agent proposes`)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || stderr.String() != "intercom-mcp: the demo was stopped\n" {
		t.Errorf("it ended with %v: %s", err, stderr)
	}
}

// openProposal signs in by a code, and returns the page of a proposal.
func openProposal(t *testing.T, link, code string) (page string, err error) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	site := at.Scheme + "://" + at.Host
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site+"/console/sign-in",
		strings.NewReader(url.Values{"code": {code}, "next": {at.Path}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", site)
	answer, err := (&http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

// namedProgram is a copy of the test binary by the name of the program, which it is then; also where it starts itself.
func namedProgram(t *testing.T) string {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	named := filepath.Join(t.TempDir(), "intercom-mcp")
	if os.Link(binary, named) == nil {
		return named
	}
	content, err := os.ReadFile(binary) // of another file system
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(named, content, 0o700); err != nil {
		t.Fatal(err)
	}
	return named
}
