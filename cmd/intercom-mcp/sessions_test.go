package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// TestSessions lists who is signed in and signs a person out, with no token and no Intercom.
func TestSessions(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	say := func(want string, code int, args ...string) {
		t.Helper()
		got, stdout, stderr := output(t, append(args, "--state", state)...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: exit code %d, want %d with %q: %s%s", args, got, code, want, stdout, stderr)
		}
	}
	say("nobody has signed in yet", exitUsage, "sessions", "list")
	say("nobody has signed in yet", exitUsage, "sessions", "end", "--person", "ann@example.com")
	store, err := sqlite.Open(state)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	sessions := store.Shared().Sessions
	for i, of := range []change.Session{
		{Principal: "https://id.example#1", Person: policy.Person{Name: "Ann", Email: "ann@example.com"},
			Roles: []string{"approver", "le\x1b[2Jads"}, Method: change.SignedInByProvider, StartedAt: time.Unix(0, 0)},
		{Principal: policy.LocalPrincipal, Method: change.SignedInLocally},
	} {
		of.BegunAt = time.Now()
		if err := sessions.Keep(t.Context(), change.SessionKey{byte(i)}, of, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	say("https://id.example#1  Ann   ann@example.com  approver,le [2Jads  oidc    1970-01-01T00:00:00Z", exitOK,
		"sessions")
	say(`{"columns":["principal",`, exitOK, "sessions", "list", "--json")
	say("missing flags: --person=EMAIL|ID", exitUsage, "sessions", "end")
	say("--person is empty", exitUsage, "sessions", "end", "--person", " ")
	say(`"bob@example.com" is not signed in`, exitOK, "sessions", "end", "--person", "bob@example.com")
	say("sessions that were ended: 1;", exitOK, "sessions", "end", "--person", "ANN@example.com", "--by", "ops")
	say(`"ann@example.com" is not signed in`, exitOK, "sessions", "end", "--person", "ann@example.com")
	say(`by="ops" email="ann@example.com" level="user" method="command" name="Ann" signed_in="1970-01-01`, exitOK,
		"audit", "list", "--kind", "session ended")
	say("1 events", exitOK, "audit", "verify")
	if list, err := sessions.List(t.Context()); err != nil || len(list) != 1 || list[0].Session.Principal != "local" {
		t.Errorf("%+v, %v", list, err)
	}
	say("sessions that were ended: 1;", exitOK, "sessions", "end", "--person", policy.LocalPrincipal)
	say("Nobody is signed in.", exitOK, "sessions", "list")
}
