package serve

import "sync"

// slots caps the calls under way, in all and for each principal, so that one of them cannot starve the others. It is
// safe for concurrent use. A nil *slots caps nothing.
type slots struct {
	most, mostEach int

	mu    sync.Mutex
	taken int
	each  map[string]int
}

func newSlots(most, mostEach int) *slots {
	return &slots{most: most, mostEach: mostEach, each: make(map[string]int)}
}

// take takes a slot for the principal, to be freed once, or reports that none is left.
func (s *slots) take(principal string) (free func(), ok bool) {
	if s == nil {
		return func() {}, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.most || s.each[principal] >= s.mostEach {
		return nil, false
	}
	s.taken++
	s.each[principal]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.each[principal]--; s.each[principal] == 0 {
			delete(s.each, principal)
		}
	}, true
}
