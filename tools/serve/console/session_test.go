package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
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

// TestSignInEndedMeanwhile refuses a sign-in that somebody began before their sessions were ended, whether they had one
// or not, and takes others', and the next one.
func TestSignInEndedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere, err := sqlite.Open(w.path) // as another process has it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = elsewhere.Close() })
	w.signIn("vera")
	for person, ended := range map[string]int{"nora": 0, "vera": 1} {
		b, other := w.open(), w.open()
		link, others := b.beginSignIn(person), other.beginSignIn("tomas")
		n, err := elsewhere.Shared().Sessions.End(t.Context(), person+"@acme.example", change.Actor{By: "ops"})
		if n != ended || err != nil {
			t.Fatal(n, err)
		}
		status, page := b.finishSignIn(link)
		if status != http.StatusForbidden || !strings.Contains(page, "begin it again") {
			t.Errorf("%s: %d %s", person, status, page)
		}
		if status, _ := b.get("/console"); status != http.StatusUnauthorized {
			t.Errorf("%s is signed in: %d", person, status)
		}
		if status, page := other.finishSignIn(others); status != http.StatusOK {
			t.Errorf("another: %d %s", status, page)
		}
		w.signInWith(b, person)
	}
}

// TestSessionsEndedByOthers ends a person's sessions at the next request, at every server on the state, and lets them
// sign in again.
func TestSessionsEndedByOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere, err := sqlite.Open(w.path) // as another process has it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = elsewhere.Close() })
	replica, err := New(Options{Desk: w.pipeline.Console(elsewhere), Sessions: elsewhere.Shared().Sessions,
		SignIn: w.console.signIn, Public: w.site.URL})
	if err != nil {
		t.Fatal(err)
	}
	nora, vera := w.signIn("nora"), w.signIn("vera")
	want := func(when string, b *browser, status int) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, w.site.URL+"/console/changes", nil)
		for name, value := range b.cookies() {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		answer := httptest.NewRecorder()
		replica.ServeHTTP(answer, r)
		if got, _ := b.get("/console/changes"); got != status || answer.Code != status {
			t.Errorf("%s: %d, and %d at the replica, want %d", when, got, answer.Code, status)
		}
	}
	want("signed in", nora, http.StatusOK)
	_, page := nora.get("/console/freeze")
	form := nora.form(page, "/console/freeze", "reason", "why")
	n, err := elsewhere.Shared().Sessions.End(t.Context(), "NORA@acme.example", change.Actor{By: "ops"})
	if n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if status, _ := nora.send(http.MethodPost, "/console/freeze", form, "Origin", w.site.URL); status !=
		http.StatusUnauthorized {
		t.Errorf("a form of the session: %d", status)
	}
	want("ended", nora, http.StatusUnauthorized)
	want("another's", vera, http.StatusOK)
	want("signed in again", w.signInWith(nora, "nora"), http.StatusOK)
}
