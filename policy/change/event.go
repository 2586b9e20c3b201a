package change

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind says what an event records. The other kinds are the names of statuses: the change has reached that status.
type Kind string

// The kinds besides the statuses.
const (
	KindPlanned Kind = "planned" // a change was created, and decided about
	// KindApproved: a change was confirmed, or a person in the console approved it, after which it has a status of its
	// own.
	KindApproved  Kind = "approved"
	KindRecorded  Kind = "recorded"  // outcomes of items were stored
	KindJob       Kind = "bulk job"  // a bulk job was about to be sent, or answered
	KindResumed   Kind = "resumed"   // a store took over a change whose owner's lease had expired
	KindForgotten Kind = "forgotten" // the values of a change were purged
	KindRefused   Kind = "refused"   // a call was refused before there was a change
	KindCall      Kind = "call"      // a request was made to Intercom
	// KindStopRequested: whoever applies a change is to stop it.
	KindStopRequested Kind = "stop requested"
	// kindCancelAsked is KindStopRequested in trails of state version 4, without who asked and why.
	kindCancelAsked Kind = "cancel asked"
	KindErased      Kind = "erased"   // a contact was removed from what is kept: see [Erasure]
	KindFrozen      Kind = "frozen"   // nothing more is to be written
	KindUnfrozen    Kind = "unfrozen" // writes are allowed again
	// KindSessionEnded: somebody ended a session of the event's principal in the console.
	KindSessionEnded Kind = "session ended"
	// KindUndoAsked and KindUndoAnswered: a person asked a server to undo a change, and it did, or said why not.
	KindUndoAsked    Kind = "undo asked"
	KindUndoAnswered Kind = "undo answered"
	// KindUndelivered: a notice could not be sent, or made room for newer ones.
	KindUndelivered Kind = "notice not delivered"
	// KindLoss: an operator let writes go on though the database lacks events that it had confirmed.
	KindLoss Kind = "loss accepted"
	// KindClaimed: the state file was bound to a workspace.
	KindClaimed Kind = "claimed"
	// KindCut: the beginning of the trail was removed, after it was exported: see [Cuts].
	KindCut Kind = "cut"
)

