package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"intercom-mcp/intercom/sandbox"
)

// TestCanonicalRecord: the digest of the contract's published record is the one that it names.
func TestCanonicalRecord(t *testing.T) {
	sum := sha256.Sum256(canonicalRecord(map[string]any{
		"event_id": "99999999-9999-9999-9999-999999999999", "event_type": "tool_call",
		"extensions": map[string]any{"caller-governance": map[string]any{"flagged": false,
			"invoked_by_principal_id": nil, "purpose_declared": "reconcile June invoices",
			"session_id": "55555555-5555-5555-5555-555555555555"}},
		"occurred_at": "2026-06-06T12:00:00.000Z", "outcome": "deferred", "previous_hash": nil,
		"principal_id": "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "tool_name": "export",
	}))
	if got := hex.EncodeToString(sum[:]); got != "d494769c1ae442ea88dd190068747abf63c0568a3b856f85791b1a50a99d48b4" {
		t.Error(got)
	}
}

// TestRecordText keeps what records may hold.
func TestRecordText(t *testing.T) {
	for text, want := range map[string]string{
		" a\tb\n": "a b", "e\u0301": "\u00e9", "a\u2028b": "a b", "a\u0085b\xff": "a b\uFFFD", "<&>": "<&>", "": "",
	} {
		if got := recordText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, letter := range []string{"a", "😀"} {
		got := recordText(strings.Repeat(letter, maxRecordText+1))
		if n := len(utf16.Encode([]rune(got))); n > maxRecordText || n < maxRecordText-2 || !strings.HasSuffix(got, "…") {
			t.Errorf("%s: %d units", letter, n)
		}
	}
}

// TestExportRecords exports a trail as audit records: each chained to the one before, with its hash.
func TestExportRecords(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 20}))
	defer server.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"name":"<Renée>"}}`)
	code, stdout, stderr := output(t, "export", "trail", "--records", "--state", state)
	if code != exitOK {
		t.Fatal(stderr)
	}
	var previous any
	outcomes := make(map[any]any)
	for line := range strings.SplitSeq(strings.TrimSpace(stdout), "\n") {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if len(record) != len(auditRecordFields) || record["previous_hash"] != previous ||
			record["principal_id"] != "ann" || record["tool_name"] != "update_contact" {
			t.Errorf("%s", line)
		}
		previous = record["event_hash"]
		delete(record, "event_hash")
		sum := sha256.Sum256(canonicalRecord(record))
		if hex.EncodeToString(sum[:]) != previous {
			t.Errorf("the hash is not of %s", line)
		}
		outcomes[record["event_type"]] = record["outcome"]
	}
	if outcomes["planned"] != "allowed" || outcomes["applied"] != "allowed" {
		t.Errorf("%v", outcomes)
	}
}

// TestAuditOf finds the events of a contact, a person, a tool, a kind, a change and a time, and names items by what
// they were.
func TestAuditOf(t *testing.T) {
	t.Parallel()
	sb := sandbox.New(sandbox.Options{Contacts: 20})
	server := httptest.NewServer(sb)
	defer server.Close()
	state := filepath.Join(t.TempDir(), "state.db")
	contact := sb.ContactsWhere(func(c *sandbox.Contact) bool { return c.ExternalID == "u-10001" })[0]
	ann := writeAs(t, "ann", server.URL, state, `{"contact":"external_id:u-10001","set":{"name":"A"}}`)[0]
	ben := writeAs(t, "ben", server.URL, state, `{"contact":"external_id:u-10002","set":{"name":"B"}}`)[0]
	for name, test := range map[string]struct {
		flags      []string
		want, none string
	}{
		"a contact by e-mail": {[]string{"--contact", strings.ToUpper(contact.Email)}, ann, ben},
		"a contact by id":     {[]string{"--contact", contact.ID}, `changed: "` + contact.Email + `"`, ben},
		"a principal":         {[]string{"--principal", "ben"}, ben, ann},
		"its outcomes":        {[]string{"--principal", "ben", "--kind", "recorded"}, "changed: ", "planned"},
		"a person":            {[]string{"--principal", "BEN@example.com"}, ben, ann},
		"a tool":              {[]string{"--tool", "update_contact"}, ben, "digest"},
		"another tool":        {[]string{"--tool", "tag_contacts"}, "", "chg_"},
		"a kind":              {[]string{"--kind", "applied"}, ann, "planned"},
		"a change":            {[]string{"--change", ben}, ben, ann},
		"lately":              {[]string{"--since", "1h"}, ann, "state="},
		"long ago":            {[]string{"--until", "1h"}, "", "chg_"},
	} {
		code, stdout, stderr := output(t, append([]string{"audit", "list", "--state", state}, test.flags...)...)
		if code != exitOK || !strings.Contains(stdout, test.want) || strings.Contains(stdout, test.none) {
			t.Errorf("%s: exit code %d: %s%s", name, code, stdout, stderr)
		}
	}
	if code, _, stderr := output(t, "audit", "list", "--state", state, "--until", "soon"); code != exitUsage ||
		!strings.Contains(stderr, "--until 24h") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestRuleNamedOnce has the trail, the preview and the explanation name a rule without words of its own once.
func TestRuleNamedOnce(t *testing.T) {
	dir := t.TempDir()
	state, file := filepath.Join(dir, "state.db"), filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(file, []byte("rules:\n- {name: names wait, then: confirm, by: agent}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rename := []string{"update_contact", `{"contact":"external_id:u-10001","set":{"name":"A"}}`}
	with := []string{"--sandbox", "--policy", file}
	for want, args := range map[string][]string{
		`Asked because: rule names wait\n`:   slices.Concat([]string{"call", "--state", state}, rename, with),
		":2: names wait: confirm by agent\n": slices.Concat([]string{"policy", "explain"}, rename, with),
	} {
		if _, stdout, stderr := output(t, args...); strings.Count(stdout, "names wait") != 1 ||
			!strings.Contains(stdout, want) {
			t.Errorf("%s: %s%s", args, stdout, stderr)
		}
	}
	if _, stdout, stderr := output(t, "audit", "list", "--state", state); !strings.Contains(stdout,
		`reasons="names wait" `) {
		t.Errorf("%s%s", stdout, stderr)
	}
}
