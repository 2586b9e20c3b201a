package serve

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

// sessions knows which principal owns which session of the handshake era.
// Nobody else's requests reach a session, however they came by its id; and an
// id that was never issued, or has ended, is unknown. It is safe for
// concurrent use.
type sessions struct {
	mu   sync.Mutex
	byID map[string]*owned
}

// owned is one session.
type owned struct {
	principal string
	used      time.Time
}

func newSessions() *sessions { return &sessions{byID: make(map[string]*owned)} }

// use reports whether the session exists and is the principal's.
func (s *sessions) use(principal, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.byID[id]
	if !ok || session.principal != principal {
		return false
	}
	session.used = time.Now()
	return true
}

// surplus returns the principal's session that has been idle for longest, once
// the principal has as many as it may: few clients end theirs.
func (s *sessions) surplus(principal string) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	var oldest time.Time
	for candidate, session := range s.byID {
		if session.principal != principal {
			continue
		}
		count++
		if id == "" || session.used.Before(oldest) {
			id, oldest = candidate, session.used
		}
	}
	return id, count >= maxSessionsEach
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
	s.byID[id] = &owned{s.principal, time.Now()}
	return id
}

// Validate implements [server.SessionIdManager].
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	if !s.use(s.principal, id) {
		return false, errNoSession
	}
	return false, nil
}

// Terminate implements [server.SessionIdManager].
func (s sessionsOf) Terminate(id string) (refused bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
	return false, nil
}
