package tools

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
)

// ConsoleEvent is an event of the audit trail for people.
type ConsoleEvent struct {
	Seq       int64
	Time      time.Time
	Kind      change.Kind
	Change    string // the handle; "" where there is none
	Principal string
	By        string // who that is, as people know them
	Facts     []ConsoleFact
}

// ConsoleFact is what an event tells beside its kind.
type ConsoleFact struct{ Name, Value string }

// shownFact is how many columns of a fact a page shows.
const shownFact = 300

// unshownFacts are the facts that prove something to a check of the trail and tell a person nothing, and the values of
// items, which were masked as the policy of then said.
var unshownFacts = []string{"binding", "digest", "head", "state", "values", "plan", "revision"}

// Trail reads the events that a query selects and the visitor sees, newest first. It returns [ErrNoTrail] where the
// store keeps none.
func (c *Console) Trail(ctx context.Context, v *Visitor, query change.EventQuery) ([]ConsoleEvent, error) {
	if c.trail == nil {
		return nil, ErrNoTrail
	}
	if !v.Sees() {
		query.Principal = v.Principal
	}
	var events []ConsoleEvent
	s := c.session(v)
	for event, err := range c.trail.Events(ctx, query) {
		if err != nil {
			return nil, err
		}
		events = append(events, consoleEvent(s, &event))
	}
	return events, c.namePrincipals(ctx, events)
}

// namePrincipals says in events who the principals are, as they were known when they last asked for a change.
func (c *Console) namePrincipals(ctx context.Context, events []ConsoleEvent) error {
	known := make(map[string]string)
	for i := range events {
		principal := events[i].Principal
		name, ok := known[principal]
		if !ok && principal != "" {
			list, err := c.pipeline.store.List(ctx, principal, change.Query{Limit: 1})
			if err != nil {
				return err
			}
			if name = clean(principal); len(list) > 0 {
				name = render.Requester(&list[0].Change)
			}
			known[principal] = name
		}
		events[i].By = name
	}
	return nil
}

// unmaskedReason reports whether a fact is why a change is stale, which names targets as the policy of then showed
// them, where one in force masks some. The page of the change tells it as far as it may be told.
func unmaskedReason(s *session, e *change.Event, fact string) bool {
	return fact == "reason" && e.Kind == change.Kind(change.StatusStale) && len(s.policy.Masked) > 0
}

// consoleEvent is an event as a page shows it. Items that it names by their places are counted.
func consoleEvent(s *session, e *change.Event) ConsoleEvent {
	shown := ConsoleEvent{Seq: e.Seq, Time: e.Time, Kind: e.Kind, Change: e.Change,
		Principal: e.Principal}
	for _, name := range slices.Sorted(maps.Keys(e.Facts)) {
		value := e.Facts[name]
		if value == "" || slices.Contains(unshownFacts, name) || name == "reasons" && e.Kind == change.KindRecorded ||
			unmaskedReason(s, e, name) {
			continue
		}
		if items, ok := e.Items(name, math.MaxInt); ok {
			value = strconv.Itoa(len(items))
		}
		if name == "reason" {
			value = s.mask.Redact(value)
		}
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			value = render.ISO(at)
		}
		shown.Facts = append(shown.Facts,
			ConsoleFact{strings.ReplaceAll(name, "_", " "), text.Clip(render.Plainly(value), shownFact)})
	}
	return shown
}

// VerifyTrail checks that the audit trail is as it was written. What is wrong it returns as errors that are
// [change.ErrTampered]. It takes a visitor who sees the changes of others, and time that goes with the trail.
func (c *Console) VerifyTrail(ctx context.Context, v *Visitor) (change.Verified, error) {
	switch {
	case c.trail == nil:
		return change.Verified{}, ErrNoTrail
	case !v.Sees():
		return change.Verified{}, ErrNotAllowed
	}
	return c.trail.VerifyAudit(ctx)
}
