package policy

import "fmt"

// Limits are hard bounds.
type Limits struct {
	BulkContacts  int // contacts in one change
	InlineUpdates int // contacts listed one by one in one call
	// ContactsPer10m bounds [Window.All]. Beyond it a change takes the yes of a user or an approver, whatever the rules
	// say; where the client cannot ask a user, it is denied.
	ContactsPer10m int
	StopAfter      StopAfter
	// WaitingChanges and WaitingMegabytes bound a principal's changes that wait for a confirmation: beyond either, what
	// would wait, too, is refused. 0: no bound.
	WaitingChanges   int
	WaitingMegabytes int // of a million bytes, as they are stored
	// UnansweredPer10m bounds the questions to a user within ten minutes that got no yes: beyond it, what would ask one
	// more is refused. 0: no bound.
	UnansweredPer10m int
}

// Waiting is what of a principal waits for confirmations besides the change that is decided about.
type Waiting struct {
	Changes    int
	Bytes      int64
	Unanswered int // questions to a user within ten minutes that got no yes
}

// RefusesToWait returns the limit for which a change that is to wait at a level is refused, and why; "" for none.
func (l Limits) RefusesToWait(level Level, w Waiting) (limit, why string) {
	switch {
	case l.WaitingChanges > 0 && w.Changes >= l.WaitingChanges:
		return "waiting_changes", fmt.Sprintf("%d changes wait for a confirmation already, as many as may", w.Changes)
	case l.WaitingMegabytes > 0 && w.Bytes >= int64(l.WaitingMegabytes)*1_000_000:
		return "waiting_megabytes", fmt.Sprintf("the changes that wait for a confirmation hold %d MB already, as much as "+
			"they may", w.Bytes/1_000_000)
	case level == LevelUser && l.UnansweredPer10m > 0 && w.Unanswered >= l.UnansweredPer10m:
		return "unanswered_per_10m", fmt.Sprintf("%d questions to the user within 10 minutes got no yes, as many as may",
			w.Unanswered)
	}
	return "", ""
}

// StopAfter says how much of a change may fail before the rest of it is not sent. The zero StopAfter never stops one.
type StopAfter struct {
	Percent   int // of the items sent that fail, once OfAtLeast were sent; 0: no bound
	OfAtLeast int // items
	Items     int // items that fail, of however many; 0: no bound
}

// Exceeded reports whether a run ends of which so many items were sent and so many of those failed: as many as Items,
// or as large a share as Percent of at least OfAtLeast.
func (s StopAfter) Exceeded(sent, failed int) bool {
	return s.Items > 0 && failed >= s.Items ||
		s.Percent > 0 && sent > 0 && sent >= s.OfAtLeast && failed*100 >= s.Percent*sent
}
