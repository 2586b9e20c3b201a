package tools

import (
	"sync"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

const (
	// mostAsked is how often a user is asked about one change, after the call that planned it.
	mostAsked = 3
	// mostAskedOf bounds of how many changes that is known; beyond, all are forgotten.
	mostAskedOf = 10_000
)

// askedBefore counts by the handles of changes how often a user was asked about them here. It is safe for concurrent
// use.
type askedBefore struct {
	mu sync.Mutex
	of map[string]int
}

// again counts a question about a change, and reports whether it may be put.
func (a *askedBefore) again(change string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of[change] >= mostAsked {
		return false
	}
	if a.of == nil || len(a.of) >= mostAskedOf {
		a.of = make(map[string]int)
	}
	a.of[change]++
	return true
}

// mayAskOnceMore refuses to ask the user once more about a change that waits, where they have been asked enough.
func mayAskOnceMore(s *session, c *change.Change, recent change.Recent) error {
	recent.Waiting, recent.WaitingBytes = 0, 0 // it is one of those
	if err := refusesToWait(s, policy.LevelUser, recent); err != nil {
		return err
	}
	if s.asked.again(c.ID) {
		return nil
	}
	return toolerr.New(toolerr.PolicyDenied, "The user was asked about this change several times, and has not said yes.",
		"Nothing was changed; cancel_change takes it back.").OrByHand(
		"Nothing was changed; 'intercom-mcp changes stop "+c.ID+"' takes it back.").With("rule", "unanswered_per_10m")
}
