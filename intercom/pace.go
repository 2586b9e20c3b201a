package intercom

import (
	"net/http"
	"sync"
	"time"
)

// usualPace is how long an answer is taken to take before there was one.
const usualPace = 170 * time.Millisecond

// paceOver is of how many answers the latest ones count: of fewer, all do alike.
const paceOver = 8

// Pace is how long Intercom takes for an answer, by what it is asked, from the request's leaving until all has come. It
// is learned from the latest answers; what was not asked yet is taken to take as long as the others.
type Pace struct {
	Read   time.Duration // a record, or a list
	Search time.Duration
	Write  time.Duration
}

// Pace returns how long Intercom takes for answers, of late.
func (c *Client) Pace() Pace {
	p := c.conn.pace
	p.mu.Lock()
	defer p.mu.Unlock()
	return Pace{Read: p.of(paceRead), Search: p.of(paceSearch), Write: p.of(paceWrite)}
}

// The kinds of requests that differ in how long they take, in the order in which one is taken for another.
const (
	paceRead = iota
	paceSearch
	paceWrite
	paceKinds
)

// pacing learns how long answers take. It is safe for concurrent use.
type pacing struct {
	mu    sync.Mutex
	kinds [paceKinds]struct {
		mean time.Duration
		n    int
	}
}

// learn counts an answer.
func (p *pacing) learn(class class, method string, took time.Duration) {
	kind := paceRead
	switch {
	case class.writes():
		kind = paceWrite
	case method == http.MethodPost:
		kind = paceSearch
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	k := &p.kinds[kind]
	k.n = min(k.n+1, paceOver)
	k.mean += (took - k.mean) / time.Duration(k.n)
}

// of is how long a kind of request takes; p.mu is held.
func (p *pacing) of(kind int) time.Duration {
	if k := &p.kinds[kind]; k.n > 0 {
		return k.mean
	}
	for i := range p.kinds {
		if p.kinds[i].n > 0 {
			return p.kinds[i].mean
		}
	}
	return usualPace
}
