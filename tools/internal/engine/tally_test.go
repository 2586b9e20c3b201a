package engine

import (
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestTally ends a run once more of it fails than the policy, or the change itself, allows.
func TestTally(t *testing.T) {
	for name, test := range map[string]struct {
		limit           policy.StopAfter
		own             int
		written, failed int
		stops           bool
	}{
		"nothing fails":               {policy.StopAfter{Percent: 10, OfAtLeast: 2}, 0, 20, 0, false},
		"a share":                     {policy.StopAfter{Percent: 10, OfAtLeast: 20}, 0, 20, 2, true},
		"a share of too few":          {policy.StopAfter{Percent: 10, OfAtLeast: 20}, 0, 19, 9, false},
		"the policy's number":         {policy.StopAfter{Items: 5}, 0, 5, 5, true},
		"just below":                  {policy.StopAfter{Items: 5}, 0, 5, 4, false},
		"the change's number":         {policy.StopAfter{Items: 5}, 2, 5, 2, true},
		"just below the change's":     {policy.StopAfter{Items: 5}, 3, 5, 2, false},
		"no bound":                    {policy.StopAfter{}, 0, 100, 100, false},
		"the change's, and no policy": {policy.StopAfter{}, 1, 100, 1, true},
	} {
		counts := &tally{policy: test.limit, own: test.own}
		var outcomes []change.Recorded
		for i := range test.written {
			outcome := change.Changed
			if i < test.failed {
				outcome = change.Failed
			}
			outcomes = append(outcomes, change.Recorded{Outcome: outcome})
		}
		counts.add(append(outcomes, change.Recorded{Outcome: change.NotSent}, change.Recorded{Outcome: change.NotSent}))
		if counts.written.Load() != int64(test.written) || counts.failed.Load() != int64(test.failed) {
			t.Errorf("%s: %d written, %d failed", name, counts.written.Load(), counts.failed.Load())
		}
		if stops := counts.exceeded(); stops != test.stops {
			t.Errorf("%s: stops: %t", name, stops)
		}
	}
}

// TestTrial sends as many items first as the bound can judge, and 20 at most.
func TestTrial(t *testing.T) {
	for name, test := range map[string]struct {
		limit     policy.StopAfter
		own, want int
	}{
		"the default":              {policy.StopAfter{Percent: 10, OfAtLeast: 20, Items: 50}, 0, 20},
		"the change's number":      {policy.StopAfter{Percent: 10, OfAtLeast: 20, Items: 50}, 5, 5},
		"none may fail":            {policy.StopAfter{Percent: 10, OfAtLeast: 20, Items: 50}, 1, 1},
		"the policy's number":      {policy.StopAfter{Percent: 10, OfAtLeast: 20, Items: 7}, 9, 7},
		"a share of few":           {policy.StopAfter{Percent: 100, OfAtLeast: 12}, 0, 12},
		"more than a job can tell": {policy.StopAfter{Items: 50}, 0, TrialItems},
	} {
		if got := (&tally{policy: test.limit, own: test.own}).trial(); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// TestTallyGoesOn counts what the processes before a restart wrote: a few failures after it are not most of the change,
// and many before it are not forgotten.
func TestTallyGoesOn(t *testing.T) {
	limit := policy.StopAfter{Percent: 10, OfAtLeast: 20, Items: 50}
	for name, test := range map[string]struct {
		earlier       change.Count
		now, failed   int
		own           int
		before, stops bool
	}{
		"few after a restart": {earlier: change.Count{Changed: 100, Failed: 2, Pending: 30, Unchanged: 9}, now: 25,
			failed: 5},
		"few, and nothing before": {earlier: change.Count{Pending: 30, Unchanged: 100, NotSent: 3}, now: 25, failed: 5,
			stops: true},
		"many before": {earlier: change.Count{Changed: 900, Failed: 20, Partly: 10, Unknown: 19}, now: 1,
			failed: 1, stops: true},
		"too many before":          {earlier: change.Count{Changed: 900, Failed: 50}, before: true, stops: true},
		"the change's, in two":     {earlier: change.Count{Changed: 10, Failed: 2}, now: 1, failed: 1, own: 3, stops: true},
		"the change's, not passed": {earlier: change.Count{Changed: 10, Failed: 1}, now: 1, failed: 1, own: 3},
	} {
		var items []change.Item
		for outcome, n := range map[change.Outcome]int{change.Changed: test.earlier.Changed,
			change.Failed: test.earlier.Failed,
			change.Partly: test.earlier.Partly, change.Unknown: test.earlier.Unknown, change.Pending: test.earlier.Pending,
			change.Unchanged: test.earlier.Unchanged, change.NotSent: test.earlier.NotSent} {
			for range n {
				items = append(items, change.Item{Outcome: outcome})
			}
		}
		counts := &tally{policy: limit, own: test.own}
		counts.addEarlier(items)
		if stops := counts.exceeded(); stops != test.before {
			t.Errorf("%s: stops at once: %t", name, stops)
		}
		for i := range test.now {
			outcome := change.Changed
			if i < test.failed {
				outcome = change.Failed
			}
			counts.add([]change.Recorded{{Outcome: outcome}})
		}
		if stops := counts.exceeded(); stops != test.stops {
			t.Errorf("%s: stops: %t", name, stops)
		}
	}
}
