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
	if len(bulk) > 0 {
		chunks := (len(bulk) + BulkChunk - 1) / BulkChunk
		requests += 2*chunks + (len(bulk)+directory.PageOfContacts-1)/directory.PageOfContacts
		took += time.Duration(chunks) * time.Second
	}
	for _, i := range single {
		steps := operationOf(items[i].Patch).requests(items[i].Patch)
		requests += steps
		took += time.Duration(steps) * 150 * time.Millisecond / SingleWorkers
	}
	return requests, took
}
