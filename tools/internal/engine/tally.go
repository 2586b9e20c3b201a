package engine

import (
	"sync/atomic"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// tally counts how a change goes, for what ends one that mostly fails. It is safe for concurrent use.
type tally struct {
	policy  policy.StopAfter
	own     int          // what the change itself allows to fail; 0: any number
	written atomic.Int64 // items that were sent
	failed  atomic.Int64 // of them, those that failed, in part or whole, or could not be read back
}

// addEarlier counts what the processes before this one wrote of a change, so that a few failures after a restart are
// not all that it knows.
func (t *tally) addEarlier(items []change.Item) {
	for i := range items {
		if outcome := items[i].Outcome; outcome != change.Pending && outcome != change.Unchanged {
			t.add([]change.Recorded{{Outcome: outcome}})
		}
	}
}

// add counts outcomes.
func (t *tally) add(outcomes []change.Recorded) {
	for _, r := range outcomes {
		if r.Outcome != change.NotSent {
			t.written.Add(1)
		}
		if r.Outcome == change.Failed || r.Outcome == change.Partly || r.Outcome == change.Unknown {
			t.failed.Add(1)
		}
	}
}

// exceeded reports whether more fails than the policy, or the change itself, allows.
func (t *tally) exceeded() bool { return t.exceededBy(int(t.written.Load()), int(t.failed.Load())) }

// exceededBy reports that of so many written items, of which so many failed.
func (t *tally) exceededBy(written, failed int) bool {
	return t.policy.Exceeded(written, failed) || t.own > 0 && failed >= t.own
}

// trial is how many items are to be sent first and read back: as few as can end the run by failing all, and TrialItems
// at most.
func (t *tally) trial() int {
	n := 1
	for n < TrialItems && !t.exceededBy(n, n) {
		n++
	}
	return n
}
