package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestConsole has a person sign in by the code that the terminal shows, and see what waits.
func TestConsole(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	policy := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(policy, []byte("mode: write\nconfirm: {self_approval: true}\nrules:\n  - name: people decide\n"+
		"    effects: [write]\n    then: confirm\n    by: approver\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, told, stderr := output(t, "call", "create_tag", `{"name":"=Night shift"}`, "--sandbox", "--state", state,
		"--policy",
		policy)
	if !strings.Contains(told, `"level":"approver"`) {
		t.Fatalf("%d %s %s", code, told, stderr)
	}
	console := launch(t, nil, environment(), "console", "--state", state, "--policy", policy)
	base := console.stdout.await(t, `(http://[^ ]+)/console`)
	secret := console.stdout.await(t, `code ([0-9A-Z-]+),`)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Jar: jar, Transport: transport}
	send := func(method, path string, form url.Values) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", base)
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	status, page := send(http.MethodPost, "/console/sign-in", url.Values{"code": {secret}})
	if status != http.StatusOK || !strings.Contains(page, "Night shift") {
		t.Fatalf("%d %s", status, page)
	}
	_, path, _ := strings.Cut(page, `href="/console/changes/chg_`)
	path, _, _ = strings.Cut(path, `"`)
	path = "/console/changes/chg_" + path
	if _, page := send(http.MethodGet, path, nil); !strings.Contains(page, "Approve exactly this") ||
		!strings.Contains(page, "No server is running") {
		t.Errorf("%s", page)
	}
	if status, table := send(http.MethodGet, path+"/rows.csv", nil); status != http.StatusOK ||
		!strings.HasPrefix(table, "item,id,contact,") || strings.Contains(table, ",=Night") ||
		!strings.Contains(table, "Night shift") {
		t.Errorf("%d %s", status, table)
	}
	console.stop()
	if code := <-console.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, console.stderr)
	}
}

// TestConsoleFlags refuses addresses that others reach, and a sign-in that is not whole.
func TestConsoleFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("shh"), 0o644); err != nil {
		t.Fatal(err)
	}
	issuer := []string{"http", "--sandbox", "--issuer", "https://id.example", "--audience", "x", "--public-url",
		"https://mcp.example"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"console", "--state", filepath.Join(dir, "s.db"), "--listen", "0.0.0.0:0"}, "this machine alone"},
		{[]string{"console", "--listen", "nowhere"}, "the address to listen on: "},
		{[]string{"console"}, "there is no access token"},
		{[]string{"http", "--sandbox", "--console-client-id", "x"}, "needs --issuer"},
		{[]string{"http", "--sandbox", "--console-client-secret-file", secret}, "has no effect without"},
		{append(issuer, "--console-client-id", "x", "--console-client-secret-file", secret), "can be read by others"},
	} {
		if code, _, stderr := output(t, test.args...); code != exitUsage || !strings.Contains(stderr, test.want) {
			t.Errorf("%v: %d %s", test.args, code, stderr)
		}
	}
}

// TestConsoleOff tells what the console of a server needs.
func TestConsoleOff(t *testing.T) {
	t.Parallel()
	server := launch(t, nil, environment("INTERCOM_HTTP_ADDR", "127.0.0.1:0"), "http", "--sandbox")
	base := server.stderr.await(t, `"url":"(http://[^"]+)/mcp"`)
	for _, path := range []string{"/console", "/console/changes"} {
		if status, text := get(t, base+path); status != http.StatusNotFound ||
			!strings.Contains(text, "--console-client-id") {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
}
