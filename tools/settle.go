package tools

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// settleEventually settles the change, however long Intercom may not answer.
func (a *applier) settleEventually(ctx context.Context) error {
	a.fresh = make(map[int]bool)
	defer a.run.waits.Store(nil)
	for {
		known := len(a.fresh)
		err := a.settle(ctx)
		var upstream *intercom.Error
		if err == nil || !errors.As(err, &upstream) {
			return err
		}
		pause := resumeEvery
		if len(a.fresh) > known { // it gets on
			pause = settleAgain
		}
		waits := a.explain(ctx, upstream).Message
		a.run.waits.Store(&waits)
		a.log.WarnContext(ctx, "resuming a change waits for Intercom", "change", a.change.ID, "settled", len(a.fresh), "err", upstream)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-a.stopped.Done():
			timer.Stop()
			if !a.cancelled() {
				return errLeft
			}
			a.mayLand = a.unsettled()
			return nil
		}
	}
}

// unsettled are the items of which it could not be read what became of them.
func (a *applier) unsettled() map[int]bool {
	items := make(map[int]bool)
	for i := range a.change.Items {
		if settles(&a.change.Items[i]) {
			items[i] = true
		}
	}
	return items
}

// maySend is how many items an earlier process may have sent beyond the last
// that is known to be written: those of the jobs under way, and those of ended
// ones that wait to fill a page.
const maySend = jobsAtOnce*bulkChunk + directory.PageOfContacts

// settleAgain is how long settling pauses where some contacts could be read, and
// others could not.
const settleAgain = 2 * time.Second

// settle reads back what an earlier process may have written, so that only
// what is left is sent: items that show what was to be written are done, the
// patches of the others shrink to what they do not show, and what somebody else
// wrote meanwhile is left alone. Operations whose writing begins with reading are
// left to themselves.
func (a *applier) settle(ctx context.Context) error {
	ids := a.toSettle()
	now, err := directory.ReadContacts(ctx, a.client, ids)
	if err != nil {
		return err
	}
	searched := len(ids) > directory.FewContacts
	var done []change.Recorded
	var open []int     // in the order in which they are sent
	var suspects []int // of them, those that a search shows to be somebody else's
	after := 0         // of them, those before which something is known to be written
	for i := range a.change.Items {
		item := &a.change.Items[i]
		switch {
		case !settles(item):
			if item.Outcome != change.Pending && item.Outcome != change.Unchanged {
				after = len(open)
			}
			continue
		case now[item.TargetID] == nil:
			continue // who is gone is told by writing
		}
		image, err := a.image(ctx, now[item.TargetID], item.Patch)
		if err != nil {
			return err
		}
		r, left := a.settleItem(i, image)
		switch {
		case r.Outcome == change.Changed:
			done = append(done, r)
			after = len(open)
			continue
		case r.Outcome == change.Failed && !searched:
			done = append(done, r)
			continue
		case r.Outcome == change.Failed:
			suspects = append(suspects, i)
		default:
			item.Patch = left
		}
		open = append(open, i)
	}
	sent := open[:min(after+maySend, len(open))]
	if a.inJobs() {
		a.mayLand = setOf(sent)
	}
	if searched {
		look := slices.Compact(slices.Sorted(slices.Values(slices.Concat(sent, suspects))))
		fresh, err := a.settleFresh(ctx, look)
		if err := a.record(ctx, slices.Concat(done, fresh)...); err != nil {
			return err
		}
		return err
	}
	return a.record(ctx, done...)
}

// inJobs reports whether the change was large enough for bulk jobs, which
// Intercom works on after whoever sent them is gone.
func (a *applier) inJobs() bool {
	updates := 0
	for i := range a.change.Items {
		if item := &a.change.Items[i]; item.Patch.Op == change.Update && item.Patch.Note == nil && item.Outcome != change.Unchanged {
			updates++
		}
	}
	return updates > directory.FewContacts && !a.noBulk.Load()
}

// settleItem compares an item with what its contact shows now: it is done, or
// somebody else's, or something is left to be written of it.
func (a *applier) settleItem(i int, image change.Image) (change.Recorded, change.Patch) {
	item := &a.change.Items[i]
	left := remaining(item.Patch, image)
	if len(left.Fields()) == 0 {
		return change.Recorded{Index: i, Outcome: change.Changed}, left
	}
	field := foreign(item, image)
	if field == "" {
		return change.Recorded{}, left
	}
	return foreignOutcome(i, field), left
}

// foreign names the first field that holds neither what it held when planned
// nor what was to be written, or "". Tags and companies are there or not, and so
// always one of the two.
func foreign(item *change.Item, now change.Image) string {
	for _, field := range slices.Sorted(maps.Keys(item.Patch.Set)) {
		if !record.Same(field, now.Set[field], item.Patch.Set[field]) && !record.Same(field, now.Set[field], item.Before.Set[field]) {
			return field
		}
	}
	return ""
}

// foreignOutcome leaves an item alone that somebody else has written to.
func foreignOutcome(i int, field string) change.Recorded {
	return change.Recorded{Index: i, Outcome: change.Failed, Failure: change.Failure{Code: string(toolerr.ChangeStale), Reason: field +
		" is neither what it was when planned nor what was to be written; it was left alone. Make the plan anew."}}
}

// settleFresh settles items by the ids of their contacts: what a search does
// not show may yet be there, and what it shows may be over. Where some cannot be
// read now, the others are settled all the same, and not read another time.
func (a *applier) settleFresh(ctx context.Context, items []int) ([]change.Recorded, error) {
	items = slices.DeleteFunc(slices.Clone(items), func(i int) bool { return a.fresh[i] })
	settled, failures := make([]change.Recorded, len(items)), make([]error, len(items))
	var group errgroup.Group
	group.SetLimit(directory.ReadersAtOnce)
	for at, i := range items {
		group.Go(func() error {
			settled[at], failures[at] = a.settleSafely(ctx, i)
			return nil
		})
	}
	_ = group.Wait() // each tells for itself
	for at, i := range items {
		if failures[at] == nil {
			a.fresh[i] = true
		}
	}
	done := slices.DeleteFunc(settled, func(r change.Recorded) bool { return r.Outcome == change.Pending })
	return done, errors.Join(failures...)
}

// settleSafely settles an item; a panic makes that item unknown, as it does when an
// item is written.
func (a *applier) settleSafely(ctx context.Context, i int) (r change.Recorded, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			r, err = a.panicked(ctx, i, caught), nil
		}
	}()
	return a.settleOne(ctx, i)
}

// settleOne settles an item by the id of its contact.
func (a *applier) settleOne(ctx context.Context, i int) (change.Recorded, error) {
	item := &a.change.Items[i]
	contact, err := a.client.Contacts.Get(ctx, item.TargetID)
	if directory.Gone(err) {
		return change.Recorded{}, nil // writing tells
	}
	if err != nil {
		return change.Recorded{}, err
	}
	image, err := a.image(ctx, &contact, item.Patch)
	if err != nil {
		return change.Recorded{}, err
	}
	r, left := a.settleItem(i, image)
	item.Patch = left
	return r, nil
}

// toSettle lists the contacts of the items that settle.
func (a *applier) toSettle() []string {
	var ids []string
	for i := range a.change.Items {
		if item := &a.change.Items[i]; settles(item) {
			ids = append(ids, item.TargetID)
		}
	}
	return ids
}

// settles reports whether an item is a plain update that is still pending.
func settles(item *change.Item) bool {
	return item.Outcome == change.Pending && item.Patch.Op == change.Update && item.Patch.Note == nil
}
