package change

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy"
)

var began = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// trail is an audit trail as a store keeps it.
type trail struct {
	heads  []Head
	bodies []string
}

// add appends events, each with the hash of the one before.
func (tr *trail) add(t *testing.T, events ...Event) {
	t.Helper()
	for _, e := range events {
		e.Seq = int64(len(tr.heads) + 1)
		if len(tr.heads) > 0 {
			e.Previous = tr.heads[len(tr.heads)-1].Hash
		}
		body, err := e.Body()
		if err != nil {
			t.Fatal(err)
		}
		tr.heads, tr.bodies = append(tr.heads, Head{e.Seq, HashBody(body)}), append(tr.bodies, string(body))
	}
}

// take takes a step of a change, and records it.
func (tr *trail) take(t *testing.T, c *Change, step Step) {
	t.Helper()
	if err := c.Take(step); err != nil {
		t.Fatal(err)
	}
	events, err := c.StepEvents(step)
	if err != nil {
		t.Fatal(err)
	}
	tr.add(t, events...)
}

// record records outcomes of a change.
func (tr *trail) record(t *testing.T, c *Change, outcomes ...Recorded) {
	t.Helper()
	for i, r := range outcomes {
		outcomes[i] = c.Items[r.Index].Record(r)
	}
	recorded, err := c.RecordedEvent(outcomes)
	if err != nil {
		t.Fatal(err)
	}
	tr.add(t, recorded)
}

// finish verifies the trail and what is kept beside it.
func (tr *trail) finish(t *testing.T, v *Verifier, c *Change, stop StopRequest) (Head, error) {
	t.Helper()
	for i, head := range tr.heads {
		v.Event(head, tr.bodies[i])
	}
	v.End(int64(len(tr.heads)))
	if c != nil {
		if err := v.Change(c, stop); err != nil {
			t.Fatal(err)
		}
	}
	found, err := v.Finish()
	return found.Head, err
}

var operators = StopRequest{By: "an operator", Reason: "wrong contacts"}

// lived is a change with every outcome, and its trail.
func lived(t *testing.T) (*trail, Change) {
	t.Helper()
	c := Change{
		ID: NewID(), Principal: "ann", Tool: "update_contact", Status: StatusAwaiting, Level: policy.LevelUser,
		CreatedAt: began,
		Verb:      "update", AuditValues: "the values",
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "", "g"} {
		c.Items = append(c.Items, Item{TargetID: id, Label: id, Patch: Patch{Set: map[string]any{"name": "x"}}})
	}
	c.Items[0].Outcome = Unchanged
	tr := new(trail)
	planned, err := c.plannedEvent()
	if err != nil {
		t.Fatal(err)
	}
	tr.add(t, Event{Kind: KindClaimed, Facts: map[string]string{"workspace": "w"}}, planned)
	tr.take(t, &c, Step{To: StatusApplying, At: began, Approval: &Approval{Level: policy.LevelUser, By: "ann", At: began,
		Revision: "r"}})
	tr.record(t, &c, Recorded{Index: 5, Outcome: Changed, TargetID: "f", Created: "f"},
		Recorded{Index: 1, Outcome: Changed})
	tr.record(t, &c, Recorded{Index: 2, Outcome: Unknown})
	tr.add(t, c.StopEvent(Actor{By: operators.By}, operators.Reason))
	for _, job := range []Job{{Items: "3-4"}, {Items: "3-4", ID: "job"}, {Items: "6"}, {Items: "6", Refused: true}} {
		c.RecordJob(job)
		tr.add(t, c.JobEvent(job))
	}
	tr.record(t, &c, Recorded{Index: 2, Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "taken",
		Facts: map[string]any{"existing": "9"}}})
	tr.record(t, &c, Recorded{Index: 3, Outcome: Partly, Missing: []string{"name", "tag 1"}},
		Recorded{Index: 4, Outcome: NotSent})
	tr.take(t, &c, Step{To: StatusStopped, At: began.Add(time.Second), Reason: "why"})
	return tr, c
}

