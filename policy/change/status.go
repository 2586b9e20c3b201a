package change

import "slices"

// Status is where a change stands.
type Status string

// The statuses. A change is created awaiting, or approved where the policy allows it unasked; the rest follows the
// table of transitions. A confirmation and the start of the work are one step, so that a change runs at most once.
const (
	StatusAwaiting  Status = "awaiting"  // for a confirmation at the change's level
	StatusApproved  Status = "approved"  // allowed by policy, or by people, about to be applied
	StatusApplying  Status = "applying"  // work has started
	StatusApplied   Status = "applied"   // every item changed, or already was so
	StatusPartial   Status = "partial"   // some items, or parts of them, do not show
	StatusFailed    Status = "failed"    // no item changed
	StatusUnknown   Status = "unknown"   // at least one item could not be read back
	StatusStopped   Status = "stopped"   // the run was stopped; what was not sent by then never is
	StatusDeclined  Status = "declined"  // a person said no
	StatusExpired   Status = "expired"   // nobody said yes in time
	StatusCancelled Status = "cancelled" // the principal took it back before it started
	StatusStale     Status = "stale"     // the targets moved on; nothing was written
	StatusUndone    Status = "undone"    // another change put it back
)

// transitions is the whole state machine: from each status, where it may go.
var transitions = map[Status][]Status{
	StatusAwaiting: {StatusApplying, StatusApproved, StatusDeclined, StatusExpired, StatusCancelled},
	StatusApproved: {StatusApplying, StatusExpired, StatusCancelled},
	StatusApplying: {StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStopped, StatusStale},
	StatusApplied:  {StatusUndone},
	StatusPartial:  {StatusUndone},
	StatusUnknown:  {StatusApplied, StatusPartial, StatusFailed, StatusUndone},
	StatusStopped:  {StatusUndone},
}

// CanBecome reports whether the table allows the step from s to next.
func (s Status) CanBecome(next Status) bool { return slices.Contains(transitions[s], next) }

// Ended reports whether no more work will be done for a change in status s.
func (s Status) Ended() bool {
	return s != StatusAwaiting && s != StatusApproved && s != StatusApplying
}

// Starts reports whether a step to s is refused while writes are frozen.
func (s Status) Starts() bool { return s == StatusApplying || s == StatusApproved }

// MayWrite reports whether a change in status s has written something that stands, or may yet.
func (s Status) MayWrite() bool {
	switch s {
	case StatusAwaiting, StatusApproved, StatusApplying, StatusApplied, StatusPartial, StatusUnknown, StatusStopped:
		return true
	}
	return false
}

// Statuses lists every status, in the order of a change's life.
func Statuses() []Status {
	return []Status{StatusAwaiting, StatusApproved, StatusApplying,
		StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStopped,
		StatusDeclined, StatusExpired, StatusCancelled, StatusStale, StatusUndone}
}
