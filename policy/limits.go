package policy

// Limits are hard bounds.
type Limits struct {
	BulkContacts  int // contacts in one change
	InlineUpdates int // contacts listed one by one in one call
	// ContactsPer10m bounds [Window.All]. Beyond it a change takes the yes of a user or an approver, whatever the rules
	// say; where the client cannot ask a user, it is denied.
	ContactsPer10m int
	StopAfter      StopAfter
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
