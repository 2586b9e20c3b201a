package serve

import "sync/atomic"

// goroutines runs functions in goroutines that stay for the next one: a goroutine of each request's own would grow its
// stack anew for each, which takes a seventh of a short call.
type goroutines struct {
	next  chan func()
	spare atomic.Int32
	done  <-chan struct{} // when the spare ones leave
}

// maxSpare is how many goroutines wait for work at most.
const maxSpare = stdioWorkers

func newGoroutines(done <-chan struct{}) *goroutines {
	return &goroutines{next: make(chan func()), done: done}
}

// run runs f in the background.
func (g *goroutines) run(f func()) {
	select {
	case g.next <- f:
	default:
		go g.work(f)
	}
}

func (g *goroutines) work(f func()) {
	for {
		f()
		if g.spare.Add(1) > maxSpare {
			g.spare.Add(-1)
			return
		}
		select {
		case f = <-g.next:
			g.spare.Add(-1)
		case <-g.done:
			return
		}
	}
}
