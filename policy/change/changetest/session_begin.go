package changetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// testSignInEnded refuses the session of a sign-in that began before the sessions of its person were ended, by whatever
// name, or too long ago, and keeps all others.
func testSignInEnded(t *testing.T, s change.Store) {
	sessions := s.Shared().Sessions
	begin := func() time.Time {
		t.Helper()
		at, err := sessions.Begin(t.Context())
		if err != nil || time.Since(at).Abs() > time.Minute {
			t.Fatal(at, err)
		}
		return at
	}
	keep := func(what string, of change.Session, begun time.Time, want error) {
		t.Helper()
		of.BegunAt = begun
		key := change.SessionKey{1}
		if err := sessions.Keep(t.Context(), key, of, time.Now().Add(time.Hour)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		if _, err := sessions.Find(t.Context(), key); (err == nil) != (want == nil) {
			t.Errorf("%s: %v", what, err)
		}
		if err := sessions.Drop(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
	ann := change.Session{Principal: "idp#1", Person: policy.Person{ID: "idp#oid-1", Email: "Änn@example.com"}}
	married := ann
	married.Principal, married.Person.Email = "idp#2", "cooper@example.com"
	bob := change.Session{Principal: "idp#9", Person: policy.Person{ID: "idp#oid-9", Email: "bob@example.com"}}
	over := change.ErrSignInOver
	keep("that never began", ann, time.Time{}, over)
	keep("too long ago", ann, begin().Add(-change.SignInLasts-time.Minute), over)
	keep("that has yet to begin", ann, begin().Add(time.Minute), over)
	keep("a while ago", ann, begin().Add(time.Minute-change.SignInLasts), nil)
	for _, name := range []string{"äNN@EXAMPLE.com", "idp#oid-1", "idp#1"} {
		before := begin()
		end(t, sessions, name, 0)
		keep("before the end of "+name, ann, before, over)
		keep("another's", bob, before, nil)
		keep("after the end of "+name, ann, begin(), nil)
	}
	before := begin()
	first := ann
	first.BegunAt = before
	if err := sessions.Keep(t.Context(), change.SessionKey{}, first, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	end(t, sessions, "ÄNN@example.com", 1)
	end(t, sessions, "", 0)
	keep("by another client and e-mail", married, before, over)
	keep("of nobody known", change.Session{Principal: "idp#8"}, before, nil)
	keep("after it, by another client and e-mail", married, begin(), nil)
}

// end ends the sessions of a person, of whom there are so many.
func end(t *testing.T, s change.Sessions, whose string, want int) {
	t.Helper()
	if n, err := s.End(t.Context(), whose, change.Actor{By: "ops"}); n != want || err != nil {
		t.Errorf("of %q %d were ended, want %d; %v", whose, n, want, err)
	}
}

// testSignInRaced ends the sessions of a person while several of their sign-ins are finished: none of them lasts.
func testSignInRaced(t *testing.T, s change.Store) {
	sessions := s.Shared().Sessions
	for round := range byte(5) {
		begun, err := sessions.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for i := range byte(4) {
			all.Go(func() {
				of := change.Session{Principal: "ann", BegunAt: begun}
				err := sessions.Keep(t.Context(), change.SessionKey{round, i}, of, time.Now().Add(time.Hour))
				if err != nil && !errors.Is(err, change.ErrSignInOver) {
					t.Error(err)
				}
			})
		}
		if _, err := sessions.End(t.Context(), "ann", change.Actor{By: "ops"}); err != nil {
			t.Error(err)
		}
		all.Wait()
		if list, err := sessions.List(t.Context()); len(list) > 0 || err != nil {
			t.Fatalf("they last: %+v, %v", list, err)
		}
	}
}
