package changetest

import (
	"context"
	"fmt"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

const (
	// bulkItems is how many items the large changes of a history have, and recordedAtOnce how many are recorded together.
	bulkItems, recordedAtOnce = 1_000, 100
	// oldPrincipals is how many principals a history has, each with about as many changes.
	oldPrincipals = 100
)

// oldEnds are what the single changes of a history come to, in turns.
var oldEnds = []change.Status{change.StatusApplied, change.StatusApplied, change.StatusDeclined, change.StatusApplied,
	change.StatusFailed, change.StatusApplied, change.StatusAwaiting, change.StatusApplied, change.StatusCancelled}

// History gives a receiver what the year before [Epoch] left: so many items of a hundred principals, ann among them,
// nine tenths of them in changes of a thousand that were applied, the rest in changes of one, of which one in nine
// waits and is overdue. The trail is whole. The receiver gets each change after its events.
func History(ctx context.Context, into change.Receiver, items int) error {
	bulks := items * 9 / 10 / bulkItems
	singles := items - bulks*bulkItems
	between := 0
	if bulks > 0 {
		between = singles / bulks // single changes between two large ones
	}
	h := history{into: into}
	for n := range bulks + singles {
		size, end := 1, oldEnds[n%len(oldEnds)]
		if n%(between+1) == 0 && n/(between+1) < bulks {
			size, end = bulkItems, change.StatusApplied
		}
		at := Epoch.AddDate(-1, 0, 0).Add(time.Duration(float64(n) / float64(bulks+singles) * float64(364*24*time.Hour)))
		if err := h.change(ctx, n, size, end, at); err != nil {
			return err
		}
	}
	return nil
}

// history is what was given to a receiver.
type history struct {
	into change.Receiver
	tip  change.Head
}

// change gives a change of so many items that was made at a time and came to an end.
func (h *history) change(ctx context.Context, n, items int, end change.Status, at time.Time) error {
	c := oldChange(n, items, at)
	way := ways[end]
	if c.Status = way[0]; c.Status == change.StatusAwaiting {
		c.Level, c.ExpiresAt = policy.LevelUser, at.Add(time.Hour)
		c.Decision = policy.Decision{Verdict: policy.Confirm, Level: policy.LevelUser}
	}
	events, err := c.NewEvents()
	if err != nil {
		return err
	}
	for _, to := range way[1:] {
		step := change.Step{To: to, At: at.Add(time.Second)}
		if to.Ended() && c.Status == change.StatusApplying {
			recorded, err := recordAll(&c, end)
			if err != nil {
				return err
			}
			events = append(events, recorded...)
		}
		if err := c.Take(step); err != nil {
			return err
		}
		taken, err := c.StepEvents(step)
		if err != nil {
			return err
		}
		events = append(events, taken...)
	}
	for _, e := range events {
		if e.Time.IsZero() {
			e.Time = at
		}
		e.Seq, e.Previous = h.tip.Seq+1, h.tip.Hash
		body, err := e.Body()
		if err != nil {
			return err
		}
		h.tip = change.Head{Seq: e.Seq, Hash: change.HashBody(body)}
		if err := h.into.Event(ctx, h.tip, string(body)); err != nil {
			return err
		}
	}
	if end == change.StatusDeclined && at.After(Epoch.AddDate(-1, 0, 0).Add(350*24*time.Hour)) {
		if err := h.decline(ctx, &c); err != nil {
			return err
		}
	}
	return h.into.Change(ctx, &c, change.StopRequest{})
}

// decline gives the keys of a change that was declined in the last days.
func (h *history) decline(ctx context.Context, c *change.Change) error {
	keys, err := change.DeclineKeys(c.Items)
	for _, key := range keys {
		if err := h.into.Decline(ctx, c.Principal, c.EndedAt, key); err != nil {
			return err
		}
	}
	return err
}

// oldChange is a change of so many contacts as an update of them is planned.
func oldChange(n, items int, at time.Time) change.Change {
	c := Planned(change.StatusApproved, 0)
	c.CreatedAt, c.Fingerprint, c.Salt = at, fmt.Sprint("old", n), fmt.Sprint("salt", n)
	if n%oldPrincipals > 0 {
		c.Principal = fmt.Sprint("principal", n%oldPrincipals)
	}
	tag := []change.Ref{{ID: "1234567", Name: "VIP"}}
	for i := range items {
		set := map[string]any{"custom_attributes.plan": "free", "name": fmt.Sprintf("Contact %d", i)}
		c.Items = append(c.Items, change.Item{
			TargetID: fmt.Sprintf("%024x", n*7+i), Label: fmt.Sprintf("contact-%d@example.com", n*7+i),
			Patch:  change.Patch{Set: set, AddTags: tag},
			Before: change.Image{Set: map[string]any{"custom_attributes.plan": "pro", "name": nil}},
		})
	}
	return c
}

// recordAll records the outcomes of all items of a change that is about to come to an end, some at a time.
func recordAll(c *change.Change, end change.Status) (events []change.Event, err error) {
	outcome := change.Changed
	if end == change.StatusFailed {
		outcome = change.Failed
	}
	for from := 0; from < len(c.Items); from += recordedAtOnce {
		var outcomes []change.Recorded
		for i := from; i < min(from+recordedAtOnce, len(c.Items)); i++ {
			outcomes = append(outcomes, change.Recorded{Index: i, Outcome: outcome})
		}
		c.Record(outcomes)
		recorded, err := c.RecordedEvent(outcomes)
		if err != nil {
			return nil, err
		}
		events = append(events, recorded)
	}
	return events, nil
}
