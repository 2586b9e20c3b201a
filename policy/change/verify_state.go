package change

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"intercom-mcp/policy"
)

// expectedStates are the states of changes as the trail records them.
type expectedStates struct {
	of      map[string]*expectedState // by id; empty while events can be recalled
	recall  func(id string) ([]Event, error)
	planned int // changes whose events are to be recalled, less those that were compared
}

// follow applies an event to the state of its change, and returns what it cannot tell.
func (s *expectedStates) follow(e *Event) []error {
	if s.recall != nil {
		if e.Kind == KindPlanned {
			s.planned++
		}
		return nil
	}
	x, problems := s.of[e.Change].replay(e)
	if x != nil {
		s.of[e.Change] = x
	}
	return problems
}

// take returns the state of a change that is about to be compared, nil where the trail knows none, and what its events
// cannot tell.
func (s *expectedStates) take(id string) (x *expectedState, problems []error, err error) {
	if s.recall == nil {
		x = s.of[id]
		delete(s.of, id)
		return x, nil, nil
	}
	events, err := s.recall(id)
	for i := range events {
		var more []error
		x, more = x.replay(&events[i])
		problems = append(problems, more...)
	}
	if x != nil {
		s.planned--
	}
	return x, problems, err
}

// left are the ids of the changes that were not compared.
func (s *expectedStates) left() []string { return slices.Sorted(maps.Keys(s.of)) }

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

// replay applies an event to the expected state of its change, nil before the first, and returns the state then, and
// what the event cannot tell.
func (x *expectedState) replay(e *Event) (_ *expectedState, problems []error) {
	if e.Kind == KindPlanned {
		items, err := strconv.Atoi(e.Facts["items"])
		if err != nil || items < 0 || items > maxItems {
			return x, []error{fmt.Errorf("event %d tells of %q items", e.Seq, e.Facts["items"])}
		}
		x = &expectedState{
			status: Status(e.Facts["status"]), approval: policy.LevelNone.String(),
			plan: e.Facts["head"], items: e.Facts["digest"], state: e.Facts["state"], outcomes: make([]byte, items),
		}
	}
	switch {
	case x == nil:
	case e.Kind == KindPlanned:
		_, problems = x.replayOutcomes(e)
	case e.Kind == KindRecorded:
		var b batch
		b, problems = x.replayOutcomes(e)
		x.batches = append(x.batches, b)
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
	return x, problems
}

// replayOutcomes applies the outcomes that an event records.
func (x *expectedState) replayOutcomes(e *Event) (b batch, problems []error) {
	b = batch{digest: e.Facts["digest"], reasons: e.Facts["reasons"]}
	for code, outcome := range outcomeCodes[1:] {
		err := eachInRanges(e.Facts[string(outcome)], len(x.outcomes), func(i int) {
			x.outcomes[i] = byte(code + 1)
			b.items = append(b.items, i)
		})
		if err != nil {
			problems = append(problems, fmt.Errorf("event %d: %w", e.Seq, err))
		}
	}
	return b, problems
}
