package change

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
)

// told is a change about Ann, whom everything names, and Bob, with an approval and reasons.
func told() Change {
	return Change{
		ID: "chg_1", Status: StatusPartial, Salt: "s", Binding: "b", Fingerprint: "f", Reason: "ann@a.example was away",
		Approval:    &Approval{Reason: "Ann asked"},
		Approvals:   []Approval{{Reason: "Ann asked"}, {Reason: "fine"}},
		SideEffects: []string{"Ann gets an e-mail"}, Conflicts: []string{"u-1 changed"}, Notes: []string{"as usual"},
		Decision: policy.Decision{Reasons: []policy.Reason{{Text: "tag VIP of Ann"}, {Text: "more than 10"}}},
		Items: []Item{
			{TargetID: "c1", Label: "Ann", Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "it is Ann's"},
				Created: "n1", Patch: Patch{Op: Update, Set: map[string]any{"phone": "+32444", "plan": "Gold"}},
				Before: Image{Set: map[string]any{"email": "ann@a.example", "external_id": "u-1"}}},
			{TargetID: "c2", Label: "Bob", Outcome: Changed, Failure: Failure{Reason: "as Ann"},
				Patch: Patch{Op: Update, Set: map[string]any{"name": "Bob"}}},
			{TargetID: "c3", Label: "Cy", Outcome: Changed,
				Patch: Patch{Op: Merge, Into: &Ref{ID: "c1", Name: "Ann A."}}},
			{TargetID: "c1", Outcome: Changed, Patch: Patch{Op: AddNote, Note: &Note{Body: "<p>owes 5"}}},
		},
	}
}

// TestErasure takes a contact out of a change with every text that names it, and leaves what is about others.
func TestErasure(t *testing.T) {
	c := told()
	e := NewErasure([]string{"c1", "c1-old"})
	if erased, err := e.Changes([]*Change{&c}); len(erased) != 1 || err != nil {
		t.Fatalf("it finds %v: %v", erased, err)
	}
	texts := []string{"Ann", "+32444", "ann@a.example", "u-1", "Cy", "Ann A.", "<p>owes 5"}
	if diff := cmp.Diff(texts, e.texts); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"+32444", "ann@a.example", "Ann A.", `\u003cp\u003eowes 5`}, e.Mentions()); diff != "" {
		t.Errorf("looks for (-want +got):\n%s", diff)
	}
	if c.Binding != "" || c.Fingerprint != "" || c.Salt == "s" || c.Salt == "" {
		t.Errorf("binding %q, fingerprint %q, salt %q", c.Binding, c.Fingerprint, c.Salt)
	}
	c.Salt = ""
	want := Change{
		ID: "chg_1", Status: StatusPartial, Reason: erasedText, Approval: &Approval{Reason: erasedText},
		Approvals:   []Approval{{Reason: erasedText}, {Reason: "fine"}},
		SideEffects: []string{erasedText}, Conflicts: []string{erasedText}, Notes: []string{"as usual"},
		Decision: policy.Decision{Reasons: []policy.Reason{{Text: erasedText}, {Text: "more than 10"}}},
		Items: []Item{
			{TargetID: "c1", Erased: true, Outcome: Failed, Failure: Failure{Code: "conflict"}, Created: "n1",
				Patch: Patch{Op: Update}},
			{TargetID: "c2", Label: "Bob", Outcome: Changed, Failure: Failure{Reason: erasedText},
				Patch: Patch{Op: Update, Set: map[string]any{"name": "Bob"}}},
			{TargetID: "c3", Erased: true, Outcome: Changed, Patch: Patch{Op: Merge}},
			{TargetID: "c1", Erased: true, Outcome: Changed, Patch: Patch{Op: AddNote}},
		},
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, less := range []bool{true, true, true, true} {
		if e.Less(&c.Items[i]) != less {
			t.Errorf("item %d has less: %t", i, !less)
		}
	}
	if before := c; e.change(&c) || c.Salt != before.Salt {
		t.Error("it erases a second time")
	}
	other := told()
	other.Items = other.Items[1:2]
	if NewErasure([]string{"c1"}).change(&other) || other.Binding != "b" || e.Less(&other.Items[0]) {
		t.Error("it erases a change that is about others")
	}
}

