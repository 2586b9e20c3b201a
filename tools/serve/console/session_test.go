package console

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// racedSessions are sessions to which something happens while a request of theirs is served.
type racedSessions struct {
	change.Sessions
	found   func(change.SessionKey) // after one was found
	renewed error                   // of each renewal; nil: as it goes
}

// Find implements [change.Sessions].
func (s *racedSessions) Find(ctx context.Context, key change.SessionKey) (change.Session, error) {
	of, err := s.Sessions.Find(ctx, key)
	if err == nil && s.found != nil {
		s.found(key)
	}
	return of, err
}

// Renew implements [change.Sessions].
func (s *racedSessions) Renew(ctx context.Context, key change.SessionKey, until time.Time) error {
	if s.renewed != nil {
		return s.renewed
	}
	return s.Sessions.Renew(ctx, key, until)
}

// TestSessionEndsOnce leaves a session ended that another page of the browser was signed out of while this one was
// served, and shows pages while it cannot be recorded that a session is in use.
func TestSessionEndsOnce(t *testing.T) {
	t.Parallel()
	var shift time.Duration
	raced := new(racedSessions)
	w := newWorld(t, func(o *worldOptions) {
		o.Sessions, o.Now = raced, func() time.Time { return time.Now().Add(shift) }
	})
	raced.Sessions = w.store.Shared().Sessions
	nora := w.signIn("nora")

	shift = 2 * renewEvery
	raced.renewed = errors.Join(change.ErrUnavailable, errors.New("the database can only be read"))
	if status, page := nora.get("/console"); status != http.StatusOK {
		t.Errorf("while sessions cannot be written: %d %s", status, page)
	}

	shift, raced.renewed = 4*renewEvery, nil
	raced.found = func(key change.SessionKey) {
		if err := raced.Drop(t.Context(), key); err != nil {
			t.Error(err)
		}
	}
	if status, _ := nora.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("signed out while the page was served: %d", status)
	}
	raced.found = nil
	if status, _ := nora.get("/console"); status != http.StatusUnauthorized {
		t.Errorf("the session is back: %d", status)
	}
}
