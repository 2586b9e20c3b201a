package tools

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

const (
	bulkPriority  = intercom.PriorityBulk
	bulkChunk     = 100 // contacts of one request to PUT /contacts/bulk
	singleWorkers = 8   // contacts written at the same time, one by one
	// planHolds is how long what a plan read of its targets is taken to be so.
	planHolds = 5 * time.Second
)

// applier writes one change to Intercom. What it writes is the frozen plan;
// what it reports is what reading back shows.
type applier struct {
	*session
	run     *run
	client  *intercom.Client // paced as bulk work where there is much to do
	stopped context.Context  // ends when no further request is to be sent
	change  change.Change
	// mayLand are the items that an earlier process may have sent, and that
	// Intercom may yet write.
	mayLand map[int]bool
	tried   map[int]bool // items that a bulk job left undone
	fresh   map[int]bool // items that were read by id since the change was resumed
}

// apply writes every pending item, and returns the step that ends the change.
func (a *applier) apply(ctx context.Context) (change.Step, error) {
	switch {
	case a.run.resumed:
		if err := a.settleEventually(ctx); err != nil {
			return change.Step{}, err
		}
	case a.change.Approval != nil || a.change.AppliedAt.Sub(a.change.CreatedAt) > planHolds:
		drifted, err := a.drift(ctx)
		if err != nil {
			return change.Step{To: change.StatusStale, Reason: "its targets could not be read again (" + a.explain(ctx, err).Error() + ")"}, nil
		}
		if drifted != "" {
			return change.Step{To: change.StatusStale, Reason: drifted}, nil
		}
	}
	bulk, single := a.route(a.change.Items)
	if len(bulk) > 0 {
		leftover, err := a.applyBulk(ctx, bulk, single)
		if err != nil {
			return change.Step{}, err
		}
		single = slices.DeleteFunc(slices.Concat(leftover, single), func(i int) bool { return a.change.Items[i].Outcome != change.Pending })
	}
	if err := a.applySingly(ctx, single); err != nil {
		return change.Step{}, err
	}
	return change.Step{To: change.CountItems(a.change.Items).Final()}, nil
}

// route splits the pending items: many contacts go through bulk jobs, few, and
// whatever a bulk job cannot do, are written one by one.
func (p *Pipeline) route(items []change.Item) (bulk, single []int) {
	for i := range items {
		if items[i].Outcome != change.Pending {
			continue
		}
		if bulkable(items[i].Patch) && !p.noBulk.Load() {
			bulk = append(bulk, i)
		} else {
			single = append(single, i)
		}
	}
	if len(bulk) <= directory.FewContacts {
		single = slices.Sorted(slices.Values(append(single, bulk...)))
		return nil, single
	}
	return bulk, single
}

// record stores outcomes, here and in the store. An item belongs to one
// goroutine at a time, so that no lock is needed.
func (a *applier) record(ctx context.Context, outcomes ...change.Recorded) error {
	if len(outcomes) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return errLeft // what could not be seen any more is nobody's failure
	}
	for at := range outcomes {
		a.admit(&outcomes[at])
	}
	if err := a.store.Record(ctx, a.change.ID, outcomes); err != nil {
		return fmt.Errorf("recording outcomes: %w", err)
	}
	for _, r := range outcomes {
		item := &a.change.Items[r.Index]
		item.Outcome, item.Failure = r.Outcome, r.Failure
	}
	a.run.done.Add(int64(len(outcomes)))
	return nil
}

// admit makes the failure of an item unknown that Intercom may yet write, unless
// the failure is Intercom's judgement of what was sent.
func (a *applier) admit(r *change.Recorded) {
	if r.Outcome != change.Failed || !a.mayLand[r.Index] {
		return
	}
	switch toolerr.Code(r.Code) {
	case toolerr.Busy, toolerr.RateLimited, toolerr.UpstreamUnavailable, toolerr.VersionUnsupported, toolerr.CredentialInvalid, toolerr.Internal:
		why := "; now: " + r.Reason
		if rest, unsent := strings.CutPrefix(r.Reason, "not sent: "); unsent {
			why = "; it is not sent again: " + rest
		}
		r.Outcome, r.Failure = change.Unknown, unknownOutcome("the server had stopped and may have sent it before, so that it can come about yet"+why, checkWith(a.change.Items[r.Index].Patch))
	}
}

// drift reads the targets again and says what moved since the plan; nothing
// moved when it returns "".
func (a *applier) drift(ctx context.Context) (string, error) {
	var ids []string
	for i := range a.change.Items {
		if item := &a.change.Items[i]; item.Outcome == change.Pending && readable(item) {
			ids = append(ids, item.TargetID)
		}
	}
	now, searched, err := directory.ReadFresh(ctx, a.client, ids)
	if err != nil {
		return "", err
	}
	var moved []string
	for i := range a.change.Items {
		item := &a.change.Items[i]
		var what string
		switch {
		case item.Outcome != change.Pending:
			continue
		case item.Patch.Op == change.SaveCompany && item.TargetID != "":
			what, err = a.companyDrift(ctx, item)
		case readable(item):
			what, err = a.driftOf(ctx, item, now[item.TargetID], searched)
		}
		if err != nil {
			return "", err
		}
		if what == isGone && len(moved) < driftsShown {
			what = a.whereGone(ctx, item.TargetID)
		}
		if what != "" {
			moved = append(moved, a.view.Who(item)+" "+what)
		}
	}
	if len(moved) > driftsShown {
		moved = append(moved[:driftsShown], fmt.Sprintf("and %d more", len(moved)-driftsShown))
	}
	return strings.Join(moved, "; "), nil
}

