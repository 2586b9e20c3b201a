package changetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// testSessionsEnded lists who is signed in, and ends the sessions of a person, whatever they are named by, for good and
// on record.
func testSessionsEnded(t *testing.T, s change.Store) {
	sessions, soon := s.Shared().Sessions, time.Now().Add(time.Hour).Round(0)
	if list, err := sessions.List(t.Context()); len(list) > 0 || err != nil {
		t.Errorf("before: %+v, %v", list, err)
	}
	Create(t, s, Planned(change.StatusAwaiting, 1)) // from here on there is a store
	want := keepSessions(t, s, soon)
	by := change.Actor{By: "ops", Level: policy.LevelUser, Method: "command"}
	end := func(whose string, n int) {
		t.Helper()
		if got, err := sessions.End(t.Context(), whose, by); got != n || err != nil {
			t.Errorf("of %q %d were ended, want %d; %v", whose, got, n, err)
		}
		list, err := sessions.List(t.Context())
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Errorf("after those of %q: %v (-want +got):\n%s", whose, err, diff)
		}
	}
	for _, nobody := range []string{"", "nobody@example.com", "idp#9", "ann", "\u200b"} {
		end(nobody, 0)
	}
	want = slices.Delete(want, 3, 7)
	end("ANN@example.com", 4)
	end("ann@example.com", 0)
	for i := range byte(4) {
		if _, err := sessions.Find(t.Context(), change.SessionKey{0: i}); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("session %d: %v", i, err)
		}
		if err := sessions.Renew(t.Context(), change.SessionKey{0: i}, soon); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("session %d is renewed: %v", i, err)
		}
	}
	want = want[1:]
	end(policy.LocalPrincipal, 1)
	want = want[1:]
	end("idp#oid-4", 1)
	want = nil
	end("idp#3", 1)
	if durable, ok := s.(change.Durable); ok {
		checkEnded(t, durable)
	}
}

// keepSessions keeps sessions of several people until a time, and one that is over, and returns those that last, the
// latest first.
func keepSessions(t *testing.T, s change.Store, soon time.Time) (want []change.KeptSession) {
	t.Helper()
	for i, of := range []change.Session{
		{Principal: "idp#1", Person: policy.Person{ID: "idp#oid-1", Name: "Ann", Email: "Ann@example.com"}},
		{Principal: "idp#1", Person: policy.Person{ID: "idp#oid-1", Name: "Ann", Email: "maiden@example.com"}},
		{Principal: "idp#2", Person: policy.Person{ID: "idp#oid-1", Email: "ann@Example.com", Unverified: true}},
		{Principal: "idp#5", Person: policy.Person{ID: "idp#oid-1"}},
		{Principal: "idp#3", Person: policy.Person{ID: "idp#oid-3", Email: "bob@example.com"}, Roles: []string{"leads"}},
		{Principal: "idp#4", Person: policy.Person{ID: "idp#oid-4"}},
		{Principal: policy.LocalPrincipal, Method: change.SignedInLocally},
		{Principal: "over", Person: policy.Person{Email: "bob@example.com"}},
	} {
		key, until := change.SessionKey{0: byte(i)}, soon
		if of.Principal == "over" {
			until = time.Now()
		}
		of.BegunAt, of.StartedAt, of.Form = time.Now(), Epoch, []byte{1}
		if err := s.Shared().Sessions.Keep(t.Context(), key, of, until); err != nil {
			t.Fatal(err)
		}
		if of.Form = nil; until == soon {
			want = append([]change.KeptSession{{Key: key, Session: of, Until: soon}}, want...)
		}
		time.Sleep(time.Microsecond) // the next one is later by the store's clock
	}
	return want
}

// checkEnded holds the trail to the sessions that testSessionsEnded ended.
func checkEnded(t *testing.T, s change.Durable) {
	t.Helper()
	var got []string
	for e, err := range s.Events(t.Context(), change.EventQuery{Kind: change.KindSessionEnded}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Facts["by"] != "ops" || e.Facts["method"] != "command" ||
			e.Facts["signed_in"] != Epoch.UTC().Format(change.EventTime) {
			t.Errorf("%+v", e)
		}
		got = append(got, e.Principal+" "+e.Facts["email"])
	}
	want := []string{"idp#5 ", "idp#2 ann@Example.com (not verified)", "idp#1 maiden@example.com", "idp#1 Ann@example.com",
		"local ", "idp#4 ", "idp#3 bob@example.com"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	verifyTrail(t, s)
}
