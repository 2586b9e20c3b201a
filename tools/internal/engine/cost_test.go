package engine

import (
	"slices"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestCost estimates requests and time: reading before, jobs of 100 after a small one and pages of 150 for many, and
// each request of what is written one by one.
func TestCost(t *testing.T) {
	update := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	linked := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}, AddTags: refs("1"), RemoveTags: refs("2"),
		AddCompanies: refs("3"), RemoveCompanies: refs("4", "5")}}
	archive := change.Item{Patch: change.Patch{Op: change.Archive}}
	done := change.Item{Patch: update.Patch, Outcome: change.Unchanged}
	ms := time.Millisecond
	f := newFixture(t, sandbox.Options{Contacts: -1})
	for name, test := range map[string]struct {
		items    []change.Item
		requests int
		took     time.Duration
	}{
		"nothing":            {nil, 0, 200 * ms},
		"what is done":       {[]change.Item{done}, 0, 200 * ms},
		"one":                {[]change.Item{update}, 1 + 2, 200*ms + 2*150*ms/8},
		"one with links":     {[]change.Item{linked}, 1 + 7, 200*ms + 7*150*ms/8},
		"ten":                {slices.Repeat([]change.Item{update}, 10), 10 + 20, 200*ms + 10*(2*150*ms/8)},
		"eleven":             {slices.Repeat([]change.Item{update}, 11), 11 + 2 + 1, 400*ms + time.Second},
		"a trial":            {slices.Repeat([]change.Item{update}, 20), 20 + 2 + 1, 600*ms + time.Second},
		"more than a trial":  {slices.Repeat([]change.Item{update}, 21), 21 + 4 + 2, 800*ms + 2*time.Second},
		"sixteen archivals":  {slices.Repeat([]change.Item{archive}, 16), 16 + 32, 400*ms + 16*(2*150*ms/8)},
		"a hundred":          {slices.Repeat([]change.Item{update}, 100), 100 + 4 + 2, 1800*ms + 2*time.Second},
		"a hundred and one":  {slices.Repeat([]change.Item{update}, 101), 1 + 4 + 2, 600*ms + 2*time.Second},
		"more than two jobs": {slices.Repeat([]change.Item{update}, 121), 1 + 6 + 3, 800*ms + 2450*ms},
		"a page more":        {slices.Repeat([]change.Item{update}, 270), 2 + 8 + 3, 1000*ms + 2900*ms},
		"two pages more":     {slices.Repeat([]change.Item{update}, 271), 2 + 8 + 4, 1200*ms + 2900*ms},
		"two hundred, and one": {append(slices.Repeat([]change.Item{update}, 200), archive), 2 + 6 + 3 + 2,
			1000*ms + 2450*ms + 2*150*ms/8},
	} {
		requests, took := f.Cost(test.items)
		if requests != test.requests || took != test.took {
			t.Errorf("%s: %d requests, %v, want %d, %v", name, requests, took, test.requests, test.took)
		}
	}
	f.noBulk.Store(true)
	if requests, _ := f.Cost(slices.Repeat([]change.Item{update}, 11)); requests != 33 {
		t.Errorf("without bulk jobs: %d requests", requests)
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
