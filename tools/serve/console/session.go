package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

const (
	sessionLasts = 8 * time.Hour
	sessionIdle  = time.Hour   // without a request
	renewEvery   = time.Minute // a session in use is recorded as that so often
	sessionBytes = 16

	sessionCookie = "intercom-mcp-console"
	attemptCookie = "intercom-mcp-sign-in"
)

// sessions are those of people who are signed in. They are safe for concurrent use.
type sessions struct {
	store change.Sessions
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	renewed map[change.SessionKey]time.Time // when it was recorded last that a session is in use
}

func newSessions(store change.Sessions, log *slog.Logger, now func() time.Time) *sessions {
	return &sessions{store: store, log: log, now: now, renewed: make(map[change.SessionKey]time.Time)}
}

// open begins a session, and returns what its cookie has.
func (s *sessions) open(ctx context.Context, of change.Session) (string, error) {
	secret, form := make([]byte, sessionBytes), make([]byte, sha256.Size)
	_, _ = rand.Read(secret) // never fails
	_, _ = rand.Read(form)
	of.Form, of.StartedAt = form, s.now()
	key := change.SessionKey(sha256.Sum256(secret))
	err := s.store.Keep(ctx, key, of, s.until(of))
	if err == nil {
		s.keepTime(key)
	}
	return base64.RawURLEncoding.EncodeToString(secret), err
}

// until is how long a session lasts that is used now.
func (s *sessions) until(of change.Session) time.Time {
	until, last := s.now().Add(sessionIdle), of.StartedAt.Add(sessionLasts)
	if last.Before(until) {
		return last
	}
	return until
}

// keepTime remembers when it was recorded last that a session is in use.
func (s *sessions) keepTime(key change.SessionKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for known, at := range s.renewed {
		if s.now().Sub(at) > renewEvery {
			delete(s.renewed, known)
		}
	}
	s.renewed[key] = s.now()
}

// renew records that a session is in use, unless that was recorded lately. Where that fails, the session lasts as long
// as is recorded; one that has ended meanwhile is [change.ErrNotFound].
func (s *sessions) renew(ctx context.Context, key change.SessionKey, of change.Session) error {
	s.mu.Lock()
	at, known := s.renewed[key]
	s.mu.Unlock()
	if known && s.now().Sub(at) <= renewEvery {
		return nil
	}
	err := s.store.Renew(ctx, key, s.until(of))
	if errors.Is(err, change.ErrNotFound) {
		return err
	} else if err != nil {
		s.log.WarnContext(ctx, "it could not be recorded that a session of the console is in use", "err", err)
	}
	s.keepTime(key)
	return nil
}

// find returns the session of a cookie; false where there is none, or its time is over.
func (s *sessions) find(ctx context.Context, cookie string) (key change.SessionKey, of change.Session, ok bool,
	err error) {
	secret, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(secret) != sessionBytes {
		return key, of, false, nil
	}
	key = sha256.Sum256(secret)
	if of, err = s.store.Find(ctx, key); err == nil && s.now().Sub(of.StartedAt) >= sessionLasts {
		err = change.ErrNotFound
	}
	if err == nil {
		err = s.renew(ctx, key, of)
	}
	if errors.Is(err, change.ErrNotFound) {
		return key, of, false, nil
	}
	return key, of, err == nil, err
}

// visit finds who sends a request; nil where nobody is signed in.
func (c *Console) visit(r *http.Request) (*visit, error) {
	cookie, err := r.Cookie(c.cookieName(r, sessionCookie))
	if err != nil {
		return nil, nil
	}
	key, of, ok, err := c.sessions.find(r.Context(), cookie.Value)
	if !ok || err != nil {
		return nil, err
	}
	return &visit{key, of, &tools.Visitor{Principal: of.Principal, Person: of.Person, Roles: of.Roles,
		Method: of.Method}}, nil
}

// enter begins the session of somebody who signed in, in the place of the one that the browser had. The error is a
// [*auth.Refusal] where they have to begin again.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, of change.Session) error {
	old, err := c.visit(r)
	if err == nil && old != nil {
		err = c.sessions.store.Drop(r.Context(), old.key)
	}
	if err != nil {
		return err
	}
	secret, err := c.sessions.open(r.Context(), of)
	switch {
	case errors.Is(err, change.ErrSignInOver):
		return &auth.Refusal{Status: http.StatusForbidden, Cause: err,
			Text: "this sign-in took too long, or an operator has signed you out meanwhile; begin it again"}
	case err != nil:
		return err
	}
	c.setCookie(w, r, sessionCookie, secret, http.SameSiteStrictMode, sessionLasts)
	c.log.InfoContext(r.Context(), "signed in to the console", "principal", of.Principal, "method", of.Method)
	return nil
}

// signOut ends the session.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request, v *visit) {
	if err := c.sessions.store.Drop(r.Context(), v.key); err != nil {
		c.fail(w, r, v, err)
		return
	}
	c.setCookie(w, r, sessionCookie, "", http.SameSiteStrictMode, -1)
	http.Redirect(w, r, root+"/sign-in", http.StatusSeeOther)
}

// setCookie sets a cookie that no script reads and no other host sets, or with a time below 0 takes it away.
func (c *Console) setCookie(w http.ResponseWriter, r *http.Request, name, value string, site http.SameSite,
	lasts time.Duration) {
	age := int(lasts.Seconds())
	if lasts < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{Name: c.cookieName(r, name), Value: value, Path: "/", HttpOnly: true, Secure: c.secure,
		SameSite: site, MaxAge: age})
}

// cookieName is the name of a cookie: one that no other host can set, where connections are secured, and else one of
// the port, since programs on other ports of the machine get it, too.
func (c *Console) cookieName(r *http.Request, name string) string {
	if c.secure {
		return "__Host-" + name
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		return name + "-" + port
	}
	return name
}
