package engine

import (
	"slices"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// Cost estimates what the pending items of a change take that somebody agrees to, now or later: requests, and time
// where answers take as long as the latest did and nobody else uses the rate limit.
func (e *Engine) Cost(c *change.Change, now bool) (requests int, took time.Duration) {
	a := agreed(e, *c)
	bulk, single := a.route()
	f := forecast{pace: e.client.Pace(), job: time.Duration(e.jobTook.Load())}
	f.readBefore(c.Items)
	(&bulkForecast{sum: &f, typical: firstLook(len(bulk))}).run(len(bulk), a.trials(len(bulk)))
	f.oneByOne(c.Items, single, (&singleRun{a}).workers())
	priority := intercom.PriorityInteractive
	if a.run.total > directory.FewContacts {
		priority = intercom.PriorityBulk
	}
	return f.requests, e.client.Budget().Lasts(f.requests, f.took, priority, now)
}

// agreed works on a change as it will once somebody has agreed to it.
func agreed(e *Engine, c change.Change) *applier {
	if c.Approval == nil {
		c.Approval = &change.Approval{Level: c.Level}
	}
	return e.applier(&run{halt: newHalt(), total: change.CountItems(c.Items).Pending}, &c)
}

// forecast adds up what the work on a change takes, step by step as it is done.
type forecast struct {
	pace     intercom.Pace
	job      time.Duration // how long a bulk job takes
	requests int
	took     time.Duration
}

// ask adds requests, one after the other.
func (f *forecast) ask(requests int, each time.Duration) {
	f.requests += requests
	f.took += time.Duration(requests) * each
}

// readBefore adds reading the targets again, to see that nothing changed: see [directory.ReadFresh].
func (f *forecast) readBefore(items []change.Item) {
	read := 0
	for i := range items {
		if items[i].Outcome == change.Pending && operationOf(items[i].Patch).reads().drift {
			read++
		}
	}
	if read > directory.FreshContacts {
		f.ask(chunks(read, directory.PageOfContacts), f.pace.Search)
		return
	}
	f.requests += read
	f.took += time.Duration(chunks(read, directory.ReadersAtOnce)) * f.pace.Read
}

// oneByOne adds items that are written one by one: see [singleRun].
func (f *forecast) oneByOne(items []change.Item, single []int, workers int) {
	busy := make([]time.Duration, workers)
	for _, i := range single {
		requests := operationOf(items[i].Patch).requests(items[i].Patch)
		f.requests += requests
		next := slices.Index(busy, slices.Min(busy))
		busy[next] += f.pace.Write
		if requests > 1 { // the last one reads it back
			busy[next] += time.Duration(requests-2)*f.pace.Write + f.pace.Read
		}
	}
	f.took += slices.Max(busy)
}

// chunks is how many chunks of at most so many items it takes.
func chunks(items, most int) int { return (max(items, 0) + most - 1) / most }

// UnderWay is how many of the pending items may be in Intercom's hands at most when failures end the run. own is how
// many the change allows.
func (e *Engine) UnderWay(items []change.Item, own int) int {
	bulk, single := route(items, e.noBulk.Load())
	if len(bulk) == 0 {
		return min(len(single), SingleWorkers)
	}
	counts := tally{policy: e.policy().Limits.StopAfter, own: own}
	most := JobsAtOnce*BulkChunk + BulkChunk // of another, what filled no page to read back
	return min(len(bulk), most, max(BulkChunk, len(bulk)-counts.trial()-BulkChunk))
}
