package engine

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/toolerr"
)

const (
	BulkChunk     = 100 // contacts of one request to PUT /contacts/bulk
	SingleWorkers = 8   // contacts written at the same time, one by one
	// planHolds is how long what a plan read of its targets is taken to be so.
	planHolds = 5 * time.Second
)

// applier writes one change to Intercom. What it writes is the frozen plan; what it reports is what reading back shows.
// An item belongs to one goroutine at a time.
type applier struct {
	client  *intercom.Client // paced as background work where there is much to do
	lists   *directory.Lists
	store   change.Store
	log     *slog.Logger
	noBulk  *atomic.Bool  // the workspace has shown that it has no bulk jobs
	jobTook *atomic.Int64 // how long a bulk job takes
	words   Words
	judge   judge
	run     *run
	change  *change.Change
	earlier earlier
	undone  map[int]change.Recorded // items that an ended bulk job left undone, in part or whole, as they were read back
	created sync.Map                // the item, by the id of the record that it created
	tally   tally
	held    []change.Recorded // recorded with the end of the change, which follows
}

// earlier is what is known of the items that an earlier process may have sent, by their indexes.
type earlier struct {
	left    map[int]change.Patch // what is left to be sent of them
	mayLand map[int]bool         // Intercom may yet write them
	gone    map[int]bool         // their contacts cannot be read any more
}

// apply writes every pending item, and returns the step that ends the change.
func (a *applier) apply(ctx context.Context) (change.Step, error) {
	for i := range a.change.Items {
		if id := a.change.Items[i].Created; id != "" {
			a.created.Store(id, i)
		}
	}
	switch {
	case a.run.resumed:
		if err := newReconciler(a).eventually(ctx); err != nil {
			return change.Step{}, err
		}
	case a.change.Approval != nil || a.change.AppliedAt.Sub(a.change.CreatedAt) > planHolds:
		drifted, err := a.drift(ctx)
		if err != nil {
			return change.Step{To: change.StatusStale, Reason: "its targets could not be read again (" + a.words.Explain(ctx,
				err).Error() + ")"}, nil
		}
		if drifted != "" {
			return change.Step{To: change.StatusStale, Reason: drifted}, nil
		}
	}
	bulk, single := a.route()
	leftover, err := a.applyBulk(ctx, bulk, single)
	if err != nil {
		return change.Step{}, err
	}
	if err := (&singleRun{a}).write(ctx, a.pending(append(leftover, single...))); err != nil {
		return change.Step{}, err
	}
	step := change.Step{To: change.CountItems(a.change.Items).Final(), Outcomes: a.held}
	if step.To == change.StatusStopped {
		step.Reason = a.run.halt.reason()
	}
	return step, nil
}

// pending keeps the items that have no outcome yet.
func (a *applier) pending(items []int) []int {
	var kept []int
	for _, i := range items {
		if a.change.Items[i].Outcome == change.Pending {
			kept = append(kept, i)
		}
	}
	return kept
}

// toSend is what of item i is to be sent: the patch, but for what an earlier process is known to have written.
func (a *applier) toSend(i int) change.Patch {
	if left, ok := a.earlier.left[i]; ok {
		return left
	}
	return a.change.Items[i].Patch
}

// route splits the pending items as [route] does, and by what bulk jobs cannot answer for.
func (a *applier) route() (bulk, single []int) {
	bulk, single = route(a.change.Items, a.noBulk.Load())
	hiding, bulk := a.judge.masking.apart(bulk)
	return bulk, append(single, hiding...)
}

// route splits the pending items: many contacts go through bulk jobs, few, and whatever a bulk job cannot do, are
// written one by one.
func route(items []change.Item, noBulk bool) (bulk, single []int) {
	updates := 0
	for i := range items {
		if items[i].Outcome == change.Pending && !noBulk && bulkable(items[i].Patch) {
			updates++
		}
	}
	for i := range items {
		switch {
		case items[i].Outcome != change.Pending:
		case updates > directory.FewContacts && bulkable(items[i].Patch):
			bulk = append(bulk, i)
		default:
			single = append(single, i)
		}
	}
	return bulk, single
}

