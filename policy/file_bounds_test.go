package policy

import (
	"fmt"
	"strings"
	"testing"
)

// TestBounds reads values at their bounds and one beyond.
func TestBounds(t *testing.T) {
	padded := func(size int) string { return "mode: read\n#" + strings.Repeat("x", size-len("mode: read\n#")) }
	rule := func(key, value string) string {
		return fmt.Sprintf("rules: [{%s: %q, %s}]", key, value, map[string]string{
			"name": "then: deny", "why": "name: n, then: deny", "when": "name: n, then: deny"}[key])
	}
	approval := func(keys string) string { return "rules: [{name: n, then: confirm, by: approver, " + keys + "}]" }
	for text, right := range map[string]bool{
		"limits: {bulk_contacts: 0}":                                false,
		"limits: {waiting_changes: 0}":                              false,
		"limits: {waiting_megabytes: 1000}":                         true,
		"limits: {unanswered_per_10m: 1001}":                        false,
		"retention: {values: 1d}":                                   true,
		"retention: {values: 0d}":                                   false,
		"retention: {values: 90}":                                   false,
		"retention: {values: '90'}":                                 false,
		"retention: {values: 24h}":                                  false,
		"retention: {values: 36500d}":                               true,
		"retention: {values: 36501d}":                               false,
		"retention: {values: 090d}":                                 false,
		"retention: {values: d}":                                    false,
		"limits: {unanswered_per_10m: 0}":                           false,
		"retention: {records: {age: 90d, folder: /x}}":              true,
		"retention: {records: {age: 89d, folder: /x}}":              false,
		"retention: {values: 1d, records: {age: 1d, folder: /x}}":   true,
		"retention: {records: {age: 30d, folder: /x}, values: 30d}": true,
		"retention: {records: {age: 30d, folder: /x}, values: 31d}": false,
		"retention: {records: {age: 36500d, folder: /x}}":           true,
		"retention: {records: {age: 36501d, folder: /x}}":           false,
		"retention: {records: {age: 400d}}":                         false,
		"retention: {records: {folder: /x}}":                        false,
		"retention: {records: {}}":                                  false,
		"retention: {records: 400d}":                                false,
		"retention: {records: {age: 400d, folder: exports}}":        false,
		"retention: {records: {age: 400d, folder: ./exports}}":      false,
		"retention: {records: {age: 400d, folder: \"\"}}":           false,
		"limits: {unanswered_per_10m: 1}":                           true,
		"limits: {waiting_megabytes: 0}":                            false,
		"limits: {waiting_megabytes: 1}":                            true,
		"limits: {bulk_contacts: 1}":                                true,
		"limits: {bulk_contacts: 10000}":                            true,
		"limits: {bulk_contacts: 10001}":                            false,
		"limits: {inline_updates: 0}":                               false,
		"limits: {inline_updates: 1}":                               true,
		"limits: {inline_updates: 200}":                             true,
		"limits: {inline_updates: 201}":                             false,
		"limits: {contacts_per_10m: -1}":                            false,
		"limits: {contacts_per_10m: 0}":                             true,
		"limits: {contacts_per_10m: 1e6}":                           false,
		"limits: {contacts_per_10m: 0x10}":                          true,
		"limits: {contacts_per_10m: 1_000}":                         true,

		"limits: {contacts_per_10m: 1000000}":              true,
		"limits: {contacts_per_10m: 1000001}":              false,
		"limits: {contacts_per_10m: 18446744073709551615}": false,

		"limits: {stop_after: {percent: 0}}":         false,
		"limits: {stop_after: {percent: 1}}":         true,
		"limits: {stop_after: {percent: 100}}":       true,
		"limits: {stop_after: {percent: 101}}":       false,
		"limits: {stop_after: {of_at_least: 0}}":     false,
		"limits: {stop_after: {of_at_least: 1}}":     true,
		"limits: {stop_after: {of_at_least: 10000}}": true,
		"limits: {stop_after: {of_at_least: 10001}}": false,
		"limits: {stop_after: {items: 0}}":           false,
		"limits: {stop_after: {items: 1}}":           true,
		"limits: {stop_after: {items: 10000}}":       true,
		"limits: {stop_after: {items: 10001}}":       false,

		"confirm: {ttl: 59s}":    false,
		"confirm: {ttl: 1m}":     true,
		"confirm: {ttl: 24h}":    true,
		"confirm: {ttl: 24h1ns}": false,
		"confirm: {ttl: 1d}":     false,
		"protected: []":          true,

		"confirm: {approve_within: 59s}":                            false,
		"confirm: {approve_within: 168h}":                           true,
		"confirm: {approve_within: 168h1ns}":                        false,
		"confirm: {execute_within: 59s}":                            false,
		"confirm: {execute_within: 24h}":                            true,
		"confirm: {execute_within: 24h1ns}":                         false,
		"confirm: {views: approver}":                                false,
		approval("needed: 0"):                                       false,
		approval("needed: 1"):                                       true,
		approval("needed: 10"):                                      true,
		approval("needed: 11"):                                      false,
		approval("approvers: []"):                                   false,
		approval("approvers: [leads, leads]"):                       false,
		approval("approvers: ['" + strings.Repeat("x", 128) + "']"): true,
		approval("approvers: ['" + strings.Repeat("x", 129) + "']"): false,

		"roles: [support]":                  false,
		"roles: {ops: {}, support: {}}":     true,
		"roles: {support: {}, support: {}}": false,
		"masked: []":                        true,
		"rules: []":                         true,
		"rules: [{}]":                       false,
		"protected: [email, tag]":           false,

		rule("name", strings.Repeat("é", 80)): true,
		rule("name", strings.Repeat("é", 81)): false,
		rule("why", strings.Repeat("é", 200)): true,
		rule("why", strings.Repeat("é", 201)): false,

		rule("when", "true"+strings.Repeat(" ", 1996)): true,
		rule("when", "true"+strings.Repeat(" ", 1997)): false,

		rule("when", strings.Repeat("(", 60)+"true"+strings.Repeat(")", 60)): false,

		padded(256 << 10):   true,
		padded(256<<10 + 1): false,
	} {
		if _, err := Parse("p.yaml", []byte(text), known); (err == nil) != right {
			t.Errorf("%.90s: error %v", text, err)
		}
	}
}

// TestOverride leaves what a file does not name as it is in the built-in policy.
func TestOverride(t *testing.T) {
	p, err := Parse("p.yaml", []byte("limits: {stop_after: {items: 5}}\nrules: [{name: \" a \", then: deny}]"), known)
	if err != nil {
		t.Fatal(err)
	}
	want := Default(ModeWrite)
	want.Limits.StopAfter.Items = 5
	same := p.Mode == want.Mode && p.Confirm == want.Confirm && len(p.Protected) == len(want.Protected)
	if p.Limits != want.Limits || !same {
		t.Errorf("policy %+v", p)
	}
	if p.Rules[0].Name != "a" {
		t.Errorf("rule %q", p.Rules[0].Name)
	}
}
