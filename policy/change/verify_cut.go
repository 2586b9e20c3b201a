package change

import "fmt"

// start is where a trail begins, as far as a verifier knows.
type start struct {
	first int64      // number of the first event; 0 while there was none
	base  Head       // the event before the first, as that tells; zero where there was none
	cut   *CutRecord // that tells of base; nil for none
	// number of the last event that was exported before it was cut off; 0 for none
	exported  int64
	unchecked []Head                           // that were noted, and are of what was cut
	told      struct{ workspace, freeze bool } // by the events up to now
}

// begin takes the first event, and returns the one before it. What the events before it told of is not known, unless
// there were none.
func (s *start) begin(e *Event, seq int64) Head {
	s.first = seq
	if seq == 1 {
		s.told.workspace, s.told.freeze = true, true
	} else {
		s.base = Head{seq - 1, e.Previous}
	}
	return s.base
}

// cutOff compares what an event tells of a cut with where the trail begins.
func (v *Verifier) cutOff(e *Event) {
	cut, err := e.Cut()
	switch {
	case err != nil:
		v.problem("event %d tells of no cut: %v", e.Seq, err)
		return
	case cut.To == v.start.base:
		v.start.cut = &cut
	case cut.To.Seq >= e.Seq, cut.To.Seq == v.start.base.Seq, cut.To.Seq > max(v.start.base.Seq, v.start.exported):
		v.problem("event %d tells that the trail was cut at event %s, which is not so", e.Seq, cut.To)
	}
	if v.start.told.workspace && cut.Workspace != v.workspace || v.start.told.freeze && !cut.Freeze.same(v.freeze) {
		v.problem("event %d tells another workspace or freeze than the events before it", e.Seq)
	}
	v.workspace, v.freeze, v.start.told.workspace, v.start.told.freeze = cut.Workspace, cut.Freeze, true, true
}

// check returns what is wrong with the beginning of a trail up to which heads were noted: what is before the first
// event must have been cut.
func (s *start) check(noted []Head) (problems []string) {
	if s.first > 1 && s.cut == nil {
		problems = append(problems, fmt.Sprintf("events 1 to %d are missing", s.base.Seq))
	}
	for _, head := range noted {
		switch {
		case head.Seq == 0 || head.Seq >= s.first:
		case head.Seq == s.base.Seq && head.Hash != s.base.Hash:
			problems = append(problems, fmt.Sprintf("event %d is not the one that was noted", head.Seq))
		case head.Seq < s.base.Seq:
			s.unchecked = append(s.unchecked, head)
		}
	}
	return problems
}

// Exported checks the next event of what was exported before it was cut off. All of them come before those of the
// store.
func (v *Verifier) Exported(at Head, body string) {
	v.start.exported = at.Seq
	v.Event(at, body)
}

// Replay compares what was exported of changes with their events, some changes at a time: all their events come first,
// then they, and then the end. It comes after all that the store is checked by.
type Replay struct{ verifier *Verifier }

// Replay returns what compares changes that were exported.
func (v *Verifier) Replay() Replay { return Replay{v} }

// Event takes an event, in order: one that was exported with its change or later, or one that the store keeps, which
// may be of another change.
func (r Replay) Event(e *Event) {
	v := r.verifier
	if v.changes.of[e.Change] == nil && e.Seq > v.start.exported {
		return
	}
	for _, err := range v.changes.follow(e) {
		v.problem("%v", err)
	}
}

// Change compares a change with the events.
func (r Replay) Change(c *Change, stop StopRequest) error {
	_, err := r.verifier.compare(c, stop)
	return err
}

// End reports the changes of which there were only events. Others may be replayed then.
func (r Replay) End() {
	for _, id := range r.verifier.changes.left() {
		r.verifier.Gone(id)
	}
	clear(r.verifier.changes.of)
}
