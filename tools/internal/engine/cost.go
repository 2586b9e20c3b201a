package engine

import (
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// Cost estimates what the pending items take: requests, and time where a request that has to wait for another takes
// 150 to 200 ms.
func (e *Engine) Cost(items []change.Item) (requests int, took time.Duration) {
	bulk, single := route(items, e.noBulk.Load())
	requests = len(bulk) + len(single) // reading before, to see that nothing changed
	took = time.Duration(requests/directory.ReadersAtOnce+1) * 200 * time.Millisecond
	if requests > directory.FreshContacts {
		requests = requests/directory.PageOfContacts + 1
		took = time.Duration(requests) * 200 * time.Millisecond
	}
	if rest := len(bulk) - TrialItems; len(bulk) > 0 {
		jobs := 1 + parts(rest, BulkChunk)
		// The first two jobs are read back by themselves.
		requests += 2*jobs + 1 + parts(min(rest, BulkChunk), BulkChunk) + parts(rest-BulkChunk, directory.PageOfContacts)
		took += time.Duration(jobs) * time.Second
	}
	for _, i := range single {
		steps := operationOf(items[i].Patch).requests(items[i].Patch)
		requests += steps
		took += time.Duration(steps) * 150 * time.Millisecond / SingleWorkers
	}
	return requests, took
}

// parts is how many parts of at most so many items it takes.
func parts(items, most int) int { return (max(items, 0) + most - 1) / most }

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
