package tools

import (
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/directory"
)

// cost estimates what the pending items take: requests, and time where a request that has to wait for another takes
// 150 to 200 ms.
func (p *Pipeline) cost(items []change.Item) (requests int, took time.Duration) {
	bulk, single := p.route(items)
	requests = len(bulk) + len(single) // reading before, to see that nothing moved
	took = time.Duration(requests/directory.ReadersAtOnce+1) * 200 * time.Millisecond
	if requests > directory.FreshContacts {
		requests = requests/directory.PageOfContacts + 1
		took = time.Duration(requests) * 200 * time.Millisecond
	}
	if len(bulk) > 0 {
		chunks := (len(bulk) + bulkChunk - 1) / bulkChunk
		requests += 2*chunks + (len(bulk)+directory.PageOfContacts-1)/directory.PageOfContacts
		took += time.Duration(chunks) * time.Second
	}
	for _, i := range single {
		steps := 2 + len(items[i].Patch.AddTags) + len(items[i].Patch.RemoveTags) + len(items[i].Patch.AddCompanies) + len(items[i].Patch.RemoveCompanies)
		requests += steps
		took += time.Duration(steps) * 150 * time.Millisecond / singleWorkers
	}
	return requests, took
}
