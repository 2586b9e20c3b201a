package change

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// TestStepEventActor names who took a step, and nothing where nobody did.
func TestStepEventActor(t *testing.T) {
	for name, tt := range map[string]struct {
		actor Actor
		want  map[string]string
	}{
		"nobody":     {Actor{}, map[string]string{}},
		"the server": {Actor{By: Server}, map[string]string{"by": "the server"}},
		"a user": {
			Actor{By: "ann", Level: policy.LevelUser, Method: "elicitation"},
			map[string]string{"by": "ann", "level": "user", "method": "elicitation"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := Change{ID: NewID(), Principal: "ann", Status: StatusCancelled}
			events, err := c.StepEvents(Step{To: StatusCancelled, Actor: tt.actor})
			if err != nil || len(events) != 1 {
				t.Fatal(events, err)
			}
			got := events[0].Facts
			if got["state"] == "" {
				t.Error("it has no state")
			}
			delete(got, "state")
			if !maps.Equal(got, tt.want) {
				t.Errorf("facts %v, want %v", got, tt.want)
			}
		})
	}
}

// TestKinds holds the list of kinds against the constants that there are.
func TestKinds(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(strings.ToLower(spec.Names[0].Name), "kind") {
			return true
		}
		if text, ok := spec.Values[0].(*ast.BasicLit); ok {
			found++
			if kind, err := strconv.Unquote(text.Value); err != nil || !slices.Contains(Kinds(), Kind(kind)) {
				t.Errorf("%s is not listed: %q, %v", spec.Names[0].Name, kind, err)
			}
		}
		return true
	})
	if found < 18 {
		t.Errorf("found %d constants", found)
	}
	for _, status := range Statuses() {
		if !slices.Contains(Kinds(), Kind(status)) {
			t.Errorf("the status %s is not listed", status)
		}
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(Kinds()))); len(unique) != len(Kinds()) {
		t.Error("a kind is listed twice")
	}
}

// TestEventItems reads the items that facts name by their indexes, and nothing else.
func TestEventItems(t *testing.T) {
	for _, test := range []struct {
		kind       Kind
		fact, text string
		want       []int
	}{
		{KindRecorded, "changed", "0-2,4", []int{0, 1, 2, 4}}, {KindRecorded, "unchanged", "0", []int{0}},
		{KindRecorded, "partly", "1", []int{1}}, {KindRecorded, "failed", "1", []int{1}},
		{KindRecorded, "not_sent", "1", []int{1}}, {KindRecorded, "unknown", "1", []int{1}},
		{KindPlanned, "unchanged", "3", []int{3}}, {KindJob, "items", "1-2", []int{1, 2}},
		{KindPlanned, "items", "3", nil}, {KindRecorded, "digest", "3", nil}, {KindRecorded, "pending", "3", nil},
		{KindRecorded, "changed", "", nil}, {KindRecorded, "changed", "5", nil}, {KindRecorded, "changed", "x", nil},
	} {
		e := Event{Kind: test.kind, Facts: map[string]string{test.fact: test.text}}
		got, ok := e.Items(test.fact, 5)
		if ok != (test.want != nil) || ok && !slices.Equal(got, test.want) {
			t.Errorf("%s %s %q: %v, %t", test.kind, test.fact, test.text, got, ok)
		}
	}
}
