package change

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"intercom-mcp/policy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// planned is a change of principal ann with n items.
func planned(status Status, n int) Change {
	c := Change{ID: NewID(), Principal: "ann", Tool: "update_contact", Binding: "b", Status: status, Title: "update", CreatedAt: epoch}
	for i := range n {
		c.Items = append(c.Items, Item{Contact: fmt.Sprint(i), Patch: Patch{Set: map[string]any{"name": "x"}}})
	}
	return c
}

func create(t *testing.T, s Store, c Change) Change {
	t.Helper()
	if err := s.Create(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTransitions walks every step of every pair of statuses: what the table
// allows happens, and nothing else does.
func TestTransitions(t *testing.T) {
	want := map[Status][]Status{
		StatusAwaiting: {StatusApplying, StatusDeclined, StatusExpired, StatusCancelled},
		StatusApproved: {StatusApplying},
		StatusApplying: {StatusApplied, StatusPartial, StatusFailed, StatusUnknown, StatusStale},
		StatusApplied:  {StatusUndone},
		StatusPartial:  {StatusUndone},
		StatusUnknown:  {StatusApplied, StatusPartial, StatusFailed, StatusUndone},
	}
	for _, from := range Statuses() {
		for _, to := range Statuses() {
			s := NewMemory(10)
			c := create(t, s, planned(from, 1))
			after, err := s.Advance(context.Background(), c.ID, Step{To: to, At: epoch})
			allowed := false
			for _, next := range want[from] {
				allowed = allowed || next == to
			}
			switch {
			case allowed && (err != nil || after.Status != to):
				t.Errorf("%s to %s: %v", from, to, err)
			case !allowed && (!errors.Is(err, ErrMoved) || after.Status != from):
				t.Errorf("%s to %s: status %s, error %v", from, to, after.Status, err)
			}
		}
		if from.Ended() == (from == StatusAwaiting || from == StatusApproved || from == StatusApplying) {
			t.Errorf("%s ended: %t", from, from.Ended())
		}
	}
}

// TestAdvanceOnce has many callers take the same step: one of them does.
func TestAdvanceOnce(t *testing.T) {
	s := NewMemory(10)
	c := create(t, s, planned(StatusAwaiting, 1))
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := s.Advance(context.Background(), c.ID, Step{To: StatusApplying, At: epoch, Approval: &Approval{Level: policy.LevelUser}})
			if err == nil {
				won.Add(1)
			} else if !errors.Is(err, ErrMoved) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d callers started the change", won.Load())
	}
}

func TestMemoryGet(t *testing.T) {
	s := NewMemory(10)
	ctx := context.Background()
	c := create(t, s, planned(StatusApproved, 2))
	for _, test := range []struct{ principal, id string }{{"bob", c.ID}, {"ann", NewID()}} {
		if _, err := s.Get(ctx, test.principal, test.id); !errors.Is(err, ErrNotFound) {
			t.Errorf("%v: %v", test, err)
		}
	}
	if err := s.Record(ctx, c.ID, []Recorded{{Index: 1, Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "why"}}, {Index: 0, Outcome: Changed, Contact: "new", Created: "new"}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(ctx, "ann", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []Item{
		{Contact: "new", Created: "new", Outcome: Changed, Patch: c.Items[0].Patch},
		{Contact: "1", Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "why"}, Patch: c.Items[1].Patch},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	got.Items[0].Outcome = Unknown
	if again, _ := s.Get(ctx, "ann", c.ID); again.Items[0].Outcome != Changed {
		t.Error("a copy that was handed out changes the store")
	}
	if n := CountItems(got.Items); n.Final() != StatusUnknown || n.Total() != 2 {
		t.Errorf("count %+v", n)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Get(cancelled, "ann", c.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

func TestFinal(t *testing.T) {
	for _, test := range []struct {
		count Count
		want  Status
	}{
		{Count{Changed: 2}, StatusApplied},
		{Count{Unchanged: 1}, StatusApplied},
		{Count{}, StatusApplied},
		{Count{Changed: 1, Failed: 1}, StatusPartial},
		{Count{Failed: 2}, StatusFailed},
		{Count{Changed: 1, Unknown: 1}, StatusUnknown},
		{Count{Failed: 1, Pending: 1}, StatusUnknown},
	} {
		if got := test.count.Final(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.count, got, test.want)
		}
	}
}

func TestMemoryList(t *testing.T) {
	s := NewMemory(3)
	ctx := context.Background()
	var ids []string
	for i := range 5 {
		c := planned(StatusApproved, 1)
		if i == 0 { // the oldest, and the only one that has not ended
			c.Status = StatusAwaiting
		}
		ids = append(ids, create(t, s, c).ID)
		if i > 0 {
			for _, to := range []Status{StatusApplying, StatusApplied} {
				if _, err := s.Advance(ctx, c.ID, Step{To: to, At: epoch}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	list := func(q Query) []string {
		summaries, err := s.List(ctx, "ann", q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, summary := range summaries {
			got = append(got, summary.ID)
		}
		return got
	}
	// Capacity 3: of the ended ones the oldest are forgotten, what waits stays.
	if diff := cmp.Diff([]string{ids[4], ids[3], ids[0]}, list(Query{Limit: 10})); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{ids[4]}, list(Query{Limit: 1})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{ids[3], ids[0]}, list(Query{Limit: 10, After: ids[4]})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{ids[0]}, list(Query{Limit: 10, Status: StatusAwaiting})); diff != "" {
		t.Error(diff)
	}
}

// TestWritten adds up what nobody confirmed, over ten minutes.
func TestWritten(t *testing.T) {
	s := NewMemory(100)
	ctx := context.Background()
	start := func(n int, at time.Time, approval *Approval) Change {
		c := create(t, s, planned(StatusApproved, n))
		if _, err := s.Advance(ctx, c.ID, Step{To: StatusApplying, At: at, Approval: approval}); err != nil {
			t.Fatal(err)
		}
		return c
	}
	start(1, epoch, nil)
	start(2, epoch.Add(5*time.Minute), &Approval{Level: policy.LevelAgent})
	start(4, epoch.Add(6*time.Minute), &Approval{Level: policy.LevelUser})
	unchanged := start(8, epoch.Add(6*time.Minute), nil)
	if err := s.Record(ctx, unchanged.ID, []Recorded{{Index: 0, Outcome: Unchanged}, {Index: 1, Outcome: Failed}}); err != nil {
		t.Fatal(err)
	}
	create(t, s, planned(StatusAwaiting, 16))
	for since, want := range map[time.Duration]int{0: 1 + 2 + 6, time.Minute: 2 + 6, 7 * time.Minute: 0} {
		if got, err := s.Written(ctx, "ann", epoch.Add(since)); err != nil || got != want {
			t.Errorf("since %v: %d %v, want %d", since, got, err, want)
		}
	}
	if got, _ := s.Written(ctx, "bob", epoch); got != 0 {
		t.Errorf("another principal wrote %d", got)
	}
}

func TestLatest(t *testing.T) {
	s := NewMemory(10)
	ctx := context.Background()
	create(t, s, planned(StatusAwaiting, 1))
	newest := create(t, s, planned(StatusAwaiting, 1))
	if got, err := s.Latest(ctx, "ann", "b"); err != nil || got.ID != newest.ID {
		t.Errorf("%s %v, want %s", got.ID, err, newest.ID)
	}
	for _, other := range [][2]string{{"bob", "b"}, {"ann", "other"}} {
		if _, err := s.Latest(ctx, other[0], other[1]); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q: %v", other, err)
		}
	}
}

func TestID(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := NewID()
		if !IsID(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"", "chg_", "chg_0123456789abcdefghjkmnpqrs0", "CHG_0123456789abcdefghjkmnpqrs", "chg_0123456789abcdefghjkmnpqri"} {
		if IsID(id) {
			t.Errorf("%q passes for an id", id)
		}
	}
}
