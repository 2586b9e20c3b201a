package changetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// clickOf is a person's request for a change.
func clickOf(id string, kind change.RequestKind) change.Request {
	return change.Request{Change: id, Kind: kind, By: change.Actor{By: "ops", Level: policy.LevelUser, Method: "oidc"},
		Person: policy.Person{Name: "Olga Ops", Email: "ops@example.com"}, Roles: []string{"operator"}}
}

func ask(t *testing.T, s change.Store, r change.Request) change.Request {
	t.Helper()
	asked, err := s.Shared().Requests.Ask(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return asked
}

func takeRequests(t *testing.T, s change.Store, lease time.Duration, kinds ...change.RequestKind) []change.Request {
	t.Helper()
	taken, err := s.Shared().Requests.Take(t.Context(), lease, 10, kinds...)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

// sameTimes compares times as instants.
var sameTimes = cmpopts.EquateApproxTime(0)

// testRequests has a request be asked, taken and answered once.
func testRequests(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusAwaiting, 1))
	requests := s.Shared().Requests
	if _, err := requests.Ask(t.Context(),
		clickOf(change.NewID(), change.RequestCheck)); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("about no change: %v", err)
	}
	if _, _, err := requests.Find(t.Context(), c.ID, change.RequestCheck); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	click := clickOf(c.ID, change.RequestCheck)
	asked := ask(t, s, click)
	if age := time.Since(asked.AskedAt); age < 0 || age > time.Minute || !asked.Open(asked.AskedAt) {
		t.Errorf("asked at %s", asked.AskedAt)
	}
	click.AskedAt = asked.AskedAt
	if diff := cmp.Diff(click, asked, sameTimes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	other := clickOf(c.ID, change.RequestCheck)
	other.By.By = "another"
	if again := ask(t, s, other); again.By.By != "ops" || !again.AskedAt.Equal(asked.AskedAt) {
		t.Errorf("asked for again while it is open: %+v", again)
	}
	if taken := takeRequests(t, s, time.Hour, change.RequestUndo); len(taken) > 0 {
		t.Errorf("of another kind: %+v", taken)
	}
	taken := takeRequests(t, s, time.Hour, change.RequestCheck, change.RequestUndo)
	asked.Taken = 1
	if diff := cmp.Diff([]change.Request{asked}, taken, sameTimes); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if more := takeRequests(t, s, time.Hour, change.RequestCheck); len(more) > 0 {
		t.Errorf("taken twice: %+v", more)
	}
	if r, answer, err := requests.Find(t.Context(), c.ID, change.RequestCheck); r.Taken != 1 || answer != nil ||
		err != nil {
		t.Errorf("while it is open: %+v, %+v, %v", r, answer, err)
	}
	verifyTrail(t, s)
}

// testRequestAnswered has a request be answered once, and asked again after that.
func testRequestAnswered(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusAwaiting, 1))
	requests := s.Shared().Requests
	click := clickOf(c.ID, change.RequestCheck)
	ask(t, s, click)
	taken := takeRequests(t, s, time.Hour, change.RequestCheck)
	want := change.Answer{Stale: true, Moved: []int{0}, Problem: "why"}
	if err := requests.Answer(t.Context(), taken[0], want); err != nil {
		t.Fatal(err)
	}
	r, answer, err := requests.Find(t.Context(), c.ID, change.RequestCheck)
	if diff := cmp.Diff(&want, answer, cmpopts.IgnoreFields(change.Answer{}, "At")); diff != "" || err != nil ||
		answer.At.Before(r.AskedAt) || r.By != click.By {
		t.Errorf("%+v, %+v, %v (-want +got):\n%s", r, answer, err, diff)
	}
	if err := requests.Answer(t.Context(), taken[0], change.Answer{}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("a second answer: %v", err)
	}
	other := clickOf(c.ID, change.RequestCheck)
	other.By.By = "another"
	if again := ask(t, s, other); again.By.By != "another" {
		t.Errorf("asked for again, after the answer: %+v", again)
	}
	if _, answer, err := requests.Find(t.Context(), c.ID, change.RequestCheck); answer != nil || err != nil {
		t.Errorf("asked for again: %+v, %v", answer, err)
	}
	if err := requests.Answer(t.Context(), taken[0], change.Answer{}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("an answer to the one before: %v", err)
	}
	verifyTrail(t, s)
}

// testRequestLease has another server take what the first one does not answer in time.
func testRequestLease(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusAwaiting, 1))
	requests := s.Shared().Requests
	asked := ask(t, s, clickOf(c.ID, change.RequestUndo))
	if err := requests.Answer(t.Context(), asked, change.Answer{}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("an answer of who has not taken it: %v", err)
	}
	first := takeRequests(t, s, 0, change.RequestUndo)
	second := takeRequests(t, s, time.Hour, change.RequestUndo)
	if len(first) != 1 || len(second) != 1 || second[0].Taken != 2 {
		t.Fatalf("%+v, then %+v", first, second)
	}
	for name, err := range map[string]error{
		"Answer": requests.Answer(t.Context(), first[0], change.Answer{Problem: "late"}),
		"Renew":  requests.Renew(t.Context(), first[0], time.Hour),
	} {
		if !errors.Is(err, change.ErrFenced) {
			t.Errorf("%s of who has lost it: %v", name, err)
		}
	}
	if err := requests.Renew(t.Context(), second[0], 0); err != nil {
		t.Error(err)
	}
	third := takeRequests(t, s, 0, change.RequestUndo)
	if len(third) != 1 {
		t.Fatalf("a lease that was renewed until now: %+v", third)
	}
	if err := requests.Renew(t.Context(), third[0], time.Hour); err != nil {
		t.Error(err)
	}
	if more := takeRequests(t, s, time.Hour, change.RequestUndo); len(more) > 0 {
		t.Errorf("taken while its lease lasts: %+v", more)
	}
	if err := requests.Answer(t.Context(), third[0], change.Answer{Change: "chg_undo"}); err != nil {
		t.Error(err)
	}
	if _, answer, err := requests.Find(t.Context(), c.ID, change.RequestUndo); err != nil || answer.Change != "chg_undo" {
		t.Errorf("%+v, %v", answer, err)
	}
	verifyTrail(t, s)
}

// testRequestBounds asks for more than a store keeps open.
func testRequestBounds(t *testing.T, s change.Store) {
	var last change.Change
	for range change.MaxRequests {
		last = Create(t, s, Planned(change.StatusAwaiting, 1))
		ask(t, s, clickOf(last.ID, change.RequestCheck))
	}
	requests := s.Shared().Requests
	if _, err := requests.Ask(t.Context(), clickOf(last.ID, change.RequestUndo)); !errors.Is(err, change.ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
	ask(t, s, clickOf(last.ID, change.RequestCheck)) // which is open already
	taken := takeRequests(t, s, time.Hour, change.RequestCheck)
	if len(taken) != 10 || taken[0].AskedAt.After(taken[9].AskedAt) {
		t.Fatalf("%d of at most 10: %+v", len(taken), taken)
	}
	if err := requests.Answer(t.Context(), taken[0], change.Answer{}); err != nil {
		t.Fatal(err)
	}
	ask(t, s, clickOf(last.ID, change.RequestUndo))
}
