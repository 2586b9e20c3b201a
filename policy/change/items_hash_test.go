package change

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

// TestHashes keeps the hashes to what stores have on record: who changes one cannot verify a trail of before.
func TestHashes(t *testing.T) {
	c := Change{ID: "chg_1", Salt: "s", Status: StatusApproved, ExpiresAt: began,
		Items: []Item{{TargetID: "1"}, {Label: "new"}}}
	hash := func(of func(*Change) (string, error)) string {
		t.Helper()
		sum, err := of(&c)
		if err != nil {
			t.Fatal(err)
		}
		return sum[:8]
	}
	records := func(outcomes ...Recorded) string {
		hashes := newRecordHashes(&c)
		for _, r := range outcomes {
			if err := hashes.add(r); err != nil {
				t.Fatal(err)
			}
		}
		outcome, reasons := hashes.sums()
		return outcome[:8] + " " + reasons[:8]
	}
	fingerprint := func(c *Change) (string, error) { return FingerprintOf(c.Items) }
	got := map[string]string{
		"items": hash(hashItems), "plan": hash(hashPlan), "state": hash(hashState), "fingerprint": hash(fingerprint),
		"nothing": records(),
		"an item": records(Recorded{Index: 1, Outcome: Changed, Failure: Failure{Code: "c", Reason: "why"}}),
		"no facts": records(Recorded{Index: 1, Outcome: Changed, Failure: Failure{Code: "c", Reason: "why",
			Facts: map[string]any{}}}),
		"a part":    records(Recorded{Missing: []string{"name"}}),
		"with more": records(Recorded{Outcome: Failed, Failure: Failure{Facts: map[string]any{"a": 1}}}),
	}
	c.Approval = &Approval{By: "ann"}
	got["state with a yes"] = hash(hashState)
	c.Approvals = []Approval{*c.Approval}
	got["state with approvals"] = hash(hashState)
	c.Approval = nil
	got["state with approvals that do not do"] = hash(hashState)
	if got["an item"] != got["no facts"] {
		t.Error("no facts are not hashed as none")
	}
	want := map[string]string{
		"items": "83d5995e", "plan": "39e52657", "state": "e4bbc92e", "fingerprint": "7avOoKm7",
		"nothing":          "043a7187 043a7187",
		"an item":          "6e01e418 b0b19927",
		"no facts":         "6e01e418 b0b19927",
		"a part":           "5b025aff a4071ae7",
		"with more":        "d264e6e6 c188769e",
		"state with a yes": "bd5139a7", "state with approvals": "47e8d90f",
		"state with approvals that do not do": "8d03b303",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
