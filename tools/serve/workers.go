package serve

import "sync/atomic"

// workers runs functions in goroutines that stay for the next one: a goroutine of each request's own would grow its
// stack anew for each, which takes a seventh of a short call.
type workers struct {
	next  chan func()
	spare atomic.Int32
	done  <-chan struct{} // when the spare ones leave
}

// maxSpare is how many goroutines wait for work at most.
const maxSpare = stdioWorkers

func newWorkers(done <-chan struct{}) *workers { return &workers{next: make(chan func()), done: done} }

// run runs f in the background.
func (w *workers) run(f func()) {
	select {
	case w.next <- f:
	default:
		go w.work(f)
	}
}

func (w *workers) work(f func()) {
	for {
		f()
		if w.spare.Add(1) > maxSpare {
			w.spare.Add(-1)
			return
		}
		select {
		case f = <-w.next:
			w.spare.Add(-1)
		case <-w.done:
			return
		}
	}
}
