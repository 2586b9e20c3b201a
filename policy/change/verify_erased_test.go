package change

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestVerifyErased takes an event for erased where the trail tells later what stands in its place, and it says so
// itself; else it was edited.
func TestVerifyErased(t *testing.T) {
	body := func(edit func(*Event)) func(*testing.T, Event) string {
		return func(t *testing.T, e Event) string {
			t.Helper()
			e.Facts = map[string]string{"path": "(erased)", "erased": "yes"}
			edit(&e)
			text, err := e.Body()
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
	}
	erased := body(func(*Event) {})
	for name, test := range map[string]struct {
		body    func(*testing.T, Event) string
		at      int // which event is replaced
		entry   string
		problem string
	}{
		"erased":                {erased, 2, "2=%s", ""},
		"erased, among others":  {erased, 2, "1=x,2=%s,x=y", ""},
		"not told":              {erased, 2, "1=%s", "event 2 was edited"},
		"by another hash":       {erased, 2, "2=x%s", "event 2 was edited"},
		"by another number":     {erased, 2, "0x2=%s", "event 2 was edited"},
		"after it was told":     {erased, 4, "4=%s", "event 4 was edited"},
		"no event":              {func(*testing.T, Event) string { return "x" }, 2, "2=%s", "event 2 was edited"},
		"that does not say so":  {body(func(e *Event) { delete(e.Facts, "erased") }), 2, "2=%s", "event 2 was edited"},
		"of another place":      {body(func(e *Event) { e.Seq = 7 }), 2, "2=%s", "event 2 was edited"},
		"that follows no other": {body(func(e *Event) { e.Previous = "x" }), 2, "2=%s", "event 2 was edited"},
	} {
		build := func(replaced string) *trail {
			tr := new(trail)
			for range 2 {
				tr.add(t, Event{Time: began, Kind: KindCall, Facts: map[string]string{"path": "/contacts/1"}})
			}
			tr.add(t, Event{Time: began, Kind: KindErased, Facts: map[string]string{"replaced": replaced}})
			tr.add(t, Event{Time: began, Kind: KindCall})
			return tr
		}
		replaced, text := "", ""
		if test.at < 3 { // it is known before the erasure is told
			old := build("")
			e, err := ParseEvent(old.bodies[test.at-1], old.heads[test.at-1].Hash)
			if err != nil {
				t.Fatal(err)
			}
			text = test.body(t, e)
			replaced = fmt.Sprintf(test.entry, HashBody([]byte(text)))
		}
		tr := build(replaced)
		if test.at > 3 {
			e, err := ParseEvent(tr.bodies[test.at-1], tr.heads[test.at-1].Hash)
			if err != nil {
				t.Fatal(err)
			}
			text = test.body(t, e)
		}
		tr.bodies[test.at-1] = text
		v := NewVerifier()
		for i, head := range tr.heads {
			v.Event(head, tr.bodies[i])
		}
		v.End(4)
		found, err := v.Finish()
		if test.problem == "" && (err != nil || found.Erased != 1) {
			t.Errorf("%s: %d erased, %v", name, found.Erased, err)
		}
		if test.problem != "" && (!errors.Is(err, ErrTampered) || !strings.Contains(err.Error(), test.problem)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVerifyErasedAsWritten takes an event for whole that was written with the fact of an erased one.
func TestVerifyErasedAsWritten(t *testing.T) {
	var tr trail
	tr.add(t, Event{Time: began, Kind: KindCall, Facts: map[string]string{"erased": "yes"}})
	if _, err := tr.finish(t, NewVerifier(), nil, StopRequest{}); err != nil {
		t.Error(err)
	}
}

// TestVerifierRecalls asks for the events of each change once it is compared, and knows how many were not.
func TestVerifierRecalls(t *testing.T) {
	tr, c := lived(t)
	var events []Event
	for i, head := range tr.heads {
		e, err := ParseEvent(tr.bodies[i], head.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if e.Change == c.ID {
			events = append(events, e)
		}
	}
	begin := func(recalled []Event, err error) *Verifier {
		v := NewVerifier()
		v.Recall(func(string) ([]Event, error) { return recalled, err })
		for i, head := range tr.heads {
			v.Event(head, tr.bodies[i])
		}
		v.End(int64(len(tr.heads)))
		v.Workspace("w")
		return v
	}
	v := begin(events, nil)
	if !v.LacksChanges() {
		t.Error("it lacks no change before one was compared")
	}
	if err := v.Change(&c, operators); err != nil || v.LacksChanges() {
		t.Errorf("%v, it lacks changes: %t", err, v.LacksChanges())
	}
	if _, err := v.Finish(); err != nil {
		t.Error(err)
	}
	away := errors.New("the file is gone")
	if err := begin(nil, away).Change(&c, operators); !errors.Is(err, away) {
		t.Errorf("events that cannot be read: %v", err)
	}
	v = begin(nil, nil)
	if err := v.Change(&c, operators); err != nil || !v.LacksChanges() {
		t.Errorf("%v, it lacks changes: %t", err, v.LacksChanges())
	}
	broken := slices.Clone(events)
	broken[len(broken)-1] = Event{Kind: KindRecorded, Seq: 77, Facts: map[string]string{"changed": "x"}}
	v = begin(broken, nil)
	if err := v.Change(&c, operators); err != nil {
		t.Fatal(err)
	}
	v.MisplacedEvent(78)
	_, err := v.Finish()
	for _, want := range []string{"event 77: ", "event 78 is found by other facts"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestVerifyNoted holds the trail to a head that is noted later than the verifier is made, and to none of no event.
func TestVerifyNoted(t *testing.T) {
	var tr trail
	tr.add(t, Event{Time: began, Kind: KindCall}, Event{Time: began, Kind: KindCall})
	v := NewVerifier(Head{})
	v.Note(Head{2, "x"})
	if _, err := tr.finish(t, v, nil, StopRequest{}); err == nil || !strings.Contains(err.Error(), "that was noted") {
		t.Errorf("%v", err)
	}
	cut := (&Cut{From: 1, To: tr.heads[1]}).Event(Exported{}, "w", Freeze{})
	cut.Time = began
	tr.add(t, cut)
	v = NewVerifier(Head{})
	v.Event(tr.heads[2], tr.bodies[2])
	if found, err := v.Finish(); err != nil || found.Unchecked != nil || found.First != 3 {
		t.Errorf("%+v, %v", found, err)
	}
	v = NewVerifier()
	for i := range 2 {
		v.Exported(tr.heads[i], tr.bodies[i])
	}
	v.Event(tr.heads[2], tr.bodies[2])
	if _, err := v.Finish(); err == nil || !strings.Contains(err.Error(), "tells another workspace") {
		t.Errorf("a cut of a whole trail that tells of a workspace which no event does: %v", err)
	}
}

// TestReplayEnds reports each change of which there are only events, once.
func TestReplayEnds(t *testing.T) {
	c := Change{ID: "chg_1", Status: StatusAwaiting}
	planned, err := c.NewEvents()
	if err != nil {
		t.Fatal(err)
	}
	v := NewVerifier()
	v.start.exported = 9
	planned[0].Seq = 1
	r := v.Replay()
	r.Event(&planned[0])
	r.Event(&Event{Seq: 2, Kind: KindRecorded, Change: c.ID, Facts: map[string]string{"changed": "x"}})
	r.End()
	r.End()
	if _, err := v.Finish(); err == nil || strings.Count(err.Error(), "change chg_1 is gone") != 1 ||
		!strings.Contains(err.Error(), "event 2: ") {
		t.Errorf("%v", err)
	}
}

// TestDeclinesPruned drops what was declined too long ago to matter, once there is much of it.
func TestDeclinesPruned(t *testing.T) {
	d := newExpectedDeclines()
	since := began.UnixNano()
	fill := func(n int, at int64) {
		for i := range n {
			d.blocked[blockedKey{principal: fmt.Sprint(n, i), at: at}]++
		}
	}
	d.since = began
	fill(989, since-1)
	fill(5, since)
	d.purged[blockedKey{principal: "a", at: since - 1}], d.purged[blockedKey{principal: "b", at: since}] = true, true
	if d.prune(); len(d.blocked) != 994 || len(d.purged) != 2 {
		t.Errorf("of few are left %d and %d", len(d.blocked), len(d.purged))
	}
	fill(4, since-1)
	if d.prune(); len(d.blocked) != 5 || len(d.purged) != 1 || d.left != 6 ||
		!d.purged[blockedKey{principal: "b", at: since}] {
		t.Errorf("of many are left %d and %d, %d in all", len(d.blocked), len(d.purged), d.left)
	}
	fill(1005, since-2)
	if d.prune(); len(d.blocked) != 1010 {
		t.Errorf("fewer than twice as many and 1,000: %d", len(d.blocked))
	}
	fill(1, since-1)
	c := Change{Principal: "ann", EndedAt: began.Add(DeclineHolds + time.Nanosecond)}
	if err := d.expect(&c); err != nil || len(d.blocked) != 0 || d.since != began.Add(time.Nanosecond) {
		t.Errorf("%v, left %d since %v", err, len(d.blocked), d.since)
	}
}

// TestSumsForget keeps of what started before the latest question what a question a little earlier asks for.
func TestSumsForget(t *testing.T) {
	sums := NewSums(began)
	set := func(id string, at time.Time, targets ...string) { sums.Set(id, at, 0, targets) }
	count := func(since time.Time, want int, targets ...string) {
		t.Helper()
		about := &Change{ID: "new"}
		for _, target := range targets {
			about.Items = append(about.Items, Item{TargetID: target})
		}
		unconfirmed, all, known := sums.Count(about, since)
		if !known || unconfirmed != want || all != want {
			t.Errorf("since %v of %v: %d of %d, known %t, want %d", since.Sub(began), targets, unconfirmed, all, known, want)
		}
	}
	set("a", began, "1")
	count(began, 1)
	count(began, 1, "1", "1")
	count(began, 2, "1", "2")
	set("b", began, "2")
	count(began, 2)
	set("c", began.Add(sumsBack), "3")
	count(began.Add(sumsBack), 1)
	count(began, 3)
	if len(sums.shares) != 3 || len(sums.order) != 3 {
		t.Errorf("%d shares, %d places", len(sums.shares), len(sums.order))
	}
	count(began.Add(sumsBack+1), 0)
	if len(sums.shares) != 1 || len(sums.order) != 1 || len(sums.all.starts) != 1 || len(sums.all.order) != 1 {
		t.Errorf("%d shares, %d places, targets %v", len(sums.shares), len(sums.order), sums.all.starts)
	}
	if _, _, known := sums.Count(&Change{}, began); known {
		t.Error("what is forgotten is counted")
	}
}