// TestErasureOfEvents replaces the events that tell of the contact, and leaves the others to the byte.
func TestErasureOfEvents(t *testing.T) {
	c := told()
	planned, err := c.plannedEvent()
	if err != nil {
		t.Fatal(err)
	}
	planned.Facts["binding"] = "of an older trail"
	planned.Facts["values"] = `[{"contact":"c1","set":{"name":"Ann"}},{"contact":"c2","set":{"name":"Bob"}},` +
		`{"contact":"c3","into":"c1"},{"who":"Ann"},{"contact":"c4","who":"Ann"}]`
	recorded, err := c.RecordedEvent([]Recorded{c.Items[0].recorded(0), c.Items[1].recorded(1)})
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.StepEvents(Step{To: StatusPartial})
	if err != nil {
		t.Fatal(err)
	}
	event := func(kind Kind, facts ...string) Event {
		e := Event{Kind: kind, Facts: map[string]string{}}
		for i := 0; i < len(facts); i += 2 {
			e.Facts[facts[i]] = facts[i+1]
		}
		return e
	}
	old := []Event{
		planned, recorded, done[0],
		event(KindCall, "path", "/contacts/c1/tags%2Fann@a.example"), event(KindCall, "path", "/contacts/c1"),
		event(KindCall, "path", "/%zz"),
		event(KindApproved, "reason", "Ann asked", "by", "sue"), event(KindApproved, "reason", "fine"),
		event(KindApproved, "by", "sue"),
		event(Kind(StatusDeclined), "reason", "not u-1"), event(KindResumed, "reason", "Ann"),
	}
	e := NewErasure([]string{"c1"})
	if _, err := e.Changes([]*Change{&c}); err != nil {
		t.Fatal(err)
	}
	var differ []int
	next := make([]Event, len(old))
	for i := range old {
		old[i].Seq = int64(i + 1)
		var moved bool
		if next[i], moved, err = e.event(old[i], &c, i == 2); err != nil {
			t.Fatal(err)
		}
		if moved {
			differ = append(differ, i)
		}
		if erased := next[i].Facts["erased"] == "yes"; erased != moved || old[i].Facts["erased"] != "" {
			t.Errorf("event %d says that it is erased: %t", i, erased)
		}
	}
	if diff := cmp.Diff([]int{0, 1, 2, 3, 5, 6, 9}, differ); diff != "" {
		t.Errorf("replaced events (-want +got):\n%s", diff)
	}
	if got, want := next[0].Facts["values"],
		`[{"contact":"c2","set":{"name":"Bob"}},{"contact":"c4","who":"Ann"}]`; got != want {
		t.Errorf("values %s", got)
	}
	as, err := c.plannedEvent()
	if err != nil {
		t.Fatal(err)
	}
	for fact, want := range map[string]string{"head": as.Facts["head"], "digest": as.Facts["digest"], "binding": "",
		"reasons": erasedText, "state": old[0].Facts["state"]} {
		if got := next[0].Facts[fact]; got != want {
			t.Errorf("%s of the plan is %q, want %q", fact, got, want)
		}
	}
	for i, fact := range map[int]string{3: "path", 5: "path", 6: "reason", 9: "reason"} {
		if next[i].Facts[fact] != erasedText {
			t.Errorf("event %d: %v", i, next[i].Facts)
		}
	}
	again, err := c.RecordedEvent([]Recorded{c.Items[0].recorded(0), c.Items[1].recorded(1)})
	if err != nil || next[1].Facts["digest"] != again.Facts["digest"] ||
		next[1].Facts["reasons"] != again.Facts["reasons"] {
		t.Errorf("the hashes of outcomes are not those of what is kept: %v, %v", next[1].Facts, err)
	}
	body, err := next[3].Body()
	if err != nil {
		t.Fatal(err)
	}
	told := e.Recorded(Actor{By: "root"})
	if told.Kind != KindErased || told.Facts["contact"] != "c1" || told.Facts["by"] != "root" ||
		strings.Count(told.Facts["replaced"], ",") != 6 ||
		!strings.Contains(told.Facts["replaced"], ",4="+HashBody(body)+",") {
		t.Errorf("the erasure is recorded as %+v", told)
	}
	older := Event{Kind: KindPlanned, Facts: map[string]string{"level": "user"}}
	if got, differs, err := e.event(older, &c, true); differs || err != nil || len(got.Facts) != 1 {
		t.Errorf("an event without hashes: %+v, %t, %v", got, differs, err)
	}
	trail := []Event{old[0], old[2], old[4], event(KindResumed, "reason", "Ann"), old[2], old[4]}
	replacing, err := e.Events(trail, &c)
	if err != nil || len(replacing) != 2 || replacing[0].Kind != KindPlanned || replacing[1].Facts["state"] == "" ||
		replacing[1].Facts["state"] == old[2].Facts["state"] {
		t.Errorf("of a trail, %+v are replaced: %v", replacing, err)
	}
	if _, err := e.Events([]Event{event(KindRecorded, "changed", "9")}, &c); err == nil {
		t.Error("an item that there is not is passed over")
	}
	broken := planned
	broken.Facts = map[string]string{"values": "no list"}
	if got, _, err := e.event(broken, &c, false); err != nil || got.Facts["values"] != erasedText {
		t.Errorf("values that cannot be read: %+v, %v", got, err)
	}
}

// TestNamed finds the contacts of an item by what people call them.
func TestNamed(t *testing.T) {
	item := Item{TargetID: "c1", Label: "Ann",
		Patch:  Patch{Set: map[string]any{"email": "ann@a.example"}, Into: &Ref{ID: "c2", Name: "Ann A."}},
		Before: Image{Set: map[string]any{"external_id": "u-1", "email": ""}}}
	for name, want := range map[string][]string{
		"c1": {"c1"}, "ann": {"c1"}, "ANN@a.example": {"c1"}, "u-1": {"c1"}, "external_id:u-1": {"c1"},
		"c2": {"c2"}, "ann a.": {"c2"}, "": nil, "external_id:": nil, "Bob": nil, "U-1": nil,
	} {
		if diff := cmp.Diff(want, item.Named(name)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"Ann", "ann@a.example", "u-1", "Ann A."}, item.Names()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	unknown := Item{Label: "New", Patch: Patch{Set: map[string]any{"email": "n@a.example"}}}
	if got := unknown.Named("n@a.example"); got != nil {
		t.Errorf("a contact that has no id yet: %v", got)
	}
}
