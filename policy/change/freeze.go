package change

import (
	"strings"
	"time"
)

// Freeze keeps everyone who shares a [Store] from writing, until it is lifted.
type Freeze struct {
	By     string // who froze the writes
	Reason string // why, in their words
	At     time.Time
}

// same reports whether two freezes are one.
func (f Freeze) same(as Freeze) bool {
	return f.By == as.By && f.Reason == as.Reason && f.At.Equal(as.At)
}

// Stop is the request that a freeze is to every change which is being applied.
func (f Freeze) Stop() StopRequest {
	return StopRequest{By: f.By, Reason: (&FrozenError{f}).Error()}
}

// FrozenError refuses a new change, and the start of one, while writes are frozen.
type FrozenError struct{ Freeze Freeze }

// Error names who froze the writes, and why.
func (e *FrozenError) Error() string {
	return "writes are frozen by " + e.Freeze.By + ": " + strings.TrimSuffix(e.Freeze.Reason, ".")
}

// FreezeEvents record that writes were frozen: for the store, and as a request to stop for each change that is being
// applied and has none.
func FreezeEvents(f Freeze, by Actor, applying []Change) []Event {
	facts := by.facts()
	facts["reason"] = f.Reason
	events := []Event{{Time: f.At, Kind: KindFrozen, Facts: facts}}
	for i := range applying {
		events = append(events, applying[i].StopEvent(by, f.Stop().Reason))
	}
	return events
}

// UnfreezeEvent records that a freeze was lifted.
func UnfreezeEvent(by Actor) Event { return Event{Kind: KindUnfrozen, Facts: by.facts()} }
