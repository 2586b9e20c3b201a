package change

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Verifier checks an audit trail, and what a store keeps against it. A store gives it every event in order, then the
// trail's end, the changes, the declines and the workspace, and [Verifier.Finish] returns what is wrong. It is not safe
// for concurrent use. Where a store recalls the events of a change, the memory it takes grows with the largest change,
// and not with the trail.
//
// A trail whose beginning was cut off (see [Cuts]) is intact where a later event records the cut, with the hash of the
// last event that is gone. Whoever has what was exported may give the verifier its events before those of the store:
// then the chain is checked from event 1. What was exported of changes is compared after the store: some changes at a
// time, all whose events are replayed, and then the next ones.
//
// It finds every edit, removal, insertion and reordering of events, a trail that was cut off at its end, and a change
// that is not as the trail records it: its plan, its status and how it came there, its approval, its items with the
// values that they hold, and their outcomes; what declines block, the freeze of writes, and which workspace the store
// is bound to. Not covered are who owns a change at the moment, and the reasons and created ids of items that were
// recorded together with one that was recorded again since. A trail that somebody wrote anew with all hashes right is
// not found: only a head that was noted elsewhere proves that the trail up to it is still the same.
type Verifier struct {
	noted     []Head
	last      Head
	changes   expectedStates
	workspace string
	freeze    Freeze // in force at the end of the trail; zero for none
	declines  expectedDeclines
	differ    map[int64]string // hashes of events that are not as they were written, and say that they are erased
	erased    map[int64]string // hashes of events that replace others, as the trail tells
	start     start            // where the trail begins
	problems  []error
}

// NewVerifier returns a verifier of a trail up to which heads were noted elsewhere.
func NewVerifier(noted ...Head) *Verifier {
	return &Verifier{
		noted: noted, changes: expectedStates{of: make(map[string]*expectedState)}, declines: newExpectedDeclines(),
		differ: make(map[int64]string), erased: make(map[int64]string),
	}
}

func (v *Verifier) problem(format string, args ...any) {
	v.problems = append(v.problems, fmt.Errorf("%w: %s", ErrTampered, fmt.Sprintf(format, args...)))
}

// Event checks the next event: its place, its hash, and that it follows the one before.
func (v *Verifier) Event(at Head, body string) {
	e, err := ParseEvent(body, at.Hash)
	switch {
	case v.start.first == 0 && at.Seq > 0:
		v.last = v.start.begin(&e, at.Seq)
	case at.Seq != v.last.Seq+1:
		v.problem("events %d to %d are missing", v.last.Seq+1, at.Seq-1)
	}
	switch hash := HashBody([]byte(body)); {
	case hash != at.Hash && err == nil && e.Seq == at.Seq && e.Previous == v.last.Hash && e.Facts["erased"] != "":
		v.differ[at.Seq] = hash
	case hash != at.Hash:
		v.problem("event %d was edited", at.Seq)
	case err != nil || e.Seq != at.Seq:
		v.problem("event %d is not in its place", at.Seq)
	case e.Previous != v.last.Hash:
		v.problem("event %d does not follow the one before it", at.Seq)
	}
	for _, head := range v.noted {
		if head.Seq == at.Seq && head.Hash != at.Hash {
			v.problem("event %d is not the one that was noted", at.Seq)
		}
	}
	v.last = at
	v.apply(&e, err)
}

// apply takes from an event, if it could be read, what the store should keep.
func (v *Verifier) apply(e *Event, err error) {
	switch {
	case err != nil:
	case e.Kind == KindClaimed:
		v.workspace, v.start.told.workspace = e.Facts["workspace"], true
	case e.Kind == KindCut:
		v.cutOff(e)
	case e.Kind == KindErased:
		v.replaced(e)
	case e.Kind == KindFrozen:
		v.freeze, v.start.told.freeze = Freeze{By: e.Facts["by"], Reason: e.Facts["reason"], At: e.Time}, true
	case e.Kind == KindUnfrozen:
		v.freeze, v.start.told.freeze = Freeze{}, true
	case e.Seq == v.start.exported: // which is replayed later
	default:
		for _, err := range v.changes.follow(e) {
			v.problem("%v", err)
		}
	}
}

// Recall has the verifier ask for the events of each change once it is compared, in order, in the place of keeping in
// memory what all changes should be. It is for a store that finds them, which gives it the events themselves, too, from
// now on, and which ends it by nil.
func (v *Verifier) Recall(events func(id string) ([]Event, error)) { v.changes.recall = events }

// LacksChanges reports whether events that are recalled created changes that were not compared, which the store has to
// name by Gone. All changes come before.
func (v *Verifier) LacksChanges() bool { return v.changes.planned > 0 }

// Gone reports a change of which there are only events.
func (v *Verifier) Gone(id string) { v.problem("change %s is gone", id) }

// replaced reads which events an erasure has replaced. Of several erasures the last one counts.
func (v *Verifier) replaced(e *Event) {
	for entry := range strings.SplitSeq(e.Facts["replaced"], ",") {
		number, hash, _ := strings.Cut(entry, "=")
		if seq, err := strconv.ParseInt(number, 10, 64); err == nil && seq < e.Seq {
			v.erased[seq] = hash
		}
	}
}

// countErased counts the events that tell no more what they told, as an erasure that the trail records has replaced
// them.
func (v *Verifier) countErased() int {
	n := 0
	for seq, hash := range v.differ {
		if v.erased[seq] == hash {
			n++
		}
	}
	return n
}

// End compares the last event with the highest number that the store ever gave to one.
func (v *Verifier) End(highest int64) {
	for _, head := range v.noted {
		highest = max(highest, head.Seq)
	}
	if highest != v.last.Seq {
		v.problem("the trail ends at event %d, there was an event %d", v.last.Seq, highest)
	}
}

// Workspace compares the workspace that the store is bound to with the trail; "" for none.
func (v *Verifier) Workspace(name string) {
	if name != v.workspace {
		v.problem("the file is of workspace %q, the trail tells %q", name, v.workspace)
	}
}

// Freeze compares the freeze in force with the trail; zero for none.
func (v *Verifier) Freeze(f Freeze) {
	if !f.same(v.freeze) {
		v.problem("the freeze of writes is not as the trail tells")
	}
}

// Strays reports items that are of no change.
func (v *Verifier) Strays(items int) { v.problem("%d items are of no change", items) }

// Note has the trail hold one more head that was noted elsewhere. It comes before the first event.
func (v *Verifier) Note(head Head) { v.noted = append(slices.Clip(v.noted), head) }

// Finish returns what was found, and everything that is wrong, as errors that are [ErrTampered].
func (v *Verifier) Finish() (Verified, error) {
	for _, problem := range v.start.check(v.noted) {
		v.problem("%s", problem)
	}
	for _, id := range v.changes.left() {
		v.Gone(id)
	}
	for _, seq := range slices.Sorted(maps.Keys(v.differ)) {
		if v.erased[seq] != v.differ[seq] {
			v.problem("event %d was edited", seq)
		}
	}
	if !v.declines.match() {
		v.problem("what was declined is not what is held against changes")
	}
	return Verified{Head: v.last, First: v.start.first, Cut: v.start.cut, Unchecked: v.start.unchecked,
		Erased: v.countErased()}, errors.Join(v.problems...)
}
