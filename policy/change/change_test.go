package change

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFinal(t *testing.T) {
	for _, test := range []struct {
		count Count
		want  Status
	}{
		{Count{Changed: 2}, StatusApplied},
		{Count{Unchanged: 1}, StatusApplied},
		{Count{}, StatusApplied},
		{Count{Changed: 1, Failed: 1}, StatusPartial},
		{Count{Failed: 2}, StatusFailed},
		{Count{Changed: 1, Unknown: 1}, StatusUnknown},
		{Count{Failed: 1, Pending: 1}, StatusUnknown},
		{Count{Changed: 2, Unknown: 1, NotSent: 1}, StatusStopped},
		{Count{NotSent: 1}, StatusStopped},
		{Count{Pending: 1, NotSent: 1}, StatusStopped},
		{Count{Partly: 1}, StatusPartial},
		{Count{Partly: 1, Failed: 1}, StatusPartial},
		{Count{Partly: 1, Changed: 1}, StatusPartial},
		{Count{Unchanged: 1, Failed: 1}, StatusFailed},
		{Count{Changed: 1, Unchanged: 1, Failed: 1}, StatusPartial},
		{Count{Partly: 1, Unknown: 1}, StatusUnknown},
	} {
		if got := test.count.Final(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.count, got, test.want)
		}
	}
}

func TestCount(t *testing.T) {
	outcomes := []Outcome{Pending, Changed, Changed, Unchanged, Partly, Partly, Partly, Failed, NotSent, NotSent, Unknown}
	items := make([]Item, len(outcomes))
	for i := range items {
		items[i].Outcome = outcomes[i]
	}
	n := CountItems(items)
	if want := (Count{Pending: 1, Changed: 2, Unchanged: 1, Partly: 3, Failed: 1, NotSent: 2, Unknown: 1}); n != want ||
		n.Total() != len(items) {
		t.Errorf("%+v, %d in total; want %+v", n, n.Total(), want)
	}
}

func TestID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := NewID()
		if !IsID(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"", "chg_", "chg_0123456789abcdefghjkmnpqrs0", "CHG_0123456789abcdefghjkmnpqrs",
		"chg_0123456789abcdefghjkmnpqri"} {
		if IsID(id) {
			t.Errorf("%q passes for an id", id)
		}
	}
}

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{"": nil, "0": {0}, "0-2": {2, 0, 1, 1}, "3,5-6,9": {9, 6, 3, 5}} {
		if got := ranges(numbers); got != want {
			t.Errorf("%v: %s, want %s", numbers, got, want)
		}
	}
}

// TestSpans holds the spans that policies and users are told of.
func TestSpans(t *testing.T) {
	if Window != 10*time.Minute || DeclineHolds != 30*time.Minute {
		t.Errorf("writes count for %v, declines block for %v", Window, DeclineHolds)
	}
}

func TestParseHead(t *testing.T) {
	hash := strings.Repeat("0f", 32)
	for text, want := range map[string]Head{"0:": {}, "1:" + hash: {1, hash}, "10:" + hash: {10, hash},
		"0:" + hash: {0, hash}} {
		if got, err := ParseHead(text); err != nil || got != want || got.String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "1", ":", "1:", "1:" + hash[1:], "1:" + hash + "0", "-1:" + hash, "-1:",
		"x:" + hash, "0x1:" + hash} {
		if got, err := ParseHead(text); err == nil {
			t.Errorf("%q passes for %v", text, got)
		}
	}
}

// TestEachInRanges reads what ranges wrote, and nothing else.
func TestEachInRanges(t *testing.T) {
	const limit = 10
	for text, want := range map[string][]int{"": nil, "0": {0}, "9": {9}, "0-2": {0, 1, 2}, "3,5-6,9": {3, 5, 6, 9},
		"8-9": {8, 9}, "4-4": {4}} {
		var got []int
		if err := eachInRanges(text, limit, func(i int) { got = append(got, i) }); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"10", "0-10", "9-10", "11", "-1", "2-1", "x", "1-x", "x-1", "1,", ",", "1-2-3", " 1"} {
		if err := eachInRanges(text, limit, func(i int) {
			if i < 0 || i >= limit {
				t.Errorf("%q: called for %d", text, i)
			}
		}); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}

// TestFingerprintOf: the same targets and patches have the same effect, in whatever
// order and with whatever has nothing to do besides.
func TestFingerprintOf(t *testing.T) {
	item := func(contact, name string) Item {
		return Item{TargetID: contact, Label: "shown as " + contact,
			Patch: Patch{Set: map[string]any{"name": name, "custom_attributes.plan": json.Number("1")}}}
	}
	effect := func(items ...Item) string {
		e, err := FingerprintOf(items)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	base := effect(item("a", "x"), item("b", "y"))
	done := item("c", "z")
	done.Outcome = Unchanged
	if base == "" || effect(item("b", "y"), done, item("a", "x")) != base {
		t.Error("the order and the unchanged items matter")
	}
	for name, other := range map[string]string{
		"another value": effect(item("a", "x"), item("b", "z")), "fewer targets": effect(item("a", "x")),
		"another target": effect(item("a", "x"), item("c", "y")),
	} {
		if other == base {
			t.Errorf("%s has the same effect", name)
		}
	}
	created := Item{Label: "new", Patch: Patch{Op: Create}}
	twin := Item{Label: "other", Patch: Patch{Op: Create}}
	if effect(created) == effect(twin) || effect(done) != "" {
		t.Error("what is created is told by its label, and nothing has no effect")
	}
}
