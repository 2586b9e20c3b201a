package engine

import (
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// laterJob is how long each bulk job takes after the first two, of those that are under way at once: it is handed over
// and looked at.
const laterJob = 450 * time.Millisecond

// Cost estimates what the pending items take: requests, and time where a request that has to wait for another takes
// 150 to 200 ms, a bulk job one second, and nobody else uses the rate limit.
func (e *Engine) Cost(items []change.Item) (requests int, took time.Duration) {
	bulk, single := route(items, e.noBulk.Load())
	requests = len(bulk) + len(single) // reading before, to see that nothing changed
	took = time.Duration(requests/directory.ReadersAtOnce+1) * 200 * time.Millisecond
	if requests > directory.FreshContacts {
		requests = requests/directory.PageOfContacts + 1
		took = time.Duration(requests) * 200 * time.Millisecond
	}
	if rest := len(bulk) - TrialItems; len(bulk) > 0 {
		jobs := 1 + chunks(rest, BulkChunk)
		// The first two jobs are read back by themselves.
		pages := 1 + chunks(min(rest, BulkChunk), BulkChunk) + chunks(rest-BulkChunk, directory.PageOfContacts)
		requests += 2*jobs + pages
		took += time.Duration(min(jobs, 2))*time.Second + time.Duration(max(jobs-2, 0))*laterJob +
			time.Duration(pages)*200*time.Millisecond
	}
	for _, i := range single {
		steps := operationOf(items[i].Patch).requests(items[i].Patch)
		requests += steps
		took += time.Duration(steps) * 150 * time.Millisecond / SingleWorkers
	}
	return requests, max(took, e.client.Budget().Wait(requests, intercom.PriorityBulk))
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