// TestVerifier finds nothing in a trail that is whole, nor after its change was purged.
func TestVerifier(t *testing.T) {
	tr, c := lived(t)
	verify := func() {
		t.Helper()
		v := NewVerifier(tr.heads[2])
		v.Workspace("") // before the trail says so
		if _, err := v.Finish(); err != nil {
			t.Error(err)
		}
		head, err := tr.finish(t, v, &c, operators)
		if err != nil || head != tr.heads[len(tr.heads)-1] {
			t.Errorf("%v, %v", head, err)
		}
		if v.Workspace("w"); len(v.problems) > 0 {
			t.Error(v.problems)
		}
	}
	verify()
	planned, err := ParseEvent(tr.bodies[1], tr.heads[1].Hash)
	if err != nil || planned.Facts["values"] != "the values" || planned.Facts["unchanged"] != "0" ||
		!planned.Time.Equal(began) {
		t.Errorf("%+v, %v", planned, err)
	}
	approved, err := ParseEvent(tr.bodies[2], tr.heads[2].Hash)
	if err != nil || approved.Kind != KindApproved || approved.Facts["revision"] != "r" {
		t.Errorf("%+v, %v", approved, err)
	}
	c.PurgeValues()
	if c.Items[3].Missing != nil || c.Items[5].Created != "f" || c.Items[3].Outcome != Partly {
		t.Errorf("purged: %+v", c.Items)
	}
	tr.add(t, Event{Kind: KindForgotten, Change: c.ID})
	verify()
}

// TestVerifierOlderStop takes what version 4 wrote of a stop for one that the principal asked for.
func TestVerifierOlderStop(t *testing.T) {
	c := Change{ID: NewID(), Principal: "ann", Status: StatusApproved}
	tr := new(trail)
	planned, err := c.plannedEvent()
	if err != nil {
		t.Fatal(err)
	}
	tr.add(t, planned)
	tr.take(t, &c, Step{To: StatusApplying})
	tr.add(t, c.event(began, kindCancelAsked, nil))
	if _, err := tr.finish(t, NewVerifier(), &c, StopRequest{By: "ann"}); err != nil {
		t.Error(err)
	}
}

