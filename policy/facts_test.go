package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy/internal/builtin"
)

// TestFacts holds the comment of default.yaml that documents the facts to their table.
func TestFacts(t *testing.T) {
	var want strings.Builder
	for _, fact := range facts {
		fmt.Fprintf(&want, "#   %-17s %-16s %s\n", fact.name, fact.is, fact.doc)
	}
	if !bytes.Contains(builtin.Text, []byte("#\n"+want.String()+"rules:\n")) {
		t.Errorf("default.yaml does not document the facts as\n%s", want.String())
	}
	for i, fact := range Facts() {
		if of := facts[i]; fact != (Fact{of.name, of.is.String(), of.doc}) {
			t.Errorf("fact %d is told as %+v", i, fact)
		}
	}
	values := activation(&Request{Reversible: true, Effect: Destroy}, &Policy{}, &Target{})
	if len(values) != len(facts) || values["reversible"] != false {
		t.Errorf("facts %v", values)
	}
}

// TestTargetFacts holds a condition against each target, with numbers as they are; the first failure is the one told.
func TestTargetFacts(t *testing.T) {
	seats := func(values ...json.Number) (targets []Target) {
		for _, value := range values {
			targets = append(targets, Target{Set: map[string]any{"seats": value}})
		}
		return targets
	}
	for _, test := range []struct {
		when    string
		targets []Target
		want    bool
		failure string
	}{
		{"set.seats == 3 && type(set.seats) == int", seats("3"), true, ""},
		{"set.seats == 2.5", seats("2.5"), true, ""},
		{"set.seats > 10", seats("3", "10", "9007199254740993"), true, ""},
		{"set.seats == 9007199254740992", seats("9007199254740993"), false, ""},
		{"set.seats > 10", seats("1e999"), false, "a number is out of range"},
		{"set.seats > 10", append(seats("3", "1e999"), Target{}), false, "a number is out of range"},
		{"set.seats > 10", append([]Target{{}}, seats("1e999")...), false, "no such key: seats"},
		{"set.seats > 10", seats("1e999", "11"), true, ""},
		{"set.size() == 0", nil, true, ""},
	} {
		holds, err := newFactSet(&Request{Targets: test.targets}, &Policy{}).holds(newCondition(test.when))
		if holds != test.want || errorText(err) != test.failure {
			t.Errorf("%s of %v: %t, %v", test.when, test.targets, holds, err)
		}
	}
}
