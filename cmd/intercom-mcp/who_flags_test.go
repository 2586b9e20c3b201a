package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

// TestPolicyExplainAs explains what binds a principal: the narrowest of the server's mode, the token's, its scopes and
// its roles, and by which of them.
func TestPolicyExplainAs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, tokens := filepath.Join(dir, "team.yaml"), filepath.Join(dir, "tokens")
	if err := os.WriteFile(file, []byte(`
mode: full
timezone: Europe/Dublin
roles:
  support: {mode: write, toolsets: [contacts, notes]}
  readers: {mode: read}
rules:
  - {name: nights, when: now.hour >= 18, then: deny}
  - {name: ann, when: person.email == 'ann@example.com' && client == 'toy', then: deny}
  - {name: sue, when: principal == 'sue', then: deny}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	token := func(args ...string) {
		if code, _, stderr := output(t, append([]string{"token", "new", "--tokens", tokens}, args...)...); code != exitOK {
			t.Fatal(stderr)
		}
	}
	token("ann", "--mode", "full", "--roles", "support", "--person", "Ann@example.com")
	token("bot", "--mode", "write", "--roles", "nobody,operator")
	explain := func(args ...string) string {
		code, stdout, stderr := output(t, append([]string{"policy", "explain", "--policy", file, "--tokens", tokens},
			args...)...)
		if code != exitOK {
			return stderr
		}
		return stdout
	}
	for _, test := range []struct {
		args string
		want []string
	}{
		{"add_note --as ann",
			[]string{"allow\n", "mode       write of role support (the server full, the token full, role support write)",
				"person     Ann@example.com", "roles      support", "toolsets   contacts, notes"}},
		{"delete_contacts --as ann", []string{"deny\n", "mode write of role support offers no destroy tools"}},
		{"tag_contacts --as ann", []string{"deny\n", "limit: toolsets"}},
		{"add_note --as ann --role readers",
			[]string{"deny\n",
				"mode       read of role readers (the server full, the token full, role support write, role readers read)"}},
		{"delete_contacts --as bot", []string{"mode       write of the token (the server full, the token write)"}},
		{"add_note --principal sue", []string{"deny\n", "called by sue", ": sue: deny"}},
		{"add_note --principal sue --as ann", []string{"allow\n", "called by ann"}},
		{"add_note --scope contacts:read",
			[]string{"deny\n", "mode       read of the token (the server full, the scopes read)"}},
		{"add_note --as bot --scope contacts:destroy",
			[]string{"allow\n", "mode       write of the token (the server full, the token write, the scopes full)"}},
		{"add_note --mode read --as bot", []string{"deny\n", "mode       read (the server read, the token write)"}},
		{"add_note --at 2026-07-24T17:00:00Z", []string{"deny\n", "time       Friday 18:00 IST", ": nights: deny"}},
		{"add_note --email ann@example.com --client toy --at 2026-07-24T12:00:00Z", []string{"deny\n", ": ann: deny"}},
		{"confirm_change --as ann --role readers", []string{"no rule applies to confirm_change", "leave out tools of changes",
			"mode read of role readers offers no write tools (the server full, the token full, "}},
		{"add_note --as an", []string{`has no token of "an"`, "--as ann"}},
		{"add_note --scope contacts:fly", []string{"none of contacts:fly is a scope", "contacts:write"}},
		{"add_note --at noon", []string{`"noon" is no time`}},
	} {
		args := strings.Fields(test.args)
		if !strings.Contains(test.args, "--at") {
			args = append(args, "--at", "2026-07-24T12:00:00Z")
		}
		got := explain(args...)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q: %s", test.args, want, got)
			}
		}
	}
	_, summary, _ := output(t, "policy", "check", file)
	for _, want := range []string{"timezone   Europe/Dublin", "role       support, line 5: mode write",
		"only tools of contacts, notes"} {
		if !strings.Contains(summary, want) {
			t.Errorf("the summary lacks %q: %s", want, summary)
		}
	}
	_, doctor, _ := output(t, "doctor", "--sandbox", "--policy", file, "--tokens", tokens)
	if !strings.Contains(doctor, `a token has the role "nobody", which the policy does not name: it has no effect`) ||
		strings.Contains(doctor, `"operator"`) || strings.Contains(doctor, `"support"`) {
		t.Errorf("the doctor says %s", doctor)
	}
}

// TestPolicyExplainApprover decides without the role approver, as calls are decided.
func TestPolicyExplainApprover(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "team.yaml")
	if err := os.WriteFile(file, []byte("rules:\n  - {name: one, when: size(roles) == 1, then: deny}\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	_, stdout, stderr := output(t, "policy", "explain", "add_note", "--policy", file, "--role", "Approver,ops")
	if !strings.HasPrefix(stdout, "deny") || !strings.Contains(stdout, "roles      ops\n") ||
		!strings.Contains(stderr, "The role approver is left out") {
		t.Errorf("%s%s", stdout, stderr)
	}
}

// TestWarnOfRoles logs the roles of tokens that the policy does not name.
func TestWarnOfRoles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, path := filepath.Join(dir, "team.yaml"), filepath.Join(dir, "tokens")
	if err := os.WriteFile(file, []byte("rules: [{name: a, when: \"'ops' in roles\", then: deny}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := serve.TokenFile(path).New(serve.TokenLine{Name: "bot", Mode: policy.ModeRead,
		Roles: []string{"viewer", "ops", "opps"}}); err != nil {
		t.Fatal(err)
	}
	tokens, err := serve.LoadTokens(path)
	if err != nil {
		t.Fatal(err)
	}
	policies, err := policyFlags{Policy: file}.load()
	if err != nil {
		t.Fatal(err)
	}
	out := newTape()
	(&service{policies: policies, tokens: tokens}).warnOfRoles(t.Context(), slog.New(slog.NewTextHandler(out, nil)))
	if text := out.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "role=opps") {
		t.Error(text)
	}
}

// TestPolicyRefusedAtStart starts no server under a policy with a time zone, a fact or a role that there is not.
func TestPolicyRefusedAtStart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "team.yaml")
	if err := os.WriteFile(file, []byte(`timezone: Europe/Dubln
roles:
  approver: {mode: full}
rules:
  - {name: a, when: size(role) > 0, then: deny}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"stdio", "http"} {
		code, _, stderr := output(t, command, "--sandbox", "--policy", file)
		for _, want := range []string{
			file + `:1:11: there is no time zone "Europe/Dubln"`,
			file + `:3:3: the role "approver" counts in the console alone`,
			file + `:5:26: when: undeclared reference to 'role' (did you mean 'roles'?); the facts are roles, tool, `,
		} {
			if code != exitUsage || !strings.Contains(stderr, want) {
				t.Errorf("%s exits with %d and lacks %q: %s", command, code, want, stderr)
			}
		}
	}
}