// TestVerifierFinds edits a change past its trail.
func TestVerifierFinds(t *testing.T) {
	item := func(i int, edit func(*Item)) func(*Change) { return func(c *Change) { edit(&c.Items[i]) } }
	for name, test := range map[string]struct {
		edit    func(*Change)
		problem string
	}{
		"its status":     {func(c *Change) { c.Status = StatusApplied }, `is applied, the trail tells "stopped"`},
		"why":            {func(c *Change) { c.Reason = "" }, "did not come to where it stands"},
		"who confirmed":  {func(c *Change) { c.Approval.By = "eve" }, `by "eve", the trail tells user by "ann"`},
		"at which level": {func(c *Change) { c.Approval.Level = policy.LevelApprover }, "at level approver"},
		"its tool":       {func(c *Change) { c.Tool = "other" }, "is not the one that was planned"},
		"purged":         {func(c *Change) { c.Purged = true }, "is found by other facts"},
		"an item less":   {func(c *Change) { c.Items = c.Items[1:] }, "has 6 items, the trail tells 7"},
		"an item more":   {func(c *Change) { c.Items = append(c.Items, Item{}) }, "has 8 items, the trail tells 7"},
		"items swapped": {func(c *Change) { c.Items[0], c.Items[1] = c.Items[1], c.Items[0] },
			"not those that were planned"},
		"a target":         {item(1, func(i *Item) { i.TargetID = "z" }), "not those that were planned"},
		"a created target": {item(5, func(i *Item) { i.TargetID = "z" }), "not those that were planned"},
		"what was created": {item(5, func(i *Item) { i.TargetID, i.Created = "z", "z" }), "did not come to"},
		"an outcome":       {item(4, func(i *Item) { i.Outcome = Failed }), "did not come to"},
		"a pending one":    {item(6, func(i *Item) { i.Outcome = Changed }), "did not come to"},
		"a planned one":    {item(0, func(i *Item) { i.Outcome = Pending }), "did not come to"},
		"a code":           {item(2, func(i *Item) { i.Code = "" }), "did not come to"},
		"a reason":         {item(2, func(i *Item) { i.Reason = "" }), "did not come to"},
		"a fact": {item(2, func(i *Item) { i.Facts = map[string]any{"existing": json.Number("9")} }),
			"did not come to"},
		"no facts":         {item(2, func(i *Item) { i.Facts = nil }), "did not come to"},
		"a missing part":   {item(3, func(i *Item) { i.Missing = i.Missing[:1] }), "did not come to"},
		"nothing missing":  {item(3, func(i *Item) { i.Missing = nil }), "did not come to"},
		"a blank's code":   {item(6, func(i *Item) { i.Code = "x" }), "did not come to"},
		"a blank's reason": {item(6, func(i *Item) { i.Reason = "x" }), "did not come to"},
		"a blank's facts":  {item(6, func(i *Item) { i.Facts = map[string]any{"x": 1} }), "did not come to"},
		"a blank's note":   {item(6, func(i *Item) { i.Created = "x" }), "did not come to"},
		"a blank's parts":  {item(6, func(i *Item) { i.Missing = []string{"x"} }), "did not come to"},
		"its id":           {func(c *Change) { c.ID = NewID() }, "is not in the trail"},
		"a job's id":       {func(c *Change) { c.Jobs[0].ID = "" }, "the bulk jobs of change"},
		"a job's items":    {func(c *Change) { c.Jobs[0].Items = "3" }, "the bulk jobs of change"},
		"a refusal":        {func(c *Change) { c.Jobs[1].Refused = false }, "the bulk jobs of change"},
		"no jobs":          {func(c *Change) { c.Jobs, c.JobsOnRecord = nil, false }, "the bulk jobs of change"},
	} {
		tr, c := lived(t)
		c = c.Clone()
		test.edit(&c)
		_, err := tr.finish(t, NewVerifier(), &c, operators)
		if !errors.Is(err, ErrTampered) || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v, want %q", name, err, test.problem)
		}
		if c.PurgeValues(); name == "an outcome" || name == "a code" || name == "what was created" {
			tr.add(t, Event{Kind: KindForgotten, Change: c.ID})
			if _, err := tr.finish(t, NewVerifier(), &c, operators); !errors.Is(err, ErrTampered) {
				t.Errorf("%s, and purged: %v", name, err)
			}
		}
	}
	tr, c := lived(t)
	for _, stop := range []StopRequest{{}, {By: "ann", Reason: operators.Reason}, {By: operators.By}} {
		if _, err := tr.finish(t, NewVerifier(), &c, stop); !errors.Is(err, ErrTampered) {
			t.Errorf("stopped by %+v: %v", stop, err)
		}
	}
	if _, err := tr.finish(t, NewVerifier(), nil, StopRequest{}); err == nil || !strings.Contains(err.Error(), "is gone") {
		t.Errorf("without its change: %v", err)
	}
}

