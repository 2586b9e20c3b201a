package engine

import (
	"context"
	"slices"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

const (
	JobsAtOnce = 4                      // bulk jobs under way at the same time
	TrialItems = 20                     // contacts of the first job at most, where failures may end the run
	pollFirst  = time.Second            // before the first look at the first job
	pollLeast  = 100 * time.Millisecond // likewise where there are many to learn it for, and between two looks at least
	manyJobs   = 8 * JobsAtOnce         // of which a few more looks at the first one hardly count
	pollMost   = 8 * time.Second        // between two looks at most
	pollBlind  = time.Second            // how long a job is left alone at least that cannot be looked at
	pollFor    = 10 * time.Minute       // after which reading back has to do
)

// job is a chunk of items in Intercom's hands.
type job struct {
	id    string // empty where Intercom's answer was lost
	items []int
	sent  time.Time
}

// bulkRun applies items through bulk jobs: up to JobsAtOnce of 100 contacts each, read back in pages of 150 as they
// end. Where failures may end the run, a small job, and then one of 100, are each read back before the next one leaves.
type bulkRun struct {
	a        *applier
	rest     []int // not sent yet
	trials   []int // sizes of the jobs that are to be read back before the next one leaves
	others   []int // to be written one by one after that
	open     []job
	ended    []int         // in ended jobs, to be read back
	leftover []int         // not done, to be written one by one for Intercom's reason
	sent     int           // items of ended jobs that were read back since the last ones left over were written
	undone   int           // of them, those that their jobs left undone
	typical  time.Duration // how long a job takes, by the last ones
}

// applyBulk writes items through bulk jobs. It returns those which reading back shows undone, or which bulk jobs cannot
// take: writing them one by one does it, or brings the reason to light. Where the run is stopped for good before that,
// others have come to an outcome, too.
func (a *applier) applyBulk(ctx context.Context, items, others []int) ([]int, error) {
	b := &bulkRun{a: a, rest: items, others: others, typical: firstLook(len(items)), trials: a.trials(len(items))}
	for len(b.rest) > 0 && !a.run.halt.leaves() {
		if len(b.open) == JobsAtOnce {
			if err := b.finishOldest(ctx); err != nil {
				return nil, err
			}
			continue // it may have been stopped meanwhile
		}
		if err := b.giveUp(ctx); err != nil {
			return nil, err
		}
		if err := b.submitNext(ctx); err != nil {
			return nil, err
		}
	}
	if err := b.settle(ctx); err != nil {
		return nil, err
	}
	if len(b.rest) > 0 {
		return nil, errDeferred
	}
	return b.leftover, nil
}

// firstLook is how old the first job of so many items is when it is looked at first.
func firstLook(items int) time.Duration {
	if items > manyJobs*BulkChunk {
		return pollLeast
	}
	return pollFirst
}

// trials are the sizes of the jobs that are to be read back before the next one leaves.
func (a *applier) trials(items int) []int {
	if !a.tally.exceededBy(items, items) {
		return nil
	}
	return []int{a.tally.trial(), BulkChunk}
}

// submitNext hands the next chunk to Intercom. A trial is read back before it returns.
func (b *bulkRun) submitNext(ctx context.Context) error {
	size := BulkChunk
	if len(b.trials) > 0 {
		size = b.trials[0]
	}
	chunk := b.rest[:min(len(b.rest), size)]
	b.rest = b.rest[len(chunk):]
	if err := b.submit(ctx, chunk); err != nil || len(b.trials) == 0 {
		return err
	}
	b.trials = b.trials[1:]
	return b.settle(ctx)
}

// settle waits for the jobs under way to end, and reads back all that was sent.
func (b *bulkRun) settle(ctx context.Context) error {
	for len(b.open) > 0 {
		if err := b.finishOldest(ctx); err != nil {
			return err
		}
	}
	for len(b.ended) > 0 {
		if err := b.readPage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// giveUp records what is not sent yet as not sent, once the run is stopped for good: at once, since the jobs under way
// may take longer than the server lives.
func (b *bulkRun) giveUp(ctx context.Context) error {
	if !b.a.run.halt.final() {
		return nil
	}
	rest := slices.Concat(b.rest, b.leftover, b.others)
	b.rest, b.leftover, b.others = nil, nil, nil
	return b.a.recordNotSent(ctx, rest)
}

// submit hands a chunk to Intercom.
func (b *bulkRun) submit(ctx context.Context, chunk []int) error {
	if len(chunk) == 0 {
		return nil
	}
	if b.a.noBulk.Load() {
		b.leftover = append(b.leftover, chunk...)
		return nil
	}
	contacts := make([]intercom.BulkContact, len(chunk))
	for at, i := range chunk {
		contact, err := bulkContact(b.a.change.Items[i].TargetID, b.a.toSend(i))
		if err != nil {
			return err
		}
		contacts[at] = contact
	}
	record := change.NewJob(chunk, time.Now())
	if err := b.a.recordJob(ctx, record); err != nil {
		return err
	}
	sending, recall := intercom.WithRecall(ctx, b.a.run.halt.done)
	defer recall.End()
	submitted, err := b.a.client.Bulk.Update(sending, contacts)
	record.ID, record.Refused = submitted.ID, err != nil && intercom.KindOf(err) != intercom.KindOutcomeUnknown
	if record.ID != "" || record.Refused {
		if err := b.a.recordJob(ctx, record); err != nil {
			return err
		}
	}
	switch kind := intercom.KindOf(err); {
	case recall.Held():
		b.rest = slices.Concat(chunk, b.rest)
	case err == nil:
		b.open = append(b.open, job{submitted.ID, chunk, time.Now()})
		b.a.run.sent.Add(int64(len(chunk)))
	case kind == intercom.KindVersion:
		b.a.noBulk.Store(true) // this workspace has no bulk jobs
		b.leftover = append(b.leftover, chunk...)
	case kind == intercom.KindOutcomeUnknown:
		b.open = append(b.open, job{items: chunk, sent: time.Now()})
	case kind == intercom.KindInvalid:
		b.leftover = append(b.leftover, chunk...) // one bad item has the whole request refused
	default:
		return b.refused(ctx, chunk, err)
	}
	return nil
}

// refused records a chunk that Intercom did not take.
func (b *bulkRun) refused(ctx context.Context, chunk []int, err error) error {
	outcomes := make([]change.Recorded, len(chunk))
	failure := b.a.judge.cause(ctx, err)
	for at, i := range chunk {
		outcomes[at] = change.Recorded{Index: i, Outcome: change.Failed, Failure: failure}
	}
	return b.a.record(ctx, outcomes...)
}

// finishOldest waits for the oldest job to end, and reads back what fills a page of contacts.
func (b *bulkRun) finishOldest(ctx context.Context) error {
	oldest := b.open[0]
	b.open = b.open[1:]
	if _, err := b.poll(ctx, oldest); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errDeferred
	}
	b.ended = append(b.ended, oldest.items...)
	for len(b.ended) >= directory.PageOfContacts {
		if err := b.readPage(ctx); err != nil {
			return err
		}
	}
	return nil
}

// poll waits until a job has ended, or for ten minutes, which it reports. A job that cannot be seen to end is left to
// reading back.
func (b *bulkRun) poll(ctx context.Context, j job) (ended bool, err error) {
	if j.id == "" && time.Since(j.sent) < pollFor {
		_, err := b.pausing(ctx, max(b.typical, pollBlind)-time.Since(j.sent))
		return false, err
	}
	looks := lookAt(b.typical, time.Since(j.sent))
	for time.Since(j.sent) < pollFor {
		// A stop does not cut this short: what was sent is to be read back.
		if goesOn, err := b.pausing(ctx, looks.pause); err != nil || !goesOn {
			return false, err
		}
		found, err := b.a.client.Bulk.Job(ctx, j.id)
		age := time.Since(j.sent)
		switch {
		case err == nil && found.Done():
			b.learn(looks, age)
			return true, nil
		case err == nil && found.Going():
			looks.unfinished = age
		case err == nil, isUnreadable(err), isDefinitive(err) && intercom.KindOf(err) != intercom.KindRateLimited:
			// it is not seen to end
			_, err := b.pausing(ctx, pollBlind-age)
			return false, err
		}
		looks.next()
	}
	return true, nil
}

// learn takes from a job that was seen to end how long the next one takes, and the next change's: of one that the first
// look showed ended, it is known only that it takes no longer.
func (b *bulkRun) learn(looks looks, age time.Duration) {
	b.typical = looks.ended(age)
	if looks.unfinished > 0 || b.typical < time.Duration(b.a.jobTook.Load()) {
		b.a.jobTook.Store(int64(b.typical))
	}
}

// pausing sleeps, and reports whether ctx lives on. A stop does not wait for its end: see [bulkRun.giveUp].
func (b *bulkRun) pausing(ctx context.Context, d time.Duration) (goesOn bool, err error) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	stopped := b.a.run.halt.done
	for {
		select {
		case <-timer.C:
			return true, nil
		case <-ctx.Done():
			return false, nil
		case <-stopped:
			stopped = nil
			if err := b.giveUp(ctx); err != nil {
				return false, err
			}
		}
	}
}

// readPage reads back up to a page of the items of ended jobs. A hit of the search that shows the new values proves
// them; the rest is read by id, which is never behind the times, and what is still undone is left over. Where too much
// is left over, it is written at once, since the change may have to stop for its reasons.
func (b *bulkRun) readPage(ctx context.Context) error {
	page := b.ended[:min(len(b.ended), directory.PageOfContacts)]
	b.ended = b.ended[len(page):]
	ids := make([]string, len(page))
	for at, i := range page {
		ids[at] = b.a.change.Items[i].TargetID
	}
	found := make(map[string]*intercom.Contact, len(ids))
	// An error here costs only the short cut: everything is then read by id.
	if err := directory.SearchEach(ctx, b.a.client, "id", ids, func(c *intercom.Contact) { found[c.ID] = c }); err != nil {
		b.a.log.WarnContext(ctx, "reading back by search", "change", b.a.change.ID, "err", err)
	}
	var outcomes []change.Recorded
	for _, i := range page {
		if r, ok := b.readBack(ctx, i, found[b.a.change.Items[i].TargetID]); ok {
			outcomes = append(outcomes, r)
		}
	}
	b.sent += len(page)
	if err := b.a.record(ctx, outcomes...); err != nil {
		return err
	}
	if b.a.run.halt.stopped() || !b.a.tally.exceededBy(b.sent, b.undone) {
		return nil
	}
	leftover := b.leftover
	b.leftover, b.sent, b.undone = nil, 0, 0
	return (&singleRun{b.a}).write(ctx, leftover)
}

// readBack decides an item of an ended job, which a search may have found. false leaves it over: nothing of it, or not
// all of it, is done.
func (b *bulkRun) readBack(ctx context.Context, i int, found *intercom.Contact) (change.Recorded, bool) {
	item := &b.a.change.Items[i]
	if found != nil {
		image, err := contactImage(ctx, b.a.client, found, item.Patch)
		if err == nil {
			if left := unapplied(item, image); left.Empty() {
				return b.a.judge.outcome(ctx, i, image, nil, nil), true
			}
		}
	}
	image, err := b.a.readImage(ctx, item.TargetID, item.Patch)
	if err == nil {
		if left := unapplied(item, image); !left.Empty() {
			b.leftover = append(b.leftover, i)
			b.undone++
			b.a.undone[i] = b.a.judge.outcome(ctx, i, image, nil, nil)
			return change.Recorded{}, false
		}
	}
	return b.a.judge.outcome(ctx, i, image, nil, err), true
}

// bulkFields are the fields that a bulk job can set.
// https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/contacts/bulkupdatecontacts
var bulkFields = map[string]bool{
	"name": true, "email": true, "phone": true, "external_id": true, "owner_id": true, "avatar": true,
	"language_override": true, "unsubscribed_from_emails": true,
}

// bulkable reports whether a bulk job can do the whole of a patch. It cannot clear standard fields, which it takes as
// strings only.
func bulkable(p change.Patch) bool {
	if !p.Traits().Bulk {
		return false
	}
	for name, value := range p.Set {
		if !isAttribute(name) && (!bulkFields[name] || value == nil) {
			return false
		}
	}
	return !slices.ContainsFunc(slices.Concat(p.AddCompanies, p.RemoveCompanies),
		func(r change.Ref) bool { return r.Key == "" })
}

// bulkContact makes a bulk job's item of a patch.
func bulkContact(id string, p change.Patch) (intercom.BulkContact, error) {
	var b intercom.BulkContact
	if err := writeFields(p.Set, &b); err != nil {
		return b, err
	}
	b.ID = id
	for _, tag := range p.AddTags {
		b.Tags.Add = append(b.Tags.Add, tag.ID)
	}
	for _, tag := range p.RemoveTags {
		b.Tags.Remove = append(b.Tags.Remove, tag.ID)
	}
	for _, company := range p.AddCompanies {
		b.Companies = append(b.Companies, intercom.BulkCompany{CompanyID: company.Key})
	}
	for _, company := range p.RemoveCompanies {
		b.Companies = append(b.Companies, intercom.BulkCompany{CompanyID: company.Key, Remove: true})
	}
	return b, nil
}
