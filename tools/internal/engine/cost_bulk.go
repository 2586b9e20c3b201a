package engine

import (
	"time"

	"intercom-mcp/tools/internal/directory"
)

// usualJob is how long a bulk job is taken to take before one was seen to end.
const usualJob = 600 * time.Millisecond

// bulkForecast adds what bulk jobs take to a forecast: it goes on as [bulkRun] does, where nothing fails.
type bulkForecast struct {
	sum     *forecast
	typical time.Duration
	open    []jobForecast
	ended   int // items of ended jobs, to be read back
}

// jobForecast is a job under way.
type jobForecast struct {
	items int
	sent  time.Duration
}

// run writes items, and each of the trials before the next job.
func (b *bulkForecast) run(items int, trials []int) {
	for items > 0 {
		size := min(items, BulkChunk)
		if len(trials) > 0 {
			size = min(size, trials[0])
		}
		if len(b.open) == JobsAtOnce {
			b.finishOldest()
		}
		items -= size
		b.sum.ask(1, b.sum.pace.Write)
		b.open = append(b.open, jobForecast{size, b.sum.took})
		if len(trials) > 0 {
			trials = trials[1:]
			b.settle()
		}
	}
	b.settle()
}

// settle waits for the jobs under way to end, and reads all back.
func (b *bulkForecast) settle() {
	for len(b.open) > 0 {
		b.finishOldest()
	}
	if b.ended > 0 {
		b.readPage()
	}
}

// finishOldest looks at the oldest job until it has ended, and reads back what fills a page.
func (b *bulkForecast) finishOldest() {
	oldest := b.open[0]
	b.open = b.open[1:]
	for looks := lookAt(b.typical, b.sum.took-oldest.sent); ; looks.next() {
		b.sum.took += looks.pause
		b.sum.ask(1, b.sum.pace.Read)
		age := b.sum.took - oldest.sent
		if age >= b.sum.job {
			b.typical = looks.ended(age)
			break
		}
		looks.unfinished = age
	}
	if b.ended += oldest.items; b.ended >= directory.PageOfContacts {
		b.readPage()
	}
}

// readPage reads a page of the ended items back.
func (b *bulkForecast) readPage() {
	b.sum.ask(1, b.sum.pace.Search)
	b.ended -= min(b.ended, directory.PageOfContacts)
}