// Kinds lists the kinds of events, the statuses that changes reach among them.
func Kinds() []Kind {
	kinds := []Kind{KindPlanned, KindApproved, KindRecorded, KindJob, KindResumed, KindForgotten, KindRefused, KindCall,
		KindStopRequested, kindCancelAsked, KindErased, KindFrozen, KindUnfrozen, KindClaimed,
		KindSessionEnded, KindUndoAsked, KindUndoAnswered, KindUndelivered, KindLoss, KindCut}
	for _, status := range Statuses() {
		if kind := Kind(status); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Event is one entry of the audit trail. It holds no values of customers: no fields of contacts, notes, arguments or
// previews. The exception is [Change.AuditValues].
type Event struct {
	Seq       int64             // from 1, without gaps; set by the store
	Time      time.Time         // zero: now
	Kind      Kind              // what happened
	Change    string            // the handle; empty where there is none
	Principal string            // who asked; empty where nobody did
	Facts     map[string]string // the kind's own
	Previous  string            // hash of the entry before, empty for the first; set by the store
	Hash      string            // SHA-256 in hex of the entry's body; set by the store
}

// EventQuery selects events of a trail. The zero EventQuery selects all.
type EventQuery struct {
	Since, Until time.Time // at or after Since, and before Until; zero: any
	Kind         Kind      // empty: any
	Change       string    // a handle; empty: any
	Gone         bool      // of changes that are not kept any more, as those that were cut off; false: any
	Principal    string    // whose change it is, or who was refused; a person's e-mail finds theirs, too; empty: any
	Tool         string    // of the change or the refused call; empty: any
	Target       string    // a contact, company or tag that the change has as a target: its id or label; empty: any
	Before       int64     // events before the one of this number; 0: any
	Newest       int       // so many of the newest, which then come newest first; 0: all, oldest first
}

// Items lists the items that a fact of an event names by their indexes, as in "0-98,100", of a change with so many;
// false where it names none.
func (e *Event) Items(fact string, of int) (items []int, ok bool) {
	switch outcome := Outcome(fact); {
	case e.Kind == KindJob && fact == "items":
	case outcome == Changed, outcome == Unchanged, outcome == Partly, outcome == Failed, outcome == NotSent,
		outcome == Unknown:
	default:
		return nil, false
	}
	err := eachInRanges(e.Facts[fact], of, func(i int) { items = append(items, i) })
	return items, err == nil && len(items) > 0
}

// EventTime is the layout of times in the bodies of events. Its width is fixed, so that times sort as text.
const EventTime = "2006-01-02T15:04:05.000000000Z"

// eventBody is an event as it is stored and hashed. The order of its fields is part of the format.
type eventBody struct {
	Seq       int64             `json:"seq"`
	Time      string            `json:"time"`
	Kind      Kind              `json:"kind"`
	Change    string            `json:"change,omitempty"`
	Principal string            `json:"principal,omitempty"`
	Facts     map[string]string `json:"facts,omitempty"`
	Previous  string            `json:"previous,omitempty"`
}

// Body is the JSON of the event without its hash: the bytes that are hashed.
func (e Event) Body() ([]byte, error) {
	at := e.Time.UTC().Format(EventTime)
	return json.Marshal(eventBody{e.Seq, at, e.Kind, e.Change, e.Principal, e.Facts, e.Previous})
}

// ParseEvent reads a body whose hash is stored beside it.
func ParseEvent(body, hash string) (Event, error) {
	var b eventBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return Event{}, fmt.Errorf("reading an event: %w", err)
	}
	at, err := time.Parse(EventTime, b.Time)
	if err != nil {
		return Event{}, fmt.Errorf("reading an event: %w", err)
	}
	return Event{b.Seq, at, b.Kind, b.Change, b.Principal, b.Facts, b.Previous, hash}, nil
}

// event is an event of the change.
func (c *Change) event(at time.Time, kind Kind, facts map[string]string) Event {
	return Event{Time: at, Kind: kind, Change: c.ID, Principal: c.Principal, Facts: facts}
}

// NewEvents record a new change, and its start where it is applying.
func (c *Change) NewEvents() ([]Event, error) {
	planned := *c
	if c.Status == StatusApplying {
		planned.Status, planned.AppliedAt, planned.JobsOnRecord = StatusApproved, time.Time{}, false
	}
	event, err := planned.plannedEvent()
	if err != nil || c.Status != StatusApplying {
		return []Event{event}, err
	}
	started, err := c.StepEvents(Step{To: StatusApplying, At: c.AppliedAt})
	return append([]Event{event}, started...), err
}

// plannedEvent records a new change: its decision with all reasons, and the hashes of its plan, its items and its
// state.
func (c *Change) plannedEvent() (Event, error) {
	plan, err := hashPlan(c)
	if err != nil {
		return Event{}, err
	}
	state, err := hashState(c)
	if err != nil {
		return Event{}, err
	}
	items, err := hashItems(c)
	if err != nil {
		return Event{}, err
	}
	reasons := make([]string, len(c.Decision.Reasons))
	for i, reason := range c.Decision.Reasons {
		reasons[i] = reason.Rule
		if detail := reason.Detail(); detail != "" {
			reasons[i] += ": " + detail
		}
	}
	event := noticedPlan(c)
	facts := event.Facts
	maps.Copy(facts, map[string]string{
		"verdict": c.Decision.Verdict.String(), "reasons": strings.Join(reasons, "; "),
		"tool": c.Tool, "revision": c.Revision,
		"items": strconv.Itoa(len(c.Items)), "digest": items, "head": plan, "state": state,
	})
	var unchanged []int
	for i := range c.Items {
		if c.Items[i].Outcome == Unchanged {
			unchanged = append(unchanged, i)
		}
	}
	if unchanged != nil {
		facts[string(Unchanged)] = ranges(unchanged)
	}
	for name, fact := range map[string]string{"undoes": c.Undoes, "name": c.Person.Name, "email": c.Person.ShownEmail(),
		"roles": strings.Join(c.Roles, ",")} {
		if fact != "" {
			facts[name] = fact
		}
	}
	if c.AuditValues != "" {
		facts["values"] = c.AuditValues
	}
	return event, nil
}

// noticedPlan is what the outbox needs of the event of a new change.
func noticedPlan(c *Change) Event {
	facts := map[string]string{"level": c.Decision.Level.String(), "status": string(c.Status)}
	if c.Status == StatusAwaiting && !c.ExpiresAt.IsZero() {
		facts[factExpires] = c.ExpiresAt.UTC().Format(EventTime)
	}
	return c.event(c.CreatedAt, KindPlanned, facts)
}

// StepEvents record a step that the change has taken, and the approval that it brought.
func (c *Change) StepEvents(step Step) ([]Event, error) {
	state, err := hashState(c)
	if err != nil {
		return nil, err
	}
	events := stepEvents(c, step)
	events[len(events)-1].Facts["state"] = state
	return events, nil
}

// stepEvents are StepEvents without the hash of the change's state.
func stepEvents(c *Change, step Step) []Event {
	var events []Event
	if step.To == StatusApplying && step.Approval != nil {
		events = append(events, c.event(step.Approval.At, KindApproved, step.Approval.facts()))
	}
	facts := step.Actor.facts()
	if step.To == StatusApproved {
		facts = step.Approval.facts()
		facts["status"] = string(c.Status)
	}
	if step.To == StatusDeclined && step.Reason != "" {
		facts["reason"] = step.Reason
	}
	return append(events, c.event(step.At, Kind(step.To), facts))
}

// facts are the approval's in an event; those that it lacks are left out.
func (a *Approval) facts() map[string]string {
	facts := map[string]string{"level": a.Level.String(), "by": a.By}
	for name, fact := range map[string]string{"method": a.Method, "revision": a.Revision, "name": a.Person.Name,
		"email": a.Person.ShownEmail(), "roles": strings.Join(a.Roles, ","), "plan": a.Plan, "reason": a.Reason} {
		if fact != "" {
			facts[name] = fact
		}
	}
	return facts
}

// RecordedEvent records the outcomes of items, as they stand in the items now: indexes as ranges by outcome, and hashes
// of the outcomes with what was created, and of the reasons.
func (c *Change) RecordedEvent(outcomes []Recorded) (Event, error) {
	indexes, hashes := make(map[Outcome][]int), newRecordHashes(c)
	for _, r := range slices.SortedFunc(slices.Values(outcomes), func(a, b Recorded) int { return a.Index - b.Index }) {
		indexes[r.Outcome] = append(indexes[r.Outcome], r.Index)
		if err := hashes.add(r); err != nil {
			return Event{}, err
		}
	}
	facts := make(map[string]string)
	for outcome, list := range indexes {
		facts[string(outcome)] = ranges(list)
	}
	facts["digest"], facts["reasons"] = hashes.sums()
	return c.event(time.Time{}, KindRecorded, facts), nil
}

// StopEvent records a request to stop the change.
func (c *Change) StopEvent(by Actor, reason string) Event {
	facts := by.facts()
	facts["reason"] = reason
	return c.event(time.Time{}, KindStopRequested, facts)
}

// LossEvent records that somebody accepted a loss of so many events after one, which were about changes.
func LossEvent(by Actor, after, events int64, changes []string) Event {
	facts := by.facts()
	facts["after"], facts["events"] = strconv.FormatInt(after, 10), strconv.FormatInt(events, 10)
	if len(changes) > 0 {
		facts["changes"] = strings.Join(changes, ",")
	}
	return Event{Kind: KindLoss, Facts: facts}
}