// driftsShown is of how many targets it is told what moved.
const driftsShown = 3

// isGone is what moved where a target cannot be read any more.
const isGone = "is gone"

// whereGone says where a contact went that is gone.
func (s *session) whereGone(ctx context.Context, id string) string {
	_, err := s.client.Contacts.Get(ctx, id)
	if into := whereMerged(err); into != "" {
		return "was merged into " + into
	}
	return isGone
}

// readable reports whether an item is of a contact that can be read before it
// is written.
func readable(item *change.Item) bool {
	return item.Patch.Traits().Target == change.TargetContact && item.Patch.Op != change.Create && item.Patch.Op != change.Unarchive
}

// driftOf says what moved on one contact. A search may be behind the times,
// so what looks moved there is read again by id.
func (a *applier) driftOf(ctx context.Context, item *change.Item, c *intercom.Contact, searched bool) (string, error) {
	if c == nil {
		return isGone, nil
	}
	image, err := a.image(ctx, c, item.Patch)
	if err != nil {
		return "", err
	}
	if sameImage(narrowed(item), image) {
		return "", nil
	}
	if searched {
		fresh, err := a.client.Contacts.Get(ctx, c.ID)
		if directory.Gone(err) {
			return isGone, nil
		}
		if err != nil {
			return "", err
		}
		return a.driftOf(ctx, item, &fresh, false)
	}
	before := narrowed(item)
	for _, name := range slices.Sorted(maps.Keys(before.Set)) {
		if !record.Same(name, before.Set[name], image.Set[name]) {
			return "has another " + name + " now", nil
		}
	}
	return "has other tags or companies now", nil
}

// narrowed is an item's before-image of what its patch still touches.
func narrowed(item *change.Item) change.Image {
	image := change.Image{Set: make(map[string]any, len(item.Patch.Set))}
	for name := range item.Patch.Set {
		image.Set[name] = item.Before.Set[name]
	}
	image.Tags = present(slices.Concat(item.Patch.AddTags, item.Patch.RemoveTags), item.Before.Tags)
	image.Companies = present(slices.Concat(item.Patch.AddCompanies, item.Patch.RemoveCompanies), item.Before.Companies)
	return image
}

// applySingly writes items one by one, a few at the same time. Once an outcome
// cannot be recorded, nothing more is sent. What is not begun when the change is
// stopped for good is recorded as that at once, however long the others take.
func (a *applier) applySingly(ctx context.Context, items []int) error {
	group, going := errgroup.WithContext(ctx)
	q := &queue{items: items}
	over := make(chan struct{})
	var workers sync.WaitGroup
	for range min(singleWorkers, len(items)) {
		workers.Add(1)
		group.Go(func() error {
			defer workers.Done()
			return a.work(going, ctx, q)
		})
	}
	group.Go(func() error {
		select {
		case <-over:
			return nil
		case <-a.stopped.Done():
		}
		if a.run.resumed || a.leaves() {
			return nil
		}
		return a.recordNotSent(ctx, q.rest())
	})
	workers.Wait()
	close(over)
	return group.Wait()
}

// work writes items of a queue until there are none, or going ends.
func (a *applier) work(going, ctx context.Context, q *queue) error {
	for going.Err() == nil {
		if a.leaves() {
			if len(q.rest()) > 0 {
				return errLeft
			}
			return nil
		}
		i, ok := q.next()
		if !ok {
			return nil
		}
		if err := a.record(ctx, a.applySafely(ctx, i)); err != nil {
			return err
		}
	}
	return nil
}

// queue hands out items, each once. It is safe for concurrent use.
type queue struct {
	mu    sync.Mutex
	items []int
}

// next takes the first item.
func (q *queue) next() (item int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return 0, false
	}
	item, q.items = q.items[0], q.items[1:]
	return item, true
}

// rest takes all that are left.
func (q *queue) rest() []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	rest := q.items
	q.items = nil
	return rest
}

// applySafely writes one item; a panic makes that item unknown, and the others
// go on.
func (a *applier) applySafely(ctx context.Context, i int) (r change.Recorded) {
	defer func() {
		if caught := recover(); caught != nil {
			r = a.panicked(ctx, i, caught)
		}
	}()
	return a.applyOne(ctx, i)
}

// panicked logs a panic, and is the outcome of the item that it happened to.
func (a *applier) panicked(ctx context.Context, i int, caught any) change.Recorded {
	a.log.ErrorContext(ctx, "applying an item panicked", "change", a.change.ID, "panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
	return change.Recorded{Index: i, Outcome: change.Unknown, Failure: unknownOutcome("the server failed while writing it; read it back before going on", "get_contact")}
}

// notSent is the outcome of an item that was never sent.
func (a *applier) notSent(i int) change.Recorded {
	what, why := "not sent", "the server was stopped"
	if a.tried[i] {
		what = "left undone by a bulk job, and not sent again"
	}
	switch {
	case a.cancelled() && a.run.resumed:
		why = "the change was cancelled, or its server stopped"
	case a.cancelled():
		why = "the change was cancelled"
	}
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{Code: string(toolerr.Busy), Reason: what + ": " + why}}
}

// recordNotSent records items that were never sent, all in one step.
func (a *applier) recordNotSent(ctx context.Context, items []int) error {
	outcomes := make([]change.Recorded, len(items))
	for at, i := range items {
		outcomes[at] = a.notSent(i)
	}
	return a.record(ctx, outcomes...)
}

func setOf(list []int) map[int]bool {
	set := make(map[int]bool, len(list))
	for _, i := range list {
		set[i] = true
	}
	return set
}