// TestVerifierEvents edits the trail itself.
func TestVerifierEvents(t *testing.T) {
	for name, test := range map[string]struct {
		edit    func(tr *trail, v *Verifier)
		problem string
	}{
		"edited": {func(tr *trail, _ *Verifier) { tr.bodies[3] += " " }, "event 4 was edited"},
		"not JSON": {func(tr *trail, _ *Verifier) { tr.bodies[3] = "x"; tr.heads[3].Hash = HashBody([]byte("x")) },
			"event 4 is not in its place"},
		"out of place": {func(tr *trail, _ *Verifier) {
			tr.heads[3], tr.bodies[3] = tr.heads[4], tr.bodies[4]
			tr.heads[3].Seq = 4
		}, "event 4 is not in its place"},
		"not following": {func(tr *trail, _ *Verifier) { tr.heads[2].Hash = tr.heads[1].Hash }, "event 4 does not follow"},
		"missing": {func(tr *trail, _ *Verifier) {
			tr.heads, tr.bodies = append(tr.heads[:3:3], tr.heads[5:]...), append(tr.bodies[:3:3], tr.bodies[5:]...)
		}, "events 4 to 5 are missing"},
		"not noted": {func(tr *trail, v *Verifier) { v.noted = []Head{{4, tr.heads[4].Hash}} },
			"event 4 is not the one that was noted"},
		"noted longer": {func(_ *trail, v *Verifier) { v.noted = []Head{{99, "x"}} }, "there was an event 99"},
		"too many items": {func(tr *trail, _ *Verifier) {
			tr.bodies[1] = strings.Replace(tr.bodies[1], `"items":"7"`, `"items":"1048577"`, 1)
		}, `tells of "1048577" items`},
		"as many as may be": {func(tr *trail, _ *Verifier) {
			tr.bodies[1] = strings.Replace(tr.bodies[1], `"items":"7"`, `"items":"1048576"`, 1)
		}, "has 7 items, the trail tells 1048576"},
		"fewer items": {func(tr *trail, _ *Verifier) {
			tr.bodies[1] = strings.Replace(tr.bodies[1], `"items":"7"`, `"items":"-1"`, 1)
		}, `tells of "-1" items`},
		"an item beyond": {func(tr *trail, _ *Verifier) {
			tr.bodies[1] = strings.Replace(tr.bodies[1], `"items":"7"`, `"items":"5"`, 1)
		}, `"5" are no numbers below 5`},
		"the workspace": {func(_ *trail, v *Verifier) { v.Workspace("z") }, `is of workspace "z"`},
		"strays":        {func(_ *trail, v *Verifier) { v.Strays(2) }, "2 items are of no change"},
	} {
		tr, c := lived(t)
		v := NewVerifier()
		test.edit(tr, v)
		if _, err := tr.finish(t, v, &c, operators); !errors.Is(err, ErrTampered) ||
			!strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v, want %q", name, err, test.problem)
		}
	}
}

// TestVerifierDeclines holds the keys of declines against the changes that were declined.
func TestVerifierDeclines(t *testing.T) {
	tr := new(trail)
	var changes []Change
	for i := range 3 {
		c := Change{ID: NewID(), Principal: "ann", Status: StatusAwaiting,
			Items: []Item{{TargetID: "a", Patch: Patch{Set: map[string]any{"name": "x"}}}}}
		planned, err := c.plannedEvent()
		if err != nil {
			t.Fatal(err)
		}
		tr.add(t, planned)
		tr.take(t, &c, Step{To: StatusDeclined, At: began.Add(time.Duration(i) * DeclineHolds)})
		changes = append(changes, c)
	}
	keys, err := DeclineKeys(changes[0].Items)
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	for name, test := range map[string]struct {
		kept []int // indexes of changes whose keys are kept
		ok   bool
	}{
		"all":         {[]int{0, 1, 2}, true},
		"without old": {[]int{1, 2}, true},
		"old twice":   {[]int{0, 0, 1, 2}, true},
		"none":        {nil, false},
		"one less":    {[]int{0, 1}, false},
		"the edge":    {[]int{0, 2}, false},
		"one more":    {[]int{1, 2, 2}, false},
	} {
		v := NewVerifier()
		if _, err := tr.finish(t, v, nil, StopRequest{}); err == nil {
			t.Fatal("there are no changes yet")
		}
		v.problems = nil
		for i := range changes {
			if err := v.Change(&changes[i], StopRequest{}); err != nil {
				t.Fatal(err)
			}
		}
		for _, i := range test.kept {
			v.Decline("ann", changes[i].EndedAt, keys[0])
		}
		if _, err := v.Finish(); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
