package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
)

var epoch = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// onEachStore runs a test of the contract of [Store] on every kind of it.
func onEachStore(t *testing.T, test func(t *testing.T, s Store)) {
	t.Run("memory", func(t *testing.T) { test(t, NewMemory(1000)) })
	t.Run("sqlite", func(t *testing.T) { test(t, openTemp(t)) })
}

// openTemp opens a store in a file of the test's own.
func openTemp(t testing.TB) *SQLite {
	return openAt(t, filepath.Join(t.TempDir(), "state", "changes.db"))
}

// openAt opens a store until the test ends.
func openAt(t testing.TB, path string) *SQLite {
	t.Helper()
	s, err := OpenSQLite(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// planned is a change of principal ann with n items.
func planned(status Status, n int) Change {
	c := Change{ID: NewID(), Principal: "ann", Tool: "update_contact", Binding: "b", Fingerprint: "b", Status: status, Verb: "update", CreatedAt: epoch}
	for i := range n {
		c.Items = append(c.Items, Item{TargetID: fmt.Sprint(i), Patch: Patch{Set: map[string]any{"name": "x"}}})
	}
	return c
}

func create(t *testing.T, s Store, c Change) Change {
	t.Helper()
	if _, err := s.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func advance(t *testing.T, s Store, id string, step Step) Change {
	t.Helper()
	c, err := s.Advance(t.Context(), id, step)
	if err != nil {
		t.Fatalf("to %s: %v", step.To, err)
	}
	return c
}

var yes = &Approval{Level: policy.LevelUser, By: "ann", At: epoch}

// ways leads to each status: the one at creation, and the steps from there.
var ways = map[Status][]Status{
	StatusAwaiting:  {StatusAwaiting},
	StatusApproved:  {StatusApproved},
	StatusApplying:  {StatusApproved, StatusApplying},
	StatusApplied:   {StatusApproved, StatusApplying, StatusApplied},
	StatusPartial:   {StatusApproved, StatusApplying, StatusPartial},
	StatusFailed:    {StatusApproved, StatusApplying, StatusFailed},
	StatusUnknown:   {StatusApproved, StatusApplying, StatusUnknown},
	StatusDeclined:  {StatusAwaiting, StatusDeclined},
	StatusExpired:   {StatusAwaiting, StatusExpired},
	StatusCancelled: {StatusAwaiting, StatusCancelled},
	StatusStale:     {StatusAwaiting, StatusApplying, StatusStale},
	StatusUndone:    {StatusApproved, StatusApplying, StatusApplied, StatusUndone},
}

// reach creates a change and takes it to a status.
func reach(t *testing.T, s Store, status Status) Change {
	t.Helper()
	way := ways[status]
	c := create(t, s, planned(way[0], 1))
	for _, to := range way[1:] {
		advance(t, s, c.ID, Step{To: to, At: epoch, Approval: yes})
	}
	return c
}

// TestTransitions walks every step of every pair of statuses: what the table
// allows happens, and nothing else does.
func TestTransitions(t *testing.T) {
	want := map[Status][]Status{
		StatusAwaiting: {StatusApplying, StatusDeclined, StatusExpired, StatusCancelled},
		StatusApproved: {StatusApplying, StatusExpired, StatusCancelled},
		StatusApplying: {StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStale},
		StatusApplied:  {StatusUndone},
		StatusPartial:  {StatusUndone},
		StatusUnknown:  {StatusApplied, StatusPartial, StatusFailed, StatusUndone},
	}
	onEachStore(t, func(t *testing.T, s Store) {
		for _, from := range Statuses() {
			for _, to := range Statuses() {
				c := reach(t, s, from)
				after, err := s.Advance(t.Context(), c.ID, Step{To: to, At: epoch, Approval: yes})
				allowed := false
				for _, next := range want[from] {
					allowed = allowed || next == to
				}
				switch {
				case allowed && (err != nil || after.Status != to):
					t.Errorf("%s to %s: %v", from, to, err)
				case !allowed && (!errors.Is(err, ErrStatusChanged) || after.Status != from || after.ID != c.ID):
					t.Errorf("%s to %s: status %s, error %v", from, to, after.Status, err)
				}
			}
			if from.Ended() == (from == StatusAwaiting || from == StatusApproved || from == StatusApplying) {
				t.Errorf("%s ended: %t", from, from.Ended())
			}
		}
	})
}

func TestCreate(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		for _, status := range Statuses() {
			_, err := s.Create(t.Context(), planned(status, 1), nil)
			if ok := status == StatusAwaiting || status == StatusApproved; (err == nil) != ok {
				t.Errorf("created %s: %v", status, err)
			}
		}
		c := create(t, s, planned(StatusAwaiting, 1))
		again := c
		again.Principal = "bob"
		if _, err := s.Create(t.Context(), again, nil); err == nil {
			t.Error("two changes with one id")
		}
		if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Principal != "ann" {
			t.Errorf("the first of them: %+v, %v", got, err)
		}
	})
}

// TestApproval starts changes that wait with every yes there is.
func TestApproval(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		for _, needed := range []policy.Level{policy.LevelNone, policy.LevelAgent, policy.LevelUser, policy.LevelApprover} {
			approvals := []*Approval{nil}
			for level := policy.LevelNone; level <= policy.LevelApprover; level++ {
				approvals = append(approvals, &Approval{Level: level, By: "ann", At: epoch})
			}
			for _, approval := range approvals {
				c := planned(StatusAwaiting, 1)
				c.Level = needed
				create(t, s, c)
				after, err := s.Advance(t.Context(), c.ID, Step{To: StatusApplying, At: epoch, Approval: approval})
				if approval != nil && approval.Level >= needed {
					if err != nil || after.Status != StatusApplying || *after.Approval != *approval {
						t.Errorf("needs %v, got %v: %+v, %v", needed, approval, after, err)
					}
				} else if !errors.Is(err, ErrUnapproved) || after.Status != StatusAwaiting || after.Approval != nil {
					t.Errorf("needs %v, got %v: %+v, %v", needed, approval, after, err)
				}
			}
		}
	})
}

