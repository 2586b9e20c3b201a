package engine

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestCost estimates requests and time where an answer takes 100 ms: reading before, jobs of 100 after a small one and
// pages of 150 for many, and each request of what is written one by one by eight.
func TestCost(t *testing.T) {
	update := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	linked := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}, AddTags: refs("1"), RemoveTags: refs("2"),
		AddCompanies: refs("3"), RemoveCompanies: refs("4", "5")}}
	tagged := change.Item{Patch: change.Patch{AddTags: refs("1")}}
	archive := change.Item{Patch: change.Patch{Op: change.Archive}}
	create := change.Item{Patch: change.Patch{Op: change.Create, Set: map[string]any{"email": "a@example.com"}}}
	merge := change.Item{Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: "1"}}}
	done := change.Item{Patch: update.Patch, Outcome: change.Unchanged}
	for name, test := range map[string]struct {
		items    []change.Item
		requests int
		took     float64 // answers
	}{
		"nothing":            {nil, 0, 0},
		"what is done":       {[]change.Item{done}, 0, 0},
		"one":                {[]change.Item{update}, 1 + 2, 1 + 2},
		"one with links":     {[]change.Item{linked}, 1 + 7, 1 + 7},
		"a tag":              {[]change.Item{tagged}, 1 + 2, 1 + 2},
		"a new one":          {[]change.Item{create}, 2, 2},
		"nine new ones":      {slices.Repeat([]change.Item{create}, 9), 18, 4},
		"three merges":       {slices.Repeat([]change.Item{merge}, 3), 3 + 6, 1 + 6},
		"ten":                {slices.Repeat([]change.Item{update}, 10), 10 + 20, 1 + 4},
		"eleven":             {slices.Repeat([]change.Item{update}, 11), 11 + 2 + 1, 1 + 1 + 10 + 1 + 1},
		"a trial":            {slices.Repeat([]change.Item{update}, 20), 20 + 2 + 1, 2 + 1 + 10 + 1 + 1},
		"more than a trial":  {slices.Repeat([]change.Item{update}, 21), 21 + 4 + 2, 2 + 13 + 1 + 8.75 + 2},
		"sixteen archivals":  {slices.Repeat([]change.Item{archive}, 16), 16 + 32, 1 + 4},
		"a hundred":          {slices.Repeat([]change.Item{update}, 100), 100 + 4 + 2, 7 + 13 + 11.75},
		"a hundred and one":  {slices.Repeat([]change.Item{update}, 101), 1 + 4 + 2, 1 + 13 + 11.75},
		"more than two jobs": {slices.Repeat([]change.Item{update}, 121), 1 + 6 + 3, 1 + 13 + 11.75 + 10.65625},
		"two hundred, and one": {append(slices.Repeat([]change.Item{update}, 200), archive), 2 + 6 + 3 + 2,
			2 + 13 + 11.75 + 10.65625 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: -1, Latency: 100 * time.Millisecond})
				if _, err := f.client.Tags.List(t.Context()); err != nil {
					t.Fatal(err)
				}
				requests, took := f.Cost(&change.Change{Items: test.items}, false)
				if want := time.Duration(test.took * 100 * float64(time.Millisecond)); requests != test.requests ||
					took.Round(time.Microsecond) != want {
					t.Errorf("%d requests, %v, want %d, %v", requests, took, test.requests, want)
				}
			})
		})
	}
}

// TestCostOneByOne counts what no bulk job takes, in this workspace or for what the policy hides.
func TestCostOneByOne(t *testing.T) {
	update := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	eleven := &change.Change{Items: slices.Repeat([]change.Item{update}, 11)}
	f := newFixture(t, sandbox.Options{Contacts: -1})
	f.noBulk.Store(true)
	if requests, _ := f.Cost(eleven, false); requests != 33 {
		t.Errorf("without bulk jobs: %d requests", requests)
	}
	f.noBulk.Store(false)
	if requests, _ := f.Cost(eleven, false); requests != 14 {
		t.Errorf("with bulk jobs: %d requests", requests)
	}
	f.words.masked = []string{"name"}
	for level, want := range map[policy.Level]int{policy.LevelAgent: 33, policy.LevelUser: 14} {
		eleven.Level = level
		if requests, _ := f.Cost(eleven, false); requests != want {
			t.Errorf("what is hidden from agents, confirmed by %v: %d requests, want %d", level, requests, want)
		}
	}
}

// TestUnderWay bounds what may be under way when failures end a run.
func TestUnderWay(t *testing.T) {
	f := newFixture(t, sandbox.Options{Contacts: 60})
	update := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	for items, want := range map[int]int{1: 1, 10: 8, 11: 11, 101: 100, 205: 100, 206: 101, 400: 295, 605: 500,
		10_000: 500} {
		if got := f.UnderWay(slices.Repeat([]change.Item{update}, items), 5); got != want {
			t.Errorf("of %d: %d, want %d", items, got, want)
		}
	}
}
