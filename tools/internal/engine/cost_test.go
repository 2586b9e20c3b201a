package engine

import (
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// TestCost estimates requests and time: reading before, jobs of 100 and pages of 150 for many, and each request of what
// is written one by one.
func TestCost(t *testing.T) {
	update := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}}}
	linked := change.Item{Patch: change.Patch{Set: map[string]any{"name": "B"}, AddTags: refs("1"), RemoveTags: refs("2"),
		AddCompanies: refs("3"), RemoveCompanies: refs("4", "5")}}
	archive := change.Item{Patch: change.Patch{Op: change.Archive}}
	done := change.Item{Patch: update.Patch, Outcome: change.Unchanged}
	ms := time.Millisecond
	for name, test := range map[string]struct {
		items    []change.Item
		requests int
		took     time.Duration
	}{
		"nothing":           {nil, 0, 200 * ms},
		"what is done":      {[]change.Item{done}, 0, 200 * ms},
		"one":               {[]change.Item{update}, 1 + 2, 200*ms + 2*150*ms/8},
		"one with links":    {[]change.Item{linked}, 1 + 7, 200*ms + 7*150*ms/8},
		"ten":               {slices.Repeat([]change.Item{update}, 10), 10 + 20, 200*ms + 10*(2*150*ms/8)},
		"eleven":            {slices.Repeat([]change.Item{update}, 11), 11 + 2 + 1, 200*ms + time.Second},
		"sixteen archivals": {slices.Repeat([]change.Item{archive}, 16), 16 + 32, 400*ms + 16*(2*150*ms/8)},
		"a hundred":         {slices.Repeat([]change.Item{update}, 100), 100 + 2 + 1, 1400*ms + time.Second},
		"a hundred and one": {slices.Repeat([]change.Item{update}, 101), 1 + 4 + 1, 200*ms + 2*time.Second},
		"a page":            {slices.Repeat([]change.Item{update}, 150), 2 + 4 + 1, 400*ms + 2*time.Second},
		"more than a page":  {slices.Repeat([]change.Item{update}, 151), 2 + 4 + 2, 400*ms + 2*time.Second},
		"two hundred, and one": {append(slices.Repeat([]change.Item{update}, 200), archive), 2 + 4 + 2 + 2,
			400*ms + 2*time.Second + 2*150*ms/8},
	} {
		requests, took := (&Engine{}).Cost(test.items)
		if requests != test.requests || took != test.took {
			t.Errorf("%s: %d requests, %v, want %d, %v", name, requests, took, test.requests, test.took)
		}
	}
	e := &Engine{}
	e.noBulk.Store(true)
	if requests, _ := e.Cost(slices.Repeat([]change.Item{update}, 11)); requests != 33 {
		t.Errorf("without bulk jobs: %d requests", requests)
	}
}