// TestAdvanceOnce has many callers take the same step: one of them does.
func TestAdvanceOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := create(t, s, planned(StatusAwaiting, 1))
		var won atomic.Int32
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_, err := s.Advance(t.Context(), c.ID, Step{To: StatusApplying, At: epoch, Approval: yes})
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, ErrStatusChanged) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d callers started the change", won.Load())
		}
	})
}

// TestNotFound asks for changes that are not there, or are somebody else's.
func TestNotFound(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := create(t, s, planned(StatusApproved, 1))
		for _, test := range []struct{ principal, id string }{{"bob", c.ID}, {"ann", NewID()}, {"", c.ID}} {
			if status, err := s.Status(t.Context(), test.principal, test.id); !errors.Is(err, ErrNotFound) || status != "" {
				t.Errorf("%s: %q, %v", test.id, status, err)
			}
			if got, err := s.Get(t.Context(), test.principal, test.id); !errors.Is(err, ErrNotFound) || got.ID != "" {
				t.Errorf("%v: %v", test, err)
			}
		}
		if _, err := s.Advance(t.Context(), NewID(), Step{To: StatusApplying}); !errors.Is(err, ErrNotFound) {
			t.Errorf("a step: %v", err)
		}
		if err := s.Record(t.Context(), NewID(), nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("a record: %v", err)
		}
	})
}

