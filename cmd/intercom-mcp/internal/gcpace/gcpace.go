// Package gcpace sets how often the garbage collector runs, in the place of Go's one percentage for heaps of every
// size. To import it is enough. Where the environment has GOGC, that holds instead.
//
// While the program starts the collector does not run: the schema libraries and the protocol buffers allocate 3 MB in
// their initialization, so that with Go's default the first collection falls in the middle of the start, where nearly
// all of the heap is in use. It was measured to cost 1 of 12 ms, 3 of CPU time, and to free next to nothing. The spec
// has packages initialized in the order of their import paths, as soon as what they import is, and this one imports
// little; so it comes before the schema libraries. It raises GOGC to 250, and with it the least heap at which the
// collector runs from 4 to 10 MB, and begins at 0.7 of that: a start allocates 5 MB. A program that allocates more than
// that in that time does collect.
//
// From then on a heap of up to 6 MB grows by as much between collections, as it does with Go's default, and a larger
// one by 6 MB, or by [Least] where that is more: that keeps 3 MB out of a change of 10,000 contacts.
package gcpace

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	startPercent = 250                    // GOGC while the program starts
	startTime    = 100 * time.Millisecond // by when a start is over, on a slow machine too
	growth       = 6 << 20                // of the heap between collections, in bytes
	most         = 100                    // GOGC after the start, for heaps of up to 6 MB
	step         = 10                     // by less GOGC is not changed: that stops the world
)

var (
	mu      sync.Mutex
	least   = 75 // GOGC after the start, for large heaps
	current = startPercent
)

func init() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(startPercent)
	time.AfterFunc(startTime, afterEach)
}

// Least sets the least GOGC. It is safe for concurrent use, and counts from the next collection on.
func Least(percent int) {
	mu.Lock()
	defer mu.Unlock()
	least = percent
}

// afterEach sets GOGC, and has itself called again after the next collection, which finds that nothing refers to an
// object.
func afterEach() {
	adjust()
	runtime.AddCleanup(new([64]byte), func(struct{}) { afterEach() }, struct{}{})
}

// adjust sets GOGC by what the last collection found in use.
func adjust() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	mu.Lock()
	defer mu.Unlock()
	percent := percentOf(sample[0].Value.Uint64(), least)
	if percent > current-step && percent < current+step {
		return
	}
	current = percent
	debug.SetGCPercent(percent)
}

// percentOf is GOGC for so many bytes in use.
func percentOf(live uint64, least int) int {
	return max(least, int(min(100*growth/max(live, 1), most)))
}
