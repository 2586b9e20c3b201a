package changetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// testServers sees servers that are there, for as long as they say so.
func testServers(t *testing.T, s change.Store) {
	servers := s.Shared().Servers
	if list, err := servers.List(t.Context(), time.Hour); len(list) > 0 || err != nil {
		t.Errorf("before: %+v, %v", list, err)
	}
	Create(t, s, Planned(change.StatusAwaiting, 1)) // from here on there is a store
	seen := func(i change.Instance) {
		t.Helper()
		if err := servers.Seen(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	one := change.Instance{ID: "one", Version: "1.1.0", Workspace: "abc", Mode: "write", Revision: "r1"}
	seen(one)
	seen(change.Instance{ID: "two", Mode: "full", Revision: "r1"})
	one.Revision = "r2"
	seen(one)
	list, err := servers.List(t.Context(), time.Hour)
	if err != nil || len(list) != 2 || list[0].ID != "one" || list[1].ID != "two" {
		t.Fatalf("%+v, %v", list, err)
	}
	if age := time.Since(list[0].SeenAt); age < 0 || age > time.Minute {
		t.Errorf("seen at %s", list[0].SeenAt)
	}
	list[0].SeenAt = time.Time{}
	if diff := cmp.Diff(one, list[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if list, err := servers.List(t.Context(), -time.Second); len(list) > 0 || err != nil {
		t.Errorf("seen after now: %+v, %v", list, err)
	}
	for i := range change.MaxServers {
		seen(change.Instance{ID: fmt.Sprint(i)})
	}
	if list, err = servers.List(t.Context(), time.Hour); err != nil || len(list) != change.MaxServers ||
		list[len(list)-1].ID != "0" {
		t.Errorf("%d servers, %v", len(list), err)
	}
}

// testSessions keeps sessions until their time, or their end, 20 of each principal.
func testSessions(t *testing.T, s change.Store) {
	sessions, began := s.Shared().Sessions, time.Now()
	key := func(i int) change.SessionKey { return change.SessionKey{0: byte(i), 31: 7} }
	is := func(i int, want bool) {
		t.Helper()
		got, err := sessions.Find(t.Context(), key(i))
		if want && (err != nil || got.Principal == "") || !want && !errors.Is(err, change.ErrNotFound) {
			t.Errorf("session %d: %+v, %v", i, got, err)
		}
	}
	keep := func(i int, kept change.Session, until time.Time) {
		t.Helper()
		kept.BegunAt = began
		if err := sessions.Keep(t.Context(), key(i), kept, until); err != nil {
			t.Fatal(err)
		}
	}
	is(0, false)
	soon := began.Add(time.Hour)
	full := change.Session{Principal: "https://idp.example|1",
		Person: policy.Person{Name: "Ann", Email: "ann@example.com"},
		Roles:  []string{"approver", "leads"}, Method: "oidc", Issuer: "https://idp.example", StartedAt: Epoch,
		BegunAt: began, Form: []byte{1, 2, 3}}
	keep(0, full, soon)
	if got, err := sessions.Find(t.Context(), key(0)); err != nil || !cmp.Equal(full, got) {
		t.Errorf("%v (-want +got):\n%s", err, cmp.Diff(full, got))
	}
	is(1, false)
	keep(1, change.Session{Principal: "bob"}, time.Now())
	is(1, false) // its time has come
	keep(2, change.Session{Principal: "bob"}, soon)
	if err := sessions.Drop(t.Context(), key(2)); err != nil {
		t.Error(err)
	}
	is(2, false)
	if err := sessions.Drop(t.Context(), key(2)); err != nil {
		t.Errorf("dropped twice: %v", err)
	}
	for i := range change.MaxSessions + 1 {
		keep(10+i, change.Session{Principal: "carol"}, soon)
	}
	is(10, false)
	is(11, true)
	is(10+change.MaxSessions, true)
	is(0, true)
	if err := sessions.Renew(t.Context(), key(11), soon); err != nil {
		t.Error(err)
	}
	keep(40, change.Session{Principal: "carol"}, soon) // the one that was used longest ago gives way
	is(11, true)
	is(12, false)
	keep(11, change.Session{Principal: "carol"}, time.Now()) // replaced
	is(11, false)
}

// testSessionsRenewed has sessions last longer, and leaves those ended that are.
func testSessionsRenewed(t *testing.T, s change.Store) {
	sessions, soon := s.Shared().Sessions, time.Now().Add(time.Hour)
	full := change.Session{Principal: "ann", Roles: []string{"leads"}, BegunAt: time.Now(), StartedAt: Epoch,
		Form: []byte{1, 2, 3}}
	keep := func(i int, until time.Time) change.SessionKey {
		t.Helper()
		key := change.SessionKey{0: byte(i)}
		if err := sessions.Keep(t.Context(), key, full, until); err != nil {
			t.Fatal(err)
		}
		return key
	}
	renew := func(key change.SessionKey, until time.Time, want error) {
		t.Helper()
		if err := sessions.Renew(t.Context(), key, until); !errors.Is(err, want) {
			t.Errorf("session %d renewed: %v, want %v", key[0], err, want)
		}
	}
	over, dropped, lasts := keep(1, time.Now()), keep(2, soon), keep(3, soon)
	if err := sessions.Drop(t.Context(), dropped); err != nil {
		t.Error(err)
	}
	for _, key := range []change.SessionKey{over, dropped, {0: 4}} {
		renew(key, soon, change.ErrNotFound)
		if _, err := sessions.Find(t.Context(), key); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("session %d is back: %v", key[0], err)
		}
	}
	renew(lasts, soon.Add(time.Hour), nil)
	if got, err := sessions.Find(t.Context(), lasts); err != nil || !cmp.Equal(full, got) {
		t.Errorf("renewed: %v (-want +got):\n%s", err, cmp.Diff(full, got))
	}
	renew(lasts, time.Now(), nil)
	if _, err := sessions.Find(t.Context(), lasts); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("after its time: %v", err)
	}
}
