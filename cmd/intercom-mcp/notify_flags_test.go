package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// told is a request to a webhook.
type told struct {
	Headers map[string]string
	Body    string
}

// webhook is a receiver, and what it got.
func webhook(t *testing.T) (url string, got <-chan told) {
	requests := make(chan told, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		request := told{map[string]string{}, string(body)}
		for name := range r.Header {
			request.Headers[strings.ToLower(name)] = r.Header.Get(name)
		}
		requests <- request
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

// TestNotify tells a webhook what another process did to the state file of a server, signed so that the example of the
// documentation takes it.
func TestNotify(t *testing.T) {
	t.Parallel()
	workspace := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	defer workspace.Close()
	dir := t.TempDir()
	state, secret := filepath.Join(dir, "state.db"), filepath.Join(dir, "notify.secret")
	ours := []string{"--state", state, "--token", "t", "--base-url", workspace.URL}
	if code, _, stderr := output(t, append([]string{"call", "update_contact",
		`{"contact":"external_id:u-10001","set":{"name":"Ann"}}`}, ours...)...); code != exitOK {
		t.Fatal(stderr)
	}
	url, got := webhook(t)
	env := environment("INTERCOM_NOTIFY", url+"/path-secret", "INTERCOM_NOTIFY_SECRET_FILE", secret)
	server := launch(t, nil, env, append([]string{"http", "--addr", "127.0.0.1:0"}, ours...)...)
	server.stderr.await(t, `(sending notices)`)
	if code, _, stderr := output(t, "freeze", "wrong tags", "--by", "ann", "--state", state); code != exitOK {
		t.Fatal(stderr)
	}
	var notice told
	select {
	case notice = <-got:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing arrives")
	}
	if !strings.Contains(notice.Body, `"event":"writes.frozen"`) || strings.Contains(notice.Body, "ann") ||
		strings.Contains(notice.Body, "wrong tags") {
		t.Errorf("%s", notice.Body)
	}
	server.stop()
	if code := <-server.code; code != exitOK || strings.Contains(server.stderr.String(), "path-secret") {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
	key, err := os.ReadFile(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifyAsDocumented(t, string(key), notice)
}

// verifyAsDocumented runs the example of the documentation on a request, and on one that somebody changed.
func verifyAsDocumented(t *testing.T, secret string, notice told) {
	python, err := exec.LookPath("python3")
	if err != nil || testing.Short() {
		t.Log("the example is not run: it takes python3, and time")
		return
	}
	page, err := pages.ReadFile("docs/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```python\n")
	example, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no example")
	}
	request, err := json.Marshal(notice)
	if err != nil {
		t.Fatal(err)
	}
	const calls = `
import json, sys
secret, got = sys.argv[1], json.loads(sys.argv[2])
body, headers = got["Body"].encode(), got["Headers"]
old = headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1000)}
print(is_genuine(secret, headers, body), is_genuine(secret, headers, body + b" "), is_genuine(secret, old, body),
      is_genuine("whsec_" + "AAAA" * 8, headers, body))
`
	out, err := exec.CommandContext(t.Context(), python, "-c", example+calls, secret, string(request)).CombinedOutput()
	if err != nil || string(out) != "True False False False\n" {
		t.Errorf("%s, %v", out, err)
	}
}

// TestNotifyRefuses refuses flags that make no sense, without showing the address.
func TestNotifyRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("whsec_"+strings.Repeat("MfKQ", 10)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--notify-secret-file has no effect without --notify": {"--notify-secret-file",
			filepath.Join(dir, "secret")},
		"--notify: the address of the receiver begins with https:// or http://": {"--notify", "hooks/path-secret"},
		"can be read by others": {"--notify", "https://hooks.example/path-secret", "--notify-secret-file", open},
	} {
		code, _, stderr := output(t, append([]string{"http", "--sandbox", "--addr", "127.0.0.1:0"}, args...)...)
		if code != exitUsage || !strings.Contains(stderr, want) || strings.Contains(stderr, "path-secret") {
			t.Errorf("exit code %d: %s; want %s", code, stderr, want)
		}
	}
}

// TestDoctorNotices tells that notices do not arrive, and why.
func TestDoctorNotices(t *testing.T) {
	t.Parallel()
	workspace := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	defer workspace.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	store, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	outbox, kind := store.Shared().Outbox, change.NoticeFrozen
	if err := errors.Join(outbox.Want(t.Context(), time.Now().Add(time.Hour), kind),
		outbox.Add(t.Context(), change.Notice{ID: "ntc_1", Kind: kind, At: time.Now()})); err != nil {
		t.Fatal(err)
	}
	examined := func() string {
		t.Helper()
		_, stdout, stderr := output(t, "doctor", "--token", "t", "--base-url", workspace.URL, "--state", state)
		return stdout + stderr
	}
	if text := examined(); strings.Contains(text, "notices") {
		t.Errorf("one that was not tried yet: %s", text)
	}
	taken, err := outbox.Take(t.Context(), time.Minute, 1, kind)
	if len(taken) != 1 || err != nil {
		t.Fatal(taken, err)
	}
	if err := outbox.Retry(t.Context(), taken[0], time.Now(), "HTTP 500"); err != nil {
		t.Fatal(err)
	}
	const want = "BAD   notices      notices that wait to be sent: 1; the oldest was tried in vain: HTTP 500"
	if text := examined(); !strings.Contains(text, want) {
		t.Errorf("%s\nwant %s", text, want)
	}
}
