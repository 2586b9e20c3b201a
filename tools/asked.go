package tools

import (
	"slices"
	"sync"
	"time"

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

// askedBefore counts the questions that were put to users here: about which changes, and for whom of late without a
// yes. It is safe for concurrent use.
type askedBefore struct {
	mu      sync.Mutex
	of      map[string]int        // by the handle of the change, after the call that planned it
	without map[string][]question // by principal, of the last [change.Window], without a yes
}

// question is one that was put about a change.
type question struct {
	change string
	at     time.Time
}

// lately returns how many questions of a principal's within [change.Window] got no yes.
func (a *askedBefore) lately(principal string, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.recall(principal, now)
}

func (a *askedBefore) recall(principal string, now time.Time) int {
	kept := slices.DeleteFunc(a.without[principal], func(q question) bool { return now.Sub(q.at) > change.Window })
	if len(kept) == 0 {
		delete(a.without, principal)
	} else {
		a.without[principal] = kept
	}
	return len(kept)
}

// first counts the question of the call that planned a change.
func (a *askedBefore) first(principal, id string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put(principal, id, now)
}

func (a *askedBefore) put(principal, id string, now time.Time) {
	if a.without == nil || len(a.without) >= mostAskedOf {
		a.without = make(map[string][]question)
	}
	if a.recall(principal, now) < mostAskedOf {
		a.without[principal] = append(a.without[principal], question{id, now})
	}
}

// again counts one more question about a change, unless enough were put about it, or, where most is not 0, so many to
// the principal's user of late. It reports whether the question may be put.
func (a *askedBefore) again(principal, id string, most int, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of[id] >= mostAsked || most > 0 && a.recall(principal, now) >= most {
		return false
	}
	if a.of == nil || len(a.of) >= mostAskedOf {
		a.of = make(map[string]int)
	}
	a.of[id]++
	a.put(principal, id, now)
	return true
}

// agreed takes the questions about a change back: it got a yes.
func (a *askedBefore) agreed(principal, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if list, ok := a.without[principal]; ok {
		a.without[principal] = slices.DeleteFunc(list, func(q question) bool { return q.change == id })
	}
}

// mayAskOnceMore refuses to ask the user once more about a change that waits, where they have been asked enough.
func mayAskOnceMore(s *session, c *change.Change, recent change.Recent) error {
	recent.Waiting, recent.WaitingBytes = 0, 0 // it is one of those
	if err := refusesToWait(s, policy.LevelUser, recent); err != nil {
		return err
	}
	if s.asked.again(c.Principal, c.ID, s.policy.Limits.UnansweredPer10m, time.Now()) {
		return nil
	}
	return toolerr.New(toolerr.PolicyDenied, "The user was asked several times, and has not said yes.",
		"Nothing was changed; cancel_change takes it back.").With("rule", "unanswered_per_10m")
}
