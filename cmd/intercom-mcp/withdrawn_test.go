package main

import (
	"path/filepath"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// TestTokenGoneWhileDown starts an http server that finds a change of somebody who has no line in its file of tokens:
// the change does not begin.
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
	left, err := store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "ben", Tool: "update_contact",
		Status: change.StatusApproved, CreatedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
		Items: []change.Item{{TargetID: "1", Patch: change.Patch{Set: map[string]any{"name": "x"}}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
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
