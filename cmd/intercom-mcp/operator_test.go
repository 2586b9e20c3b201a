package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestOperatorNeedsNoIntercom takes back what waits by the state file alone: without a token, and with one that
// Intercom is not even asked about.
func TestOperatorNeedsNoIntercom(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	plan := func() string {
		t.Helper()
		server := httptest.NewServer(sandbox.New(sandbox.Options{}))
		defer server.Close()
		_, stdout, stderr := output(t, "call", "update_contact",
			`{"contact":"external_id:u-10001","set":{"phone":"+15005550006"}}`,
			"--token", "t", "--base-url", server.URL, "--state", state)
		handle := regexp.MustCompile(`chg_\w{26}`).FindString(stdout)
		if handle == "" {
			t.Fatal(stdout, stderr)
		}
		return handle
	}
	reads, broken := filepath.Join(t.TempDir(), "reads.yaml"), filepath.Join(t.TempDir(), "broken.yaml")
	for path, text := range map[string]string{reads: "mode: read\nmasked: [name]\n", broken: "mood: read\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	unreached := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("Intercom was asked for %s", r.URL)
		panic(http.ErrAbortHandler)
	}))
	defer unreached.Close()
	for name, flags := range map[string][]string{
		"no token": nil, "a token": {"--token", "t", "--base-url", unreached.URL},
		"a narrow offer": {"--mode", "read", "--toolsets", "tags"}, "a policy of reads": {"--policy", reads},
		"no policy": {"--policy", broken, "--log-level", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			handle := plan()
			code, stdout, stderr := output(t, append([]string{"call", "cancel_change", `{"change":"` + handle + `"}`,
				"--operator", "--state", state}, flags...)...)
			if code != exitOK || !strings.Contains(stdout, `"cancelled"`) || stderr != "" {
				t.Errorf("exit code %d: %s%s", code, stdout, stderr)
			}
		})
	}
	code, _, stderr := output(t, "call", "cancel_change", `{"change":"chg_00000000000000000000000000"}`, "--operator",
		"--state", state)
	if code != exitFailed || !strings.Contains(stderr, "intercom-mcp changes list' shows") {
		t.Errorf("an unknown handle: exit code %d: %s", code, stderr)
	}
	missing := filepath.Join(t.TempDir(), "typo.db")
	code, _, stderr = output(t, "call", "cancel_change", `{"change":"`+plan()+`"}`, "--operator", "--state", missing)
	if code != exitUsage || !strings.Contains(stderr, "there are no changes yet") {
		t.Errorf("a file that is not there: exit code %d: %s", code, stderr)
	}
}

// TestOperatorStopsAnotherProcess stops what a server applies: the server notices it, and both tell so.
func TestOperatorStopsAnotherProcess(t *testing.T) {
	t.Parallel()
	awaitSignals()
	synctest.Test(t, func(t *testing.T) {
		workspace := sandbox.New(sandbox.Options{Latency: 200 * time.Millisecond, NoPreview: true})
		state := filepath.Join(t.TempDir(), "state.db")
		c := talkStdioTo(t, workspace, "--token", "test", "--state", state)
		c.call(t, "bulk_update_contacts", `{"set":{"add_tags":["VIP"]},
			"where":[{"field":"custom_attributes.plan","operator":"=","value":"trial"}]}`)
		handle := c.heard.await(t, `"change":"(chg_\w+)"`)
		c.call(t, "confirm_change", `{"change":"`+handle+`"}`)
		c.heard.await(t, `([1-9]\d*) of \d+ contacts sent`)
		code, stdout, stderr := output(t, "call", "cancel_change", `{"change":"`+handle+`"}`, "--operator", "--state", state)
		if code != exitOK || !strings.Contains(stdout, `"status":"stopped"`) || stderr != "" {
			t.Errorf("exit code %d: %s%s", code, stdout, stderr)
		}
		c.heard.await(t, `"status":"stopped".*(an operator stopped it)`)
		c.hangUp()
		if code := <-c.server.code; code != exitOK {
			t.Errorf("the server's exit code %d: %s", code, c.server.stderr)
		}
	})
}
