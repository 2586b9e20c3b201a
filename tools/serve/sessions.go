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
// id that was never issued, or has ended, is unknown. A session ends when it
// was idle for sessionIdle, but not while a request of its is under way, as
// mcp-go's would. It is safe for concurrent use.
type sessions struct {
	expired func(id, principal string) // ends an idle session

	mu   sync.Mutex
	byID map[string]*owned
}

// owned is one session.
type owned struct {
	principal string
	used      time.Time   // when its last request began or ended
	busy      int         // requests under way
	end       *time.Timer // fires when the session may have been idle for too long
}

func newSessions(expired func(id, principal string)) *sessions {
	return &sessions{expired: expired, byID: make(map[string]*owned)}
}

// use begins a request in a session, which stays at least until the request is
// done, or reports that the principal has no such session.
func (s *sessions) use(principal, id string) (done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, ok := s.byID[id]
	if !ok || session.principal != principal {
		return nil, false
	}
	session.used = time.Now()
	session.busy++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		session.used = time.Now()
		if session.busy--; session.busy == 0 && s.byID[id] == session {
			session.end.Reset(sessionIdle)
		}
	}, true
}

// expire ends a session, unless it has been used since its timer was set.
func (s *sessions) expire(id string) {
	s.mu.Lock()
	session, ok := s.byID[id]
	idle := ok && session.busy == 0 && time.Since(session.used) >= sessionIdle
	if idle {
		delete(s.byID, id)
	}
	s.mu.Unlock()
	if idle {
		s.expired(id, session.principal)
	}
}

// close ends the waiting for idle sessions, once nothing more is served.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.byID {
		session.end.Stop()
	}
}

// surplus returns the principal's session that has been idle for longest, once
// the principal has as many as it may: few clients end theirs.
func (s *sessions) surplus(principal string) (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := 0
	var oldest *owned
	for candidate, session := range s.byID {
		if session.principal != principal {
			continue
		}
		count++
		if oldest == nil || session.idlerThan(oldest) {
			id, oldest = candidate, session
		}
	}
	return id, count >= maxSessionsEach
}

// idlerThan reports whether a session is the one to end of two.
func (o *owned) idlerThan(other *owned) bool {
	if idle := o.busy == 0; idle != (other.busy == 0) {
		return idle
	}
	return o.used.Before(other.used)
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
	s.byID[id] = &owned{principal: s.principal, used: time.Now(), end: time.AfterFunc(sessionIdle, func() { s.expire(id) })}
	return id
}

// Validate implements [server.SessionIdManager].
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session, ok := s.byID[id]; !ok || session.principal != s.principal {
		return false, errNoSession
	}
	return false, nil
}

// Terminate implements [server.SessionIdManager].
func (s sessionsOf) Terminate(id string) (refused bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session, ok := s.byID[id]; ok {
		session.end.Stop()
		delete(s.byID, id)
	}
	return false, nil
}
