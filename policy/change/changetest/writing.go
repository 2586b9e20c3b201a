package changetest

import (
	"errors"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// testWriting finds the newest change that is being applied and may yet write a part of the same target, whoever asked
// for it.
func testWriting(t *testing.T, s change.Store) {
	vip, other := []change.Ref{{ID: "1", Name: "VIP"}}, []change.Ref{{ID: "2", Name: "Other"}}
	name, phone := map[string]any{"name": "x"}, map[string]any{"phone": "1"}
	writes := func(target string, patch change.Patch) change.Change {
		c := targeting(change.StatusApproved, Epoch, target)
		c.Items[0].Patch = patch
		return c
	}
	large := targeting(change.StatusApproved, Epoch, "a", "b", "c", "")
	large.Principal = "bob"
	for i := range large.Items {
		large.Items[i].Patch = change.Patch{Set: name, AddTags: vip, Note: &change.Note{Body: "n"}}
	}
	large = Create(t, s, large)
	errNo := errors.New("no")
	check := func(when string, about change.Change, want bool) {
		t.Helper()
		got := recent(t, s, about, Epoch).Writing
		if (got != nil) != want || got != nil && (got.ID != large.ID || got.Items != nil) {
			t.Errorf("%s: %+v, want %t", when, got, want)
		}
		var decided *change.Change
		_, err := s.Create(t.Context(), about, func(_ *change.Change, recent change.Recent) error {
			decided = recent.Writing
			return errNo
		})
		if !errors.Is(err, errNo) || (decided != nil) != want {
			t.Errorf("%s, decided: %+v, want %t, %v", when, decided, want, err)
		}
	}
	renames := writes("b", change.Patch{Set: name})
	check("before it began", renames, false)
	Advance(t, s, large.ID, change.Step{To: change.StatusApplying, At: Epoch.Add(time.Second)})
	check("the same field", renames, true)
	check("of itself", large, false)
	check("another field", writes("b", change.Patch{Set: phone}), false)
	check("of another target", writes("z", change.Patch{Set: name}), false)
	check("of a new one", writes("", change.Patch{Set: name}), false)
	check("the same tag, on", writes("b", change.Patch{AddTags: vip}), false)
	check("the same tag, off", writes("b", change.Patch{RemoveTags: vip}), true)
	check("another tag, off", writes("b", change.Patch{RemoveTags: other}), false)
	check("another note", writes("b", change.Patch{Note: &change.Note{Body: "n"}}), false)
	unchanged := writes("b", change.Patch{Set: name})
	unchanged.Items[0].Outcome = change.Unchanged
	check("what has nothing to do", unchanged, false)
	if err := s.Record(t.Context(), large.ID, []change.Recorded{{Index: 1, Outcome: change.Changed}}); err != nil {
		t.Fatal(err)
	}
	check("once it is written", renames, false)
	check("one of many", targeting(change.StatusApproved, Epoch, "y", "b", "c"), true)
	for _, id := range append(newestOf(t, s, writes("c", change.Patch{Set: name})), large.ID) {
		Advance(t, s, id, change.Step{To: change.StatusUnknown, At: Epoch.Add(time.Minute)})
	}
	check("once it has ended", writes("c", change.Patch{Set: name}), false)
}

// newestOf begins changes that write the same at the same time: the one recorded last is found. It returns their ids.
func newestOf(t *testing.T, s change.Store, c change.Change) (running []string) {
	t.Helper()
	for range 5 {
		c.ID = change.NewID()
		newer := Create(t, s, c)
		Advance(t, s, newer.ID, change.Step{To: change.StatusApplying, At: Epoch.Add(2 * time.Second)})
		about := c
		about.ID = change.NewID()
		if got := recent(t, s, about, Epoch).Writing; got == nil || got.ID != newer.ID {
			t.Errorf("the newest of %d: %+v, want %s", len(running)+2, got, newer.ID)
		}
		running = append(running, newer.ID)
	}
	return running
}
