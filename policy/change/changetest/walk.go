package changetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// walker does at random what callers of a store do, until it is killed. It
// tells on stdout what the store said was done, one line each.
type walker struct {
	store  change.Store
	lease  time.Duration // of the store
	random *rand.Rand
}

// Walk does at random what callers of a store do, whose leases last for some time, for as long as the process lives,
// and tells on stdout what the store said was done. It is what a child process of [Interleavings] does.
func Walk(ctx context.Context, s change.Store, lease time.Duration, seed uint64) error {
	w := &walker{s, lease, rand.New(rand.NewPCG(seed, 0))}
	for {
		if err := w.act(ctx); err != nil {
			return err
		}
	}
}

// told reports an answer of the store: nil is told as done, and what the
// contract allows is passed over.
func told(err error, format string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(os.Stdout, format+"\n", args...)
		return err
	}
	if stored.IsContract(err) {
		return nil
	}
	return err
}

// act takes one action.
func (w *walker) act(ctx context.Context) error {
	action := w.random.IntN(10)
	if action < 2 {
		return w.plan(ctx)
	}
	if action == 2 {
		return w.resume(ctx)
	}
	list, err := w.store.List(ctx, "ann", change.Query{Limit: 12})
	if err != nil || len(list) == 0 {
		return err
	}
	id := list[w.random.IntN(len(list))].Change.ID
	if action < 6 {
		return w.start(ctx, id)
	}
	to := []change.Status{change.StatusDeclined, change.StatusExpired, change.StatusCancelled,
		change.StatusUndone}[action-6]
	_, err = w.store.Advance(ctx, id, change.Step{To: to, At: time.Now()})
	return told(err, "step %s %s", id, to)
}

func (w *walker) plan(ctx context.Context) error {
	c := Planned([]change.Status{change.StatusAwaiting, change.StatusApproved}[w.random.IntN(2)],
		1+w.random.IntN(5))
	c.CreatedAt = time.Now()
	if c.Status == change.StatusAwaiting {
		c.Level = policy.Level(1 + w.random.IntN(3))
		c.Decision = policy.Decision{Verdict: policy.Confirm, Level: c.Level}
	}
	_, err := w.store.Create(ctx, c, nil)
	return told(err, "created %s", c.ID)
}

// start confirms a change at some level, or not at all, and does its work.
func (w *walker) start(ctx context.Context, id string) error {
	var approval *change.Approval
	if level := policy.Level(w.random.IntN(4)); level > policy.LevelNone {
		approval = &change.Approval{Level: level, By: "ann", At: time.Now()}
	}
	c, err := w.store.Advance(ctx, id, change.Step{To: change.StatusApplying, At: time.Now(), Approval: approval})
	if err != nil {
		return told(err, "")
	}
	return errors.Join(told(nil, "step %s applying", id), w.work(ctx, c))
}

// work records outcomes of what is pending, and the end. Now and then it
// takes so long that the lease would run out if it were not renewed, and now
// and then it gives up.
func (w *walker) work(ctx context.Context, c change.Change) error {
	for i := range c.Items {
		if c.Items[i].Outcome != change.Pending {
			continue
		}
		switch w.random.IntN(10) {
		case 0, 1:
			time.Sleep(time.Duration(w.random.Int64N(3 * int64(w.lease))))
		case 2:
			if err := w.store.Shared().Stops.Request(ctx, c.ID, change.Actor{By: "ann"}, "why"); err != nil {
				return told(err, "")
			}
		case 3:
			_, err := w.store.Advance(ctx, c.ID, change.Step{To: change.StatusUnknown, At: time.Now()})
			return told(err, "step %s unknown", c.ID)
		}
		outcomes := []change.Outcome{change.Changed, change.Unchanged, change.Partly, change.Failed, change.NotSent,
			change.Unknown}
		outcome := outcomes[w.random.IntN(len(outcomes))]
		err := w.store.Record(ctx, c.ID, []change.Recorded{{Index: i, Outcome: outcome}})
		if err != nil {
			return told(err, "")
		}
		if err := told(nil, "recorded %s %d %s", c.ID, i, outcome); err != nil {
			return err
		}
		c.Items[i].Outcome = outcome
	}
	to := change.CountItems(c.Items).Final()
	_, err := w.store.Advance(ctx, c.ID, change.Step{To: to, At: time.Now()})
	return told(err, "step %s %s", c.ID, to)
}

// resume goes on with what others have left.
func (w *walker) resume(ctx context.Context) error {
	left, err := w.store.ClaimInterrupted(ctx)
	if err != nil {
		return err
	}
	for _, c := range left {
		if err := told(nil, "resumed %s", c.ID); err != nil {
			return err
		}
		do := w.work
		if c.Status == change.StatusApproved {
			do = func(ctx context.Context, c change.Change) error { return w.start(ctx, c.ID) }
		}
		if err := do(ctx, c); err != nil {
			return err
		}
	}
	return nil
}