// record stores outcomes, here and in the store, and stops the run when too much of it fails. Those of a whole run are
// left to the step that ends it, but for an undo's, whose end is two steps.
func (a *applier) record(ctx context.Context, outcomes ...change.Recorded) error {
	if len(outcomes) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return errDeferred // what could not be seen any more is nobody's failure
	}
	for at := range outcomes {
		a.downgradeToUnknown(&outcomes[at])
		if r := &outcomes[at]; r.Outcome == change.Failed {
			r.Missing = a.change.Items[r.Index].Patch.PartKeys() // none is to be undone
		}
	}
	if len(outcomes) == a.run.total && a.change.Undoes == "" {
		a.held = outcomes
	} else if err := a.store.Record(ctx, a.change.ID, outcomes); err != nil {
		return fmt.Errorf("recording outcomes: %w", err)
	}
	a.change.Record(outcomes)
	a.run.done.Add(int64(len(outcomes)))
	a.tally.add(outcomes)
	if a.tally.exceeded() {
		a.run.halt.set(mostlyFails, change.StopRequest{})
	}
	return nil
}

// downgradeToUnknown makes the failure of an item unknown that an earlier process may have written before its contact
// went, or that Intercom may yet write, unless the failure is Intercom's judgement of what was sent.
func (a *applier) downgradeToUnknown(r *change.Recorded) {
	if r.Outcome != change.Failed && r.Outcome != change.NotSent || !a.earlier.mayLand[r.Index] &&
		!a.earlier.gone[r.Index] {
		return
	}
	may, why := "so that it can come about yet", "; now: "+r.Reason
	if !a.earlier.mayLand[r.Index] {
		may = "so that it may have been written"
	}
	switch toolerr.Code(r.Code) {
	case toolerr.NotFound, toolerr.Merged:
		if !a.earlier.gone[r.Index] {
			return
		}
	case toolerr.Busy:
		if rest, unsent := strings.CutPrefix(r.Reason, "not sent: "); unsent {
			why = "; it is not sent again: " + rest
		}
	case toolerr.RateLimited, toolerr.UpstreamUnavailable, toolerr.VersionUnsupported, toolerr.CredentialInvalid,
		toolerr.Internal:
	default:
		return
	}
	item := &a.change.Items[r.Index]
	r.Outcome, r.Failure = change.Unknown,
		unknownOutcome("the server had stopped and may have sent it before, "+may+why, item.Patch)
}

// notSent is the outcome of an item that the run stopped before. One that a bulk job left undone was sent, and is what
// reading back showed.
func (a *applier) notSent(i int) change.Recorded {
	r := change.Recorded{Index: i, Outcome: change.NotSent, Failure: change.Failure{Code: string(toolerr.Busy),
		Reason: "not sent: " + a.run.halt.reason()}}
	if undone, ok := a.undone[i]; ok {
		r = undone
		r.Reason = "left undone by a bulk job, and not sent again (" + a.run.halt.reason() + "): " + undone.Reason
	}
	return r
}

// recordNotSent records items that the run stopped before, all in one step.
func (a *applier) recordNotSent(ctx context.Context, items []int) error {
	outcomes := make([]change.Recorded, len(items))
	for at, i := range items {
		outcomes[at] = a.notSent(i)
	}
	return a.record(ctx, outcomes...)
}

// panicked logs a panic, and is the outcome of the item that it happened to.
func (a *applier) panicked(ctx context.Context, i int, caught any) change.Recorded {
	a.log.ErrorContext(ctx, "applying an item panicked", "change", a.change.ID, "panic", fmt.Sprint(caught), "stack",
		string(debug.Stack()))
	return change.Recorded{Index: i, Outcome: change.Unknown,
		Failure: unknownOutcome("the server failed while writing it", a.change.Items[i].Patch)}
}
