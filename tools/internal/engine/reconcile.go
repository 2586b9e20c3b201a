package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// reconciler reads back what an earlier process may have written with updates, so that only what is left is sent: items
// that show what was to be written are done, of the others only what they do not show is sent, and what another client
// wrote meanwhile is skipped. Other operations reconcile item by item.
type reconciler struct {
	a     *applier
	fresh map[int]bool // items that were read by id since the change was resumed
	jobs  earlierJobs
}

func newReconciler(a *applier) *reconciler {
	return &reconciler{a: a, fresh: make(map[int]bool)}
}

// eventually reconciles the change once the bulk jobs that were sent have ended, however long Intercom may not answer.
func (rc *reconciler) eventually(ctx context.Context) (err error) {
	a := rc.a
	defer a.run.waits.Store(nil)
	if rc.jobs, err = a.awaitJobs(ctx); err != nil {
		return err
	}
	a.run.waits.Store(nil)
	for {
		known := len(rc.fresh)
		err := rc.reconcile(ctx)
		var upstream *intercom.Error
		if err == nil || !errors.As(err, &upstream) {
			return err
		}
		pause := resumeEvery
		if len(rc.fresh) > known { // it gets on
			pause = reconcileAgain
		}
		a.run.waits.Store(&waiting{a.words.Explain(ctx, upstream).Message, true})
		a.log.WarnContext(ctx, "resuming a change waits for Intercom", "change", a.change.ID, "reconciled", len(rc.fresh),
			"err", upstream)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errDeferred
		case <-a.run.halt.done: // it sends nothing more
			a.earlier.mayLand = rc.unread()
			return nil
		}
	}
}

// unread are the items that may have been sent, and of which it could not be read what became of them.
func (rc *reconciler) unread() map[int]bool {
	a := rc.a
	var open []int
	after := 0
	for i := range a.change.Items {
		item := &a.change.Items[i]
		switch {
		case reconcilable(item):
			open = append(open, i)
		case item.Outcome != change.Pending && item.Outcome != change.Unchanged:
			after = len(open)
		}
	}
	if !a.change.JobsOnRecord {
		return setOf(open)
	}
	return setOf(rc.maySent(open, after))
}

// MaxInFlight is how many items an earlier process may have sent beyond the last that is known to be written: those of
// the jobs under way, and those of ended ones that wait to fill a page.
const MaxInFlight = JobsAtOnce*BulkChunk + directory.PageOfContacts

// reconcileAgain is how long reconciling pauses where some contacts could be read, and others could not.
const reconcileAgain = 2 * time.Second

// reconcile reconciles all updates at once. What another client wrote meanwhile is skipped: see [judge.conflict].
func (rc *reconciler) reconcile(ctx context.Context) error {
	a := rc.a
	ids := rc.targets()
	now, err := directory.ReadContacts(ctx, a.client, ids, nil)
	if err != nil {
		return err
	}
	searched := len(ids) > directory.FewContacts // else each of them may have been sent
	found, err := rc.compare(ctx, now, searched)
	if err != nil {
		return err
	}
	sent := rc.maySent(found.open, found.after)
	maySent := setOf(sent)
	a.earlier.mayLand, a.earlier.gone = rc.mayLand(sent), make(map[int]bool)
	for _, i := range found.gone {
		a.earlier.gone[i] = maySent[i]
	}
	if !searched {
		return a.record(ctx, found.done...)
	}
	gone := setOf(found.gone)
	fresh, err := rc.freshly(ctx, slices.DeleteFunc(
		slices.Compact(slices.Sorted(slices.Values(slices.Concat(sent, found.suspects)))),
		func(i int) bool { return gone[i] }), maySent)
	return cmp.Or(a.record(ctx, slices.Concat(found.done, fresh)...), err)
}

// compared is what a first look at the contacts of all updates shows.
type compared struct {
	done     []change.Recorded
	open     []int // not done, in the order in which they are sent
	suspects []int // of them, those that a search shows to be modified elsewhere
	gone     []int // of them, those whose contacts cannot be read: writing tells why
	after    int   // of them, those before which something is known to be written
}

