package main

import (
	"path/filepath"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/sqlite"
)

// TestTokenGoneWhileDown starts an http server whose file of tokens lacks whose change was left by the last one: it does
// not begin.
func TestTokenGoneWhileDown(t *testing.T) {
	t.Parallel()
	state, tokens := filepath.Join(t.TempDir(), "state.db"), filepath.Join(t.TempDir(), "tokens")
	if code, _, stderr := output(t, "token", "new", "ann", "--tokens", tokens); code != exitOK {
		t.Fatal(stderr)
	}
	store, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	store.Lease = time.Millisecond
	left := changetest.Planned(change.StatusApproved, 1)
	left.Principal, left.CreatedAt, left.ExpiresAt = "ben", time.Now(), time.Now().Add(time.Hour)
	left = changetest.Create(t, store, left)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	server := launch(t, nil, environment("INTERCOM_HTTP_ADDR", "127.0.0.1:0"), "http", "--sandbox", "--state", state,
		"--tokens", tokens)
	server.stderr.await(t, `"msg":"(resuming a change)"`)
	read, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	for {
		c, err := read.Find(t.Context(), left.ID)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status.Ended() {
			if c.Status != change.StatusCancelled || c.Reason != "the access of its principal was withdrawn" {
				t.Errorf("it is %s: %s", c.Status, c.Reason)
			}
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
}
