package change

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/policy"
)

// Verifier checks an audit trail, and what a store keeps against it. A store gives it every event in order, then the
// trail's end, the changes, the declines and the workspace, and [Verifier.Finish] returns what is wrong. It is not safe
// for concurrent use. Where a store recalls the events of a change, the memory it takes grows with the largest change,
// and not with the trail.
//
// A trail whose beginning was cut off (see [Cuts]) is intact where a later event records the cut, with the hash of the
// last event that is gone. Whoever has what was exported may give the verifier its events before those of the store,
// and its changes after them: then the chain is checked from event 1, and the changes with it.
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
	changes   map[string]*expectedState // by id; empty where recall is set
	recall    func(id string) ([]Event, error)
	planned   int // changes that events since then created, less those that were compared
	workspace string
	freeze    Freeze              // in force at the end of the trail; zero for none
	blocked   map[blockedKey]int  // keys of declines: how many more the store keeps than it should
	purged    map[blockedKey]bool // declines whose keys are not known any more
	differ    map[int64]string    // hashes of events that are not as they were written, and say that they are erased
	erased    map[int64]string    // hashes of events that replace others, as the trail tells
	since     time.Time           // what was declined before may be kept or not
	start     start               // where the trail begins
	prunedTo  int                 // how many of blocked were left when those before since were dropped
	problems  []error
}

// NewVerifier returns a verifier of a trail up to which heads were noted elsewhere.
func NewVerifier(noted ...Head) *Verifier {
	return &Verifier{
		noted: noted, changes: make(map[string]*expectedState),
		blocked: make(map[blockedKey]int), purged: make(map[blockedKey]bool),
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
	case v.recall == nil:
		if x := v.replay(v.changes[e.Change], e); x != nil {
			v.changes[e.Change] = x
		}
	case e.Kind == KindPlanned:
		v.planned++
	}
}

// Recall has the verifier ask for the events of each change once it is compared, in order, in the place of keeping in
// memory what all changes should be. It is for a store that finds them, which gives it the events themselves, too, from
// now on, and which ends it by nil.
func (v *Verifier) Recall(events func(id string) ([]Event, error)) { v.recall = events }

// expected is the state of a change as the trail records it; nil where it does not.
func (v *Verifier) expected(id string) (*expectedState, error) {
	if x := v.changes[id]; x != nil || v.recall == nil {
		delete(v.changes, id)
		return x, nil
	}
	events, err := v.recall(id)
	var x *expectedState
	for i := range events {
		x = v.replay(x, &events[i])
	}
	if x != nil {
		v.planned--
	}
	return x, err
}

// LacksChanges reports whether events created changes that were not compared: those of which the store finds the
// events, and which it has to name by Gone. All changes come before.
func (v *Verifier) LacksChanges() bool { return v.planned > 0 }

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
	for _, id := range slices.Sorted(maps.Keys(v.changes)) {
		v.Gone(id)
	}
	for _, seq := range slices.Sorted(maps.Keys(v.differ)) {
		if v.erased[seq] != v.differ[seq] {
			v.problem("event %d was edited", seq)
		}
	}
	for key, more := range v.blocked {
		if more != 0 && key.at >= v.since.UnixNano() {
			v.problem("what was declined is not what is held against changes")
			break
		}
	}
	return Verified{Head: v.last, First: v.start.first, Cut: v.start.cut, Unchecked: v.start.unchecked,
		Erased: v.countErased()}, errors.Join(v.problems...)
}

// expectedState is the state of one change as the trail records it.
type expectedState struct {
	status             Status
	approval, by       string // level of the approval, and who gave it
	plan, items, state string // hashes
	purged             bool
	stop               StopRequest
	jobs               []Job
	outcomes           []byte // of the items: indexes in outcomeCodes
	batches            []batch
}

// batch is outcomes that were recorded together, with their hashes.
type batch struct {
	items           []int
	digest, reasons string
}

var outcomeCodes = []Outcome{Pending, Changed, Unchanged, Partly, Failed, NotSent, Unknown}

// maxItems bounds what is believed of an event: more than any change has.
const maxItems = 1 << 20

// replay applies an event to the expected state of its change, nil before the first, and returns the state then.
func (v *Verifier) replay(x *expectedState, e *Event) *expectedState {
	if e.Kind == KindPlanned {
		items, err := strconv.Atoi(e.Facts["items"])
		if err != nil || items < 0 || items > maxItems {
			v.problem("event %d tells of %q items", e.Seq, e.Facts["items"])
			return x
		}
		x = &expectedState{
			status: Status(e.Facts["status"]), approval: policy.LevelNone.String(),
			plan: e.Facts["head"], items: e.Facts["digest"], state: e.Facts["state"], outcomes: make([]byte, items),
		}
	}
	switch {
	case x == nil:
	case e.Kind == KindPlanned:
		v.replayOutcomes(x, e)
	case e.Kind == KindRecorded:
		x.batches = append(x.batches, v.replayOutcomes(x, e))
	case e.Kind == KindApproved:
		if e.Facts["state"] != "" {
			x.status, x.state = Status(e.Facts["status"]), e.Facts["state"]
		}
		if x.status != StatusAwaiting || e.Facts["state"] == "" {
			x.approval, x.by = e.Facts["level"], e.Facts["by"]
		}
	case e.Kind == KindJob:
		x.jobs = withJob(x.jobs, e.job())
	case e.Kind == KindForgotten:
		x.purged = true
	case e.Kind == kindCancelAsked:
		x.stop = StopRequest{By: e.Principal}
	case e.Kind == KindStopRequested:
		x.stop = StopRequest{By: e.Facts["by"], Reason: e.Facts["reason"]}
	case slices.Contains(Statuses(), Status(e.Kind)):
		x.status, x.state = Status(e.Kind), e.Facts["state"]
	}
	return x
}

// replayOutcomes applies the outcomes that an event records.
func (v *Verifier) replayOutcomes(x *expectedState, e *Event) batch {
	b := batch{digest: e.Facts["digest"], reasons: e.Facts["reasons"]}
	for code, outcome := range outcomeCodes[1:] {
		err := eachInRanges(e.Facts[string(outcome)], len(x.outcomes), func(i int) {
			x.outcomes[i] = byte(code + 1)
			b.items = append(b.items, i)
		})
		if err != nil {
			v.problem("event %d: %v", e.Seq, err)
		}
	}
	return b
}
