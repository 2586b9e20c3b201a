package change

import (
	"encoding/json"
	"testing"
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
	} {
		if got := test.count.Final(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.count, got, test.want)
		}
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
	for _, id := range []string{"", "chg_", "chg_0123456789abcdefghjkmnpqrs0", "CHG_0123456789abcdefghjkmnpqrs", "chg_0123456789abcdefghjkmnpqri"} {
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

// TestFingerprintOf: the same targets and patches have the same effect, in whatever
// order and with whatever has nothing to do besides.
func TestFingerprintOf(t *testing.T) {
	item := func(contact, name string) Item {
		return Item{TargetID: contact, Label: "shown as " + contact, Patch: Patch{Set: map[string]any{"name": name, "custom_attributes.plan": json.Number("1")}}}
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
