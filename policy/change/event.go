package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/policy"
)

// Kind says what an event tells. The other kinds are the names of statuses:
// the change of the event has reached that status.
type Kind string

// The kinds besides the statuses.
const (
	KindPlanned  Kind = "planned"  // a change was created, and decided about
	KindApproved Kind = "approved" // somebody said yes to a change
	KindRecorded Kind = "recorded" // outcomes of items were stored
	KindResumed  Kind = "resumed"  // a store took a change over whose owner had died
	// KindForgotten: of an old change only the outcomes were kept.
	KindForgotten Kind = "forgotten"
	KindRefused   Kind = "refused" // a call was refused before there was a change
	KindCall      Kind = "call"    // a request was made to Intercom
	// KindCancelAsked: whoever applies a change is to stop it.
	KindCancelAsked Kind = "cancel asked"
	// KindClaimed: from now on the file keeps the changes of one workspace.
	KindClaimed Kind = "claimed"
)

// Event is one entry of the audit trail. It holds no customer's values: no
// contact's fields, no note, no arguments, no preview; but for what [Change.Told]
// has it tell.
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

// eventTime has a fixed width, so that times sort as text.
const eventTime = "2006-01-02T15:04:05.000000000Z"

// eventBody is an event as it is kept and hashed. The order of its fields is
// part of the format.
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
	return json.Marshal(eventBody{e.Seq, e.Time.UTC().Format(eventTime), e.Kind, e.Change, e.Principal, e.Facts, e.Previous})
}

// parseEvent reads a body that hashes to hash.
func parseEvent(body, hash string) (Event, error) {
	var b eventBody
	if err := json.Unmarshal([]byte(body), &b); err != nil {
		return Event{}, fmt.Errorf("reading an event: %w", err)
	}
	at, err := time.Parse(eventTime, b.Time)
	if err != nil {
		return Event{}, fmt.Errorf("reading an event: %w", err)
	}
	return Event{b.Seq, at, b.Kind, b.Change, b.Principal, b.Facts, b.Previous, hash}, nil
}

// hashOf is how an event's body is hashed.
func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// decisionFacts are a decision and all its reasons.
func decisionFacts(d policy.Decision) map[string]string {
	reasons := make([]string, len(d.Reasons))
	for i, reason := range d.Reasons {
		reasons[i] = reason.Rule + ": " + reason.Text
	}
	return map[string]string{"verdict": d.Verdict.String(), "level": d.Level.String(), "reasons": strings.Join(reasons, "; ")}
}

// plannedEvent tells of a new change. items is the hash of its items.
func plannedEvent(c *Change, items string) (Event, error) {
	plan, err := c.planHash()
	if err != nil {
		return Event{}, err
	}
	state, err := c.stateHash()
	if err != nil {
		return Event{}, err
	}
	facts := decisionFacts(c.Decision)
	facts["tool"], facts["status"], facts["revision"], facts["binding"] = c.Tool, string(c.Status), c.Revision, c.Binding
	facts["items"], facts["digest"], facts["head"], facts["state"] = strconv.Itoa(len(c.Items)), items, plan, state
	var unchanged []int
	for i := range c.Items {
		if c.Items[i].Outcome == Unchanged {
			unchanged = append(unchanged, i)
		}
	}
	if unchanged != nil {
		facts[string(Unchanged)] = ranges(unchanged)
	}
	if c.Undoes != "" {
		facts["undoes"] = c.Undoes
	}
	if c.Told != "" {
		facts["values"] = c.Told
	}
	return Event{Time: c.CreatedAt, Kind: KindPlanned, Change: c.ID, Principal: c.Principal, Facts: facts}, nil
}

// stepEvents tell of a step that a change has made.
func stepEvents(c *Change, step Step) ([]Event, error) {
	state, err := c.stateHash()
	if err != nil {
		return nil, err
	}
	var events []Event
	if step.To == StatusApplying && step.Approval != nil {
		events = append(events, Event{
			Time: step.Approval.At, Kind: KindApproved, Change: c.ID, Principal: c.Principal,
			Facts: map[string]string{"level": step.Approval.Level.String(), "by": step.Approval.By},
		})
		if step.Approval.Method != "" {
			events[0].Facts["method"] = step.Approval.Method
		}
		if step.Approval.Revision != "" {
			events[0].Facts["revision"] = step.Approval.Revision
		}
	}
	return append(events, Event{Time: step.At, Kind: Kind(step.To), Change: c.ID, Principal: c.Principal, Facts: map[string]string{"state": state}}), nil
}

// recordedEvent tells which items came to which outcome: indexes, as ranges, and
// hashes of their outcomes with what was created, and of the reasons.
func recordedEvent(c *Change, outcomes []Recorded) (Event, error) {
	indexes := make(map[string][]int)
	hash, reasons := newOutcomesHash(), newReasonsHash()
	for _, r := range slices.SortedFunc(slices.Values(outcomes), func(a, b Recorded) int { return a.Index - b.Index }) {
		indexes[string(r.Outcome)] = append(indexes[string(r.Outcome)], r.Index)
		hash.add(r.Index, r.Outcome, r.Code, r.Created)
		if err := reasons.add(r.Index, r.Failure); err != nil {
			return Event{}, err
		}
	}
	facts := make(map[string]string, len(indexes)+2)
	for outcome, list := range indexes {
		facts[outcome] = ranges(list)
	}
	facts["digest"], facts["reasons"] = hash.sum(), reasons.sum()
	return Event{Kind: KindRecorded, Change: c.ID, Principal: c.Principal, Facts: facts}, nil
}
