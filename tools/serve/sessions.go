package serve

import (
	"crypto/rand"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/server"
)

// sessions knows which principal owns which session. Nobody else's requests reach a session, however they came by its
// id; and an id that was never issued, or has ended, is unknown. A session ends when it was idle for sessionIdle, but
// not while a request of its is under way, as mcp-go's would. It is safe for concurrent use.
type sessions struct {
	expired func(id, principal string) // ends an idle session

	lastID atomic.Int64 // of the elicitations in all sessions

	mu   sync.Mutex
	byID map[string]*session
}

func newSessions(expired func(id, principal string)) *sessions {
	return &sessions{expired: expired, byID: make(map[string]*session)}
}

// use begins a request in a session, which stays at least until the request is done, or reports that the principal has
// no such session.
func (s *sessions) use(principal, id string) (used *session, done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	used, ok = s.byID[id]
	if !ok || used.principal != principal {
		return nil, nil, false
	}
	used.used = time.Now()
	used.busy++
	return used, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		used.used = time.Now()
		if used.busy--; used.busy == 0 && s.byID[id] == used {
			used.idle.Reset(sessionIdle)
		}
	}, true
}

// expire ends a session, unless it has been used since its timer was set.
func (s *sessions) expire(id string) {
	s.mu.Lock()
	session, ok := s.byID[id]
	idle := ok && session.busy == 0 && time.Since(session.used) >= sessionIdle
	if idle {
		s.remove(id)
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
		session.idle.Stop()
	}
}

// add begins a session of the principal's, and ends those that have been idle for longest while there are more than a
// principal may have: few clients end theirs. It returns the ids of the ended ones.
func (s *sessions) add(principal, id string) (ended []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[id] = &session{
		principal: principal, used: time.Now(), idle: time.AfterFunc(sessionIdle, func() { s.expire(id) }),
		pending: newPendingElicitations(&s.lastID), ended: make(chan struct{}), requests: make(map[string]func()),
	}
	for {
		surplus, ok := s.surplus(principal, id)
		if !ok {
			return ended
		}
		s.remove(surplus)
		ended = append(ended, surplus)
	}
}

// surplus returns the session to end of a principal that has too many, but not the newest. s.mu is held.
func (s *sessions) surplus(principal, newest string) (id string, ok bool) {
	count := 0
	var oldest *session
	for candidate, session := range s.byID {
		if session.principal != principal {
			continue
		}
		count++
		if candidate != newest && (oldest == nil || session.idlerThan(oldest)) {
			id, oldest = candidate, session
		}
	}
	return id, count > maxSessionsEach
}

// remove ends a session, if it is there. s.mu is held.
func (s *sessions) remove(id string) {
	if session, ok := s.byID[id]; ok {
		session.idle.Stop()
		close(session.ended)
		delete(s.byID, id)
	}
}

// ResolveSessionIdManager implements [server.SessionIdManagerResolver]. The request is nil when mcp-go ends a session
// on its own.
func (s *sessions) ResolveSessionIdManager(r *http.Request) server.SessionIdManager {
	if r == nil {
		return sessionsOf{sessions: s}
	}
	return sessionsOf{s, exchangeFrom(r.Context())}
}

// sessionsOf is the view of one request; the guard has checked who owns any id that gets here.
type sessionsOf struct {
	sessions *sessions
	exchange *exchange
}

var errNoSession = errors.New("no such session")

// Generate implements [server.SessionIdManager]. The session begins only when initialize has succeeded; see
// [guard.commitSession].
func (s sessionsOf) Generate() string {
	s.exchange.issued = rand.Text()
	return s.exchange.issued
}

// Validate implements [server.SessionIdManager].
func (s sessionsOf) Validate(id string) (terminated bool, err error) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	if session, ok := s.sessions.byID[id]; !ok || session.principal != s.exchange.principal.Name {
		return false, errNoSession
	}
	return false, nil
}

// Terminate implements [server.SessionIdManager].
func (s sessionsOf) Terminate(id string) (refused bool, err error) {
	s.sessions.mu.Lock()
	defer s.sessions.mu.Unlock()
	s.sessions.remove(id)
	return false, nil
}