// full is a change with something in every field.
func full() Change {
	c := Change{
		ID: NewID(), Principal: "ann", Tool: "update_contact", Binding: "b", Fingerprint: "b", Status: StatusAwaiting, Level: policy.LevelUser,
		Decision: policy.Decision{
			Verdict: policy.Confirm, Level: policy.LevelUser, Fallback: true,
			Reasons: []policy.Reason{{Rule: "many", Verdict: policy.Confirm, Level: policy.LevelUser, Text: "more than 10"}},
		},
		Revision: "r1", Verb: "update <ada> & \u2028 co", SideEffects: []string{"a\nb"}, Irreversible: "why", Masked: []string{"phone"}, Conflicts: []string{"l"}, Notes: []string{"n1", "n2"},
		CreatedAt: epoch.Add(123456789 * time.Nanosecond), ExpiresAt: epoch.Add(time.Hour), Undoes: NewID(),
	}
	values := map[string]any{
		"name": "Ada \"O'Brien\" \x7f \U0001f600", "unsubscribed_from_emails": true, "phone": nil, "owner_id": json.Number("12345678901234567890"),
		"custom_attributes.n": json.Number("0.10000000000000000555"), "custom_attributes.e": json.Number("-1E+400"), "custom_attributes.empty": "",
	}
	c.Items = []Item{
		{
			TargetID: "507f1f77bcf86cd799439011", Label: "ada@example.com",
			Patch: Patch{
				Set: values, AddTags: []Ref{{ID: "1", Name: "VIP"}}, RemoveTags: []Ref{{ID: "2"}},
				AddCompanies: []Ref{{ID: "3", Name: "Acme", Key: "acme"}}, RemoveCompanies: []Ref{{ID: "4"}},
				Note: &Note{Body: "<b>hi</b>", Admin: "5"},
			},
			Before: Image{Set: values, Tags: []string{"2"}, Companies: []string{"4"}, Notes: []string{"5"}},
		},
		{Label: "skipped", Outcome: Unchanged},
	}
	return c
}

// TestRoundTrip gets back what was put in, to the last digit.
func TestRoundTrip(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		want := create(t, s, full())
		check := func() {
			t.Helper()
			got, err := s.Get(t.Context(), "ann", want.ID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		check()
		approval := *yes
		stepped := advance(t, s, want.ID, Step{To: StatusApplying, At: epoch.Add(time.Second), Approval: &approval})
		want.Status, want.Approval, want.AppliedAt = StatusApplying, yes, epoch.Add(time.Second)
		approval.By = "eve" // what was given is not kept
		if diff := cmp.Diff(want, stepped); diff != "" {
			t.Errorf("after a step (-want +got):\n%s", diff)
		}
		check()
		failure := Failure{Code: "conflict", Reason: "why", Facts: map[string]any{"existing": "1", "ids": []any{"a", true, json.Number("7")}}}
		if err := s.Record(t.Context(), want.ID, []Recorded{{Index: 0, Outcome: Failed, Failure: failure, TargetID: "new", Created: "made"}}); err != nil {
			t.Fatal(err)
		}
		item := &want.Items[0]
		item.Outcome, item.Failure, item.TargetID, item.Created = Failed, failure, "new", "made"
		check()
		advance(t, s, want.ID, Step{To: StatusFailed, At: epoch.Add(time.Minute), Reason: "none"})
		want.Status, want.EndedAt, want.Reason = StatusFailed, epoch.Add(time.Minute), "none"
		check()
	})
}

// TestCopies changes what was handed out: the store does not.
func TestCopies(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := full()
		create(t, s, c)
		c.Items[1].Outcome, c.Notes[0] = Failed, "other"
		got := advance(t, s, c.ID, Step{To: StatusApplying, At: epoch, Approval: yes})
		if got.Items[1].Outcome != Unchanged || got.Notes[0] != "n1" {
			t.Error("what was handed in changes the store")
		}
		got.Items[1].Outcome, got.Notes[0], got.Approval.By = Failed, "other", "eve"
		again, err := s.Get(context.Background(), "ann", c.ID)
		if err != nil || again.Items[1].Outcome != Unchanged || again.Notes[0] != "n1" || again.Approval.By != "ann" {
			t.Errorf("a copy that was handed out changes the store: %+v, %v", again, err)
		}
	})
}