// compare compares the updates with what was read of their contacts, which a search may have shown.
func (rc *reconciler) compare(ctx context.Context, now map[string]*intercom.Contact, searched bool) (compared, error) {
	a := rc.a
	var found compared
	for i := range a.change.Items {
		item := &a.change.Items[i]
		switch {
		case !reconcilable(item):
			if item.Outcome != change.Pending && item.Outcome != change.Unchanged {
				found.after = len(found.open)
			}
			continue
		case now[item.TargetID] == nil:
			found.gone, found.open = append(found.gone, i), append(found.open, i)
			continue
		}
		image, err := contactImage(ctx, a.client, now[item.TargetID], item.Patch)
		if err != nil && !isUnreadable(err) {
			return found, err
		}
		r, left := a.judge.reconcile(ctx, i, image, maybeSent)
		switch {
		case err != nil: // nobody can tell
			found.done = append(found.done, a.judge.outcome(ctx, i, image, nil, err))
			continue
		case r.Outcome == change.Pending:
			a.earlier.left[i] = left
			if !searched {
				rc.leftUndone(ctx, i, image)
			}
		case left.Empty():
			found.done = append(found.done, r)
			found.after = len(found.open)
			continue
		case !searched:
			found.done = append(found.done, r)
			continue
		default:
			found.suspects = append(found.suspects, i)
		}
		found.open = append(found.open, i)
	}
	return found, nil
}

func setOf(list []int) map[int]bool {
	set := make(map[int]bool, len(list))
	for _, i := range list {
		set[i] = true
	}
	return set
}

// inJobs reports whether the change was large enough for bulk jobs, which Intercom works on after whoever sent them is
// gone.
func (rc *reconciler) inJobs() bool {
	a, updates := rc.a, 0
	for i := range a.change.Items {
		if item := &a.change.Items[i]; item.Patch.Traits().Bulk && item.Outcome != change.Unchanged {
			updates++
		}
	}
	return updates > directory.FewContacts && !a.noBulk.Load()
}

// reconcile compares an item with what its contact shows now: it is done, or modified elsewhere, or something is
// left to be sent of it.
func (j judge) reconcile(ctx context.Context, i int, image change.Image, sent attempt) (change.Recorded,
	change.Patch) {
	item := &j.change.Items[i]
	left := j.masking.unapplied(item, image)
	if left.Empty() {
		r := change.Recorded{Index: i}
		j.parts(ctx, &r, j.masking.states(item, image, nil), nil)
		return r, left
	}
	if field := j.masking.modifiedElsewhere(item, image); field != "" {
		return j.conflict(ctx, i, field, image, sent), left
	}
	return change.Recorded{}, left
}

// freshly reconciles items by reading their contacts by id, since a search may be behind the times. Where some cannot
// be read now, the others are reconciled all the same and not read again. maySent are the items that an earlier process
// may have sent.
func (rc *reconciler) freshly(ctx context.Context, items []int, maySent map[int]bool) ([]change.Recorded, error) {
	items = slices.DeleteFunc(slices.Clone(items), func(i int) bool { return rc.fresh[i] })
	outcomes, lefts, failures := make([]change.Recorded, len(items)), make([]change.Patch, len(items)),
		make([]error, len(items))
	images := make([]change.Image, len(items))
	var group errgroup.Group
	group.SetLimit(directory.ReadersAtOnce)
	for at, i := range items {
		group.Go(func() error {
			outcomes[at], lefts[at], images[at], failures[at] = rc.safely(ctx, i, attempt(maySent[i]))
			return nil
		})
	}
	_ = group.Wait() // each tells for itself
	for at, i := range items {
		if failures[at] == nil {
			rc.fresh[i] = true
			rc.a.earlier.left[i] = lefts[at]
			rc.leftUndone(ctx, i, images[at])
		}
	}
	done := slices.DeleteFunc(outcomes, func(r change.Recorded) bool { return r.Outcome == change.Pending })
	return done, errors.Join(failures...)
}

// safely reconciles an item by the id of its contact; a panic makes that item unknown, as it does when an item
// is written.
func (rc *reconciler) safely(ctx context.Context, i int, sent attempt) (r change.Recorded, left change.Patch,
	image change.Image, err error) {
	a := rc.a
	item := &a.change.Items[i]
	left = item.Patch
	defer func() {
		if caught := recover(); caught != nil {
			r, err = a.panicked(ctx, i, caught), nil
		}
	}()
	image, err = a.readImage(ctx, item.TargetID, item.Patch)
	switch {
	case directory.Gone(err):
		return change.Recorded{}, left, image, nil // writing tells
	case isUnreadable(err):
		return a.judge.outcome(ctx, i, image, nil, err), left, image, nil
	case err != nil:
		return change.Recorded{}, left, image, err
	}
	r, left = a.judge.reconcile(ctx, i, image, sent)
	return r, left, image, nil
}

// targets lists the contacts of the items that are reconciled together.
func (rc *reconciler) targets() []string {
	a := rc.a
	var ids []string
	for i := range a.change.Items {
		if item := &a.change.Items[i]; reconcilable(item) {
			ids = append(ids, item.TargetID)
		}
	}
	return ids
}

// reconcilable reports whether an item is still pending, and of the kind that bulk jobs do and searches read back.
func reconcilable(item *change.Item) bool {
	return item.Outcome == change.Pending && item.Patch.Traits().Bulk
}
