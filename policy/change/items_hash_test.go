package change

import "testing"

// TestPlannedHash: what becomes of an item does not change the hash of its plan, whatever the operation, those of later
// versions included.
func TestPlannedHash(t *testing.T) {
	for _, row := range append(Operations(), Traits{Operation: "an operation of a later version"}) {
		op := row.Operation
		for name, test := range map[string]struct {
			planned Item
			outcome Recorded
		}{
			"of what was there": {Item{TargetID: "1"}, Recorded{Outcome: Changed}},
			"with a note":       {Item{TargetID: "1"}, Recorded{Outcome: Changed, Created: "2"}},
			"created":           {Item{}, Recorded{Outcome: Changed, TargetID: "3", Created: "3"}},
			"created in part":   {Item{}, Recorded{Outcome: Partly, TargetID: "3", Created: "3", Missing: []string{"name"}}},
			"failed": {Item{TargetID: "1"},
				Recorded{Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "taken"}}},
		} {
			item := test.planned
			item.Patch = Patch{Op: op, Key: "k"}
			before := hashOfItems(t, item)
			item.Record(test.outcome)
			if hashOfItems(t, item) != before {
				t.Errorf("%q, %s: the hash of the plan changes with the outcome", op, name)
			}
		}
		if hashOfItems(t, Item{TargetID: "1", Patch: Patch{Op: op}}) == hashOfItems(t,
			Item{TargetID: "2", Patch: Patch{Op: op}}) {
			t.Errorf("%q: the hash of the plan does not cover the target", op)
		}
	}
}

func hashOfItems(t *testing.T, item Item) string {
	t.Helper()
	c := Change{Items: []Item{item}}
	sum, err := hashItems(&c)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
