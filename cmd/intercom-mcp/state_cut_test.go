package main

import (
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres/postgrestest"
	"intercom-mcp/policy/change/sqlite"
)

// oldState writes a state file of a year ago: a change to somebody that was declined, and a call. It returns the head
// of its trail after the plan, and the change.
func oldState(t *testing.T, path string) (noted change.Head, id string) {
	t.Helper()
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	at := time.Now().AddDate(-1, 0, 0)
	c := change.Change{ID: change.NewID(), Principal: "ann", Tool: "update_contact", Status: change.StatusAwaiting,
		CreatedAt: at, Items: []change.Item{{TargetID: "5f0000000000000000000001", Label: "old@example.com"}}}
	if _, err := store.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	found, err := store.VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Advance(t.Context(), c.ID, change.Step{To: change.StatusDeclined, At: at}); err != nil {
		t.Fatal(err)
	}
	if err := store.Append(t.Context(), change.Event{Kind: change.KindCall, Time: at}); err != nil {
		t.Fatal(err)
	}
	return found.Head, c.ID
}

// TestStateCut has a server cut what is older than the policy keeps it, and every command tell what became of it.
func TestStateCut(t *testing.T) {
	t.Parallel()
	intercomServer := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	t.Cleanup(intercomServer.Close)
	dir := t.TempDir()
	state, folder, policy := filepath.Join(dir, "state.db"), filepath.Join(dir, "exports"),
		filepath.Join(dir, "policy.yaml")
	noted, gone := oldState(t, state)
	kept := fmt.Sprintf("retention: {values: 30d, records: {age: 90d, folder: %q}}\n", folder)
	if err := os.WriteFile(policy, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	stdin, in := io.Pipe()
	server := launch(t, stdin, environment(), "stdio", "--state", state, "--policy", policy, "--token", "t",
		"--base-url", intercomServer.URL, "--log-format", "text")
	server.stderr.await(t, "(cut off and exported)")
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-server.code; got != exitOK {
		t.Errorf("exit code %d: %s", got, server.stderr)
	}

	say := func(want string, code int, args ...string) string {
		t.Helper()
		got, stdout, stderr := output(t, append(args, "--state", state)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: exit code %d, want %d with %s: %s%s", args, got, code, want, stdout, stderr)
		}
		return stdout
	}
	head := strings.TrimSpace(strings.SplitAfter(say("exported to "+folder+" (trail-1-", exitOK, "audit", "verify"),
		"head: ")[1])
	say("is of what was cut off", exitFailed, "audit", "verify", "--head", noted.String())
	say("intact: ", exitOK, "audit", "verify", "--export", folder, "--head", noted.String(), "--head", head)
	say("and are not in "+dir, exitFailed, "audit", "verify", "--export", dir)
	say(`to="`, exitOK, "audit", "list", "--kind", "cut")
	for _, command := range []string{"show", "stop"} {
		say("the files in "+folder+" hold them", exitFailed, "changes", command, gone)
	}
	say("cut        events up to ", exitOK, "state", "info")
	say("records and trail 90 days, then exported to "+folder, exitOK, "state", "info", "--policy", policy)
	say(`"cut_to": `, exitOK, "state", "info", "--json")
	say(filepath.Join(folder, "records-1-"), exitFailed, "state", "erase", "5f0000000000000000000001")
	say(`nothing is kept of "nobody@example.com"`, exitFailed, "state", "erase", "nobody@example.com")
	say(`"cut"`, exitOK, "export", "trail", "--format", "jsonl")
	copied := filepath.Join(dir, "copy.db")
	say("copied", exitOK, "state", "backup", copied)
	say("intact: ", exitOK, "audit", "verify", "--head", head)

	if !testing.Short() {
		to := postgrestest.Schema(t)
		say("intact at both ends", exitOK, "state", "migrate", "--to", to)
		state = to
		say("exported to "+folder, exitOK, "audit", "verify", "--head", head)
		say("intact: ", exitOK, "audit", "verify", "--export", folder, "--head", noted.String(), "--head", head)
	}
	removed, err := filepath.Glob(filepath.Join(folder, "records-*"))
	if err != nil || len(removed) == 0 || os.Remove(removed[0]) != nil {
		t.Fatal(removed, err)
	}
	say("is not known: ", exitFailed, "state", "erase", "nobody@example.com")
}
