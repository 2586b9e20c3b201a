package sandbox

import (
	"slices"
	"sync"
	"time"
)

// journalSize is how many calls are remembered, the newest ones.
const journalSize = 1 << 16

// Call is a request as the sandbox saw it.
type Call struct {
	Method string
	Path   string // as sent, still escaped
	Route  string // the operation, as "PUT /contacts/{id}"; "" when there is none
	// Version is the API version answered in; "" when none was agreed on.
	Version string
	// Status is the status answered; 0 when the connection broke or the caller gave up before there was any.
	Status int
	At     time.Time
}

// journal remembers the calls.
type journal struct {
	mu    sync.Mutex
	calls []Call
}

func (j *journal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.calls) == journalSize {
		j.calls = slices.Delete(j.calls, 0, journalSize/4)
	}
	j.calls = append(j.calls, c)
}

// Calls returns the requests so far in the order they were answered, the newest 65,536 of them at most.
func (s *Sandbox) Calls() []Call {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return slices.Clone(s.journal.calls)
}

// ResetCalls forgets the requests so far.
func (s *Sandbox) ResetCalls() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.calls = nil
}
