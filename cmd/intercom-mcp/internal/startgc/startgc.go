// Package startgc keeps the garbage collector from running while the program starts. To import it is enough.
//
// Why: the schema library and the protocol buffers allocate 3 MB in their initialization, so that with Go's default the
// first collection falls in the middle of the start, where nearly all of the heap is in use. It was measured to cost 1
// of 12 ms, 3 of CPU time, and to free next to nothing.
//
// How: the spec has packages initialized in the order of their import paths, as soon as what they import is, and this
// one imports little; so it comes before the schema library. It raises GOGC to 250, and with it the least heap at which
// the collector runs from 4 to 10 MB, and takes that back once the start is over. The collector begins at 0.7 of that:
// a start allocates 5 MB. A program that allocates more than that in that time does collect.
//
// Where the environment has GOGC, that holds.
package startgc

import (
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// startPercent is GOGC while the program starts.
const startPercent = 250

// startTime is by when a start is over.
const startTime = 40 * time.Millisecond

var (
	mu      sync.Mutex
	over    bool // the start is
	percent int  // GOGC after the start
	fixed   = os.Getenv("GOGC") != ""
)

func init() {
	if fixed {
		return
	}
	percent = debug.SetGCPercent(startPercent)
	time.AfterFunc(startTime, func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		debug.SetGCPercent(percent)
	})
}

// Then sets GOGC for the time after the start. It is safe for concurrent use.
func Then(gogc int) {
	mu.Lock()
	defer mu.Unlock()
	if percent = gogc; over && !fixed {
		debug.SetGCPercent(percent)
	}
}
