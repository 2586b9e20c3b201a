package serve

import "sync"

// inflight counts the requests under way, so that a server which stops can tell when the last has its response while it
// still answers probes. It is safe for concurrent use.
type inflight struct {
	mu      sync.Mutex
	n       int
	closing bool
	idle    chan struct{} // closed when no request is under way, and none is to begin
}

func newInflight() *inflight { return &inflight{idle: make(chan struct{})} }

// enter begins a request, which ends with leave, or reports that none begins any more.
func (f *inflight) enter() (leave func(), ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closing {
		return nil, false
	}
	f.n++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.n--; f.n == 0 && f.closing {
			close(f.idle)
		}
	}, true
}

// close has nothing begin any more, once. The result is closed when nothing is under way.
func (f *inflight) close() (idle <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closing {
		f.closing = true
		if f.n == 0 {
			close(f.idle)
		}
	}
	return f.idle
}
