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
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestPlannedFacts tells who asked for what, and how it was decided.
func TestPlannedFacts(t *testing.T) {
	at := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	c := Change{ID: "chg_1", Principal: "ann", Tool: "tag_contacts", Revision: "r", Status: StatusAwaiting, CreatedAt: at,
		ExpiresAt: at.Add(time.Minute), Items: []Item{{TargetID: "1"}, {TargetID: "2", Outcome: Unchanged}},
		Decision: policy.Decision{Verdict: policy.Confirm, Level: policy.LevelUser, Reasons: []policy.Reason{
			{Rule: "many", Text: "more than 10"}, {Rule: "plain", Text: "rule plain"}}}}
	told := func(c Change) map[string]string {
		t.Helper()
		events, err := c.NewEvents()
		if err != nil || events[0].Kind != KindPlanned {
			t.Fatal(events, err)
		}
		for _, hash := range []string{"digest", "head", "state"} {
			if len(events[0].Facts[hash]) != 64 {
				t.Errorf("%s: %v", hash, events[0].Facts)
			}
			delete(events[0].Facts, hash)
		}
		return events[0].Facts
	}
	want := map[string]string{"level": "user", "status": "awaiting", "expires": "2026-11-01T09:01:00.000000000Z",
		"verdict": "confirm", "reasons": "many: more than 10; plain", "tool": "tag_contacts", "revision": "r", "items": "2",
		"unchanged": "1"}
	if diff := cmp.Diff(want, told(c)); diff != "" {
		t.Errorf("what waits (-want +got):\n%s", diff)
	}
	c.Undoes, c.Person, c.Roles, c.AuditValues = "chg_0", policy.Person{Name: "Ann", Email: "a@x"}, []string{"a", "b"},
		"[]"
	maps.Copy(want, map[string]string{"undoes": "chg_0", "name": "Ann", "email": "a@x", "roles": "a,b", "values": "[]"})
	if diff := cmp.Diff(want, told(c)); diff != "" {
		t.Errorf("what a person asked for (-want +got):\n%s", diff)
	}
	c.ExpiresAt = time.Time{}
	if facts := told(c); facts[factExpires] != "" {
		t.Errorf("what waits for good: %v", facts)
	}
	c.Status, c.ExpiresAt = StatusApproved, at
	if facts := told(c); facts[factExpires] != "" || facts["status"] != "approved" {
		t.Errorf("what does not wait: %v", facts)
	}
}

// TestNewEvents records the start of a new change after its plan, whose state is that of before.
func TestNewEvents(t *testing.T) {
	c := Change{ID: "chg_1", Status: StatusApproved}
	before, err := c.NewEvents()
	if err != nil || len(before) != 1 {
		t.Fatal(before, err)
	}
	c.Status, c.AppliedAt, c.JobsOnRecord = StatusApplying, began, true
	after, err := c.NewEvents()
	if err != nil || len(after) != 2 || !maps.Equal(after[0].Facts, before[0].Facts) ||
		after[1].Kind != Kind(StatusApplying) || !after[1].Time.Equal(began) {
		t.Errorf("%+v, %v", after, err)
	}
}

// TestStepFacts tells who approved, who declined, and why.
func TestStepFacts(t *testing.T) {
	c := Change{ID: "chg_1", Status: StatusAwaiting}
	yes := &Approval{Level: policy.LevelApprover, By: "sue", At: began, Reason: "fine"}
	of := map[string]string{"level": "approver", "by": "sue", "reason": "fine"}
	for name, test := range map[string]struct {
		step Step
		want []map[string]string
	}{
		"approved": {Step{To: StatusApproved, Approval: yes},
			[]map[string]string{{"level": "approver", "by": "sue", "reason": "fine", "status": "awaiting"}}},
		"begun with a yes":   {Step{To: StatusApplying, Approval: yes}, []map[string]string{of, {}}},
		"begun":              {Step{To: StatusApplying}, []map[string]string{{}}},
		"declined":           {Step{To: StatusDeclined, Actor: Actor{By: "sue"}}, []map[string]string{{"by": "sue"}}},
		"declined for":       {Step{To: StatusDeclined, Reason: "no"}, []map[string]string{{"reason": "no"}}},
		"failed, not to say": {Step{To: StatusFailed, Reason: "no"}, []map[string]string{{}}},
	} {
		var got []map[string]string
		for _, e := range stepEvents(&c, test.step) {
			got = append(got, e.Facts)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLossEvent tells what was lost, and of which changes.
func TestLossEvent(t *testing.T) {
	want := map[string]string{"by": "root", "after": "12", "events": "10"}
	if got := LossEvent(Actor{By: "root"}, 12, 10, nil).Facts; !maps.Equal(got, want) {
		t.Errorf("facts %v", got)
	}
	want["changes"] = "a"
	if got := LossEvent(Actor{By: "root"}, 12, 10, []string{"a"}).Facts; !maps.Equal(got, want) {
		t.Errorf("facts %v", got)
	}
}

// TestFreezeEvents asks each change to stop that is being applied.
func TestFreezeEvents(t *testing.T) {
	f := Freeze{By: "ops", Reason: "outage.", At: began}
	events := FreezeEvents(f, Actor{By: "ops"}, []Change{{ID: "a"}, {ID: "b"}})
	if len(events) != 3 || events[0].Kind != KindFrozen || events[0].Facts["reason"] != "outage." ||
		events[2].Change != "b" || events[2].Facts["reason"] != "writes are frozen by ops: outage" {
		t.Errorf("%+v", events)
	}
	for name, other := range map[string]Freeze{
		"by another": {By: "eve", Reason: f.Reason, At: f.At}, "for another reason": {By: f.By, At: f.At},
		"then": {By: f.By, Reason: f.Reason, At: f.At.Add(1)}, "by another, for another reason": {At: f.At},
	} {
		if f.same(other) || other.same(f) || !f.same(f) {
			t.Errorf("a freeze %s is the same", name)
		}
	}
}
