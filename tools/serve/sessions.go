package serve

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/server"
)

// sessions knows which principal owns which session of the handshake era.
// Nobody else's requests reach a session, however they came by its id; and an
// id that was never issued, or has ended, is unknown. It is safe for
// concurrent use.
type sessions struct {
	mu    sync.Mutex
	owner map[string]string // principal by session id
	count map[string]int    // sessions by principal
}

func newSessions() *sessions {
	return &sessions{owner: make(map[string]string), count: make(map[string]int)}
}

// owns reports whether the session exists and is the principal's.
func (s *sessions) owns(principal, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owner[id]
	return ok && owner == principal
}

// full reports whether the principal has as many sessions as it may.
func (s *sessions) full(principal string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[principal] >= maxSessionsEach
}

// ResolveSessionIdManager implements [server.SessionIdManagerResolver]. The
// request is nil when mcp-go ends a session on its own.
func (s *sessions) ResolveSessionIdManager(r *http.Request) server.SessionIdManager {
	if r == nil {
		return sessionsOf{sessions: s}
	}
	return sessionsOf{s, exchangeFrom(r.Context()).principal.name}
}

// sessionsOf is one principal's view; the guard has checked the ownership of
// any id that gets here.
type sessionsOf struct {
	*sessions
	principal string
}

var errNoSession = errors.New("no such session")

// Generate implements [server.SessionIdManager].
func (s sessionsOf) Generate() string {
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owner[id] = s.principal
	s.count[s.principal]++
	return id
}

// Validate implements [server.SessionIdManager].
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	if !s.owns(s.principal, id) {
		return false, errNoSession
	}
	return false, nil
}

// Terminate implements [server.SessionIdManager].
func (s sessionsOf) Terminate(id string) (refused bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if owner, ok := s.owner[id]; ok {
		delete(s.owner, id)
		if s.count[owner]--; s.count[owner] == 0 {
			delete(s.count, owner)
		}
	}
	return false, nil
}
