package change

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRecord stores outcomes while a change is being applied, all or none.
func TestRecord(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		for _, status := range Statuses() {
			c := reach(t, s, status)
			err := s.Record(t.Context(), c.ID, []Recorded{{Outcome: Changed}})
			if status == StatusApplying && err != nil || status != StatusApplying && !errors.Is(err, ErrStatusChanged) {
				t.Errorf("%s: %v", status, err)
			}
		}
		c := create(t, s, planned(StatusApproved, 2))
		advance(t, s, c.ID, Step{To: StatusApplying, At: epoch})
		for _, index := range []int{-1, 2} {
			if err := s.Record(t.Context(), c.ID, []Recorded{{Outcome: Changed}, {Index: index, Outcome: Changed}}); err == nil {
				t.Errorf("there is an item %d", index)
			}
		}
		got, err := s.Get(t.Context(), "ann", c.ID)
		if diff := cmp.Diff(Count{Pending: 2}, CountItems(got.Items)); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

// TestUnresolved ends the work on a change that nobody knows the outcome of: so
// is that of each item without one.
func TestUnresolved(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := create(t, s, planned(StatusApproved, 3))
		advance(t, s, c.ID, Step{To: StatusApplying, At: epoch})
		if err := s.Record(t.Context(), c.ID, []Recorded{{Index: 1, Outcome: Changed}}); err != nil {
			t.Fatal(err)
		}
		told := advance(t, s, c.ID, Step{To: StatusUnknown, At: epoch, Reason: "it broke"})
		kept, err := s.Get(t.Context(), "ann", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []Change{told, kept} {
			if n := CountItems(got.Items); n != (Count{Changed: 1, Unknown: 2}) {
				t.Errorf("%+v", n)
			}
			for _, i := range []int{0, 2} {
				if failure := got.Items[i].Failure; failure.Code != "outcome_unknown" || failure.Reason != "it broke" {
					t.Errorf("item %d: %+v", i, failure)
				}
			}
		}
		list, err := s.List(t.Context(), "ann", Query{Limit: 1})
		if err != nil || list[0].Count.Unknown != 2 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestList(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		var ids []string
		for i := range 5 {
			c := planned(StatusApproved, 3)
			if i == 0 {
				c.Status = StatusAwaiting
			}
			c.CreatedAt = epoch.Add(time.Duration(i) * time.Minute)
			if i == 3 {
				c.Fingerprint = "another"
			}
			ids = append(ids, create(t, s, c).ID)
			other := planned(StatusApproved, 1)
			other.Principal = "bob"
			create(t, s, other)
		}
		advance(t, s, ids[4], Step{To: StatusApplying, At: epoch})
		if err := s.Record(t.Context(), ids[4], []Recorded{{Index: 2, Outcome: Failed}, {Index: 1, Outcome: Unknown}}); err != nil {
			t.Fatal(err)
		}
		for name, test := range map[string]struct {
			query Query
			want  []string
		}{
			"all":              {Query{Limit: 10}, []string{ids[4], ids[3], ids[2], ids[1], ids[0]}},
			"the newest":       {Query{Limit: 1}, ids[4:]},
			"a page":           {Query{Limit: 2, After: ids[4]}, []string{ids[3], ids[2]}},
			"after the oldest": {Query{Limit: 2, After: ids[0]}, nil},
			"after none":       {Query{Limit: 2, After: NewID()}, nil},
			"by status":        {Query{Limit: 10, Status: StatusAwaiting}, ids[:1]},
			"by effect":        {Query{Limit: 10, Fingerprint: "another"}, ids[3:4]},
			"before":           {Query{Limit: 10, Before: epoch.Add(2 * time.Minute)}, []string{ids[1], ids[0]}},
			"of all":           {Query{Limit: 10, Status: StatusApproved, Before: epoch.Add(3 * time.Minute), After: ids[3]}, []string{ids[2], ids[1]}},
		} {
			list, err := s.List(t.Context(), "ann", test.query)
			var got []string
			for _, summary := range list {
				got = append(got, summary.ID)
			}
			if diff := cmp.Diff(test.want, got); err != nil || list == nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		list, err := s.List(t.Context(), "ann", Query{Limit: 1})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		got, want := list[0], planned(StatusApplying, 1)
		want.ID, want.CreatedAt, want.AppliedAt, want.Items = ids[4], epoch.Add(4*time.Minute), epoch, nil
		if diff := cmp.Diff(want, got.Change); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got.First.TargetID != "0" || got.Count != (Count{Pending: 1, Failed: 1, Unknown: 1}) {
			t.Errorf("%+v", got)
		}
	})
}

// TestCancelled calls every method in vain.
func TestCancelled(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := create(t, s, planned(StatusApproved, 1))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		calls := map[string]func() error{
			"Create":      func() error { _, err := s.Create(ctx, planned(StatusApproved, 1), nil); return err },
			"Get":         func() error { _, err := s.Get(ctx, "ann", c.ID); return err },
			"Advance":     func() error { _, err := s.Advance(ctx, c.ID, Step{To: StatusApplying}); return err },
			"Record":      func() error { return s.Record(ctx, c.ID, nil) },
			"List":        func() error { _, err := s.List(ctx, "ann", Query{Limit: 1}); return err },
			"Recent":      func() error { _, err := s.Recent(ctx, planned(StatusApproved, 1), epoch); return err },
			"Interrupted": func() error { _, err := s.ClaimInterrupted(ctx); return err },
			"Append":      func() error { return s.Append(ctx, Event{Kind: KindCall}) },
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != StatusApproved {
			t.Errorf("afterwards: %+v, %v", got, err)
		}
	})
}

// TestMemoryForgets keeps three changes: of the ended ones the oldest are
// forgotten, what waits stays.
func TestMemoryForgets(t *testing.T) {
	s := NewMemory(3)
	var ids []string
	for _, status := range []Status{StatusAwaiting, StatusApplied, StatusApplied, StatusApplied, StatusApplied} {
		ids = append(ids, reach(t, s, status).ID)
	}
	list, err := s.List(t.Context(), "ann", Query{Limit: 10})
	var got []string
	for _, summary := range list {
		got = append(got, summary.ID)
	}
	if want := []string{ids[4], ids[3], ids[0]}; err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

// TestMemoryForgetsExpired forgets what waited too long, though nobody noticed.
func TestMemoryForgetsExpired(t *testing.T) {
	s := NewMemory(2)
	expired, waits := planned(StatusAwaiting, 1), planned(StatusAwaiting, 1)
	expired.ExpiresAt, waits.ExpiresAt = time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
	for _, c := range []Change{expired, waits, planned(StatusAwaiting, 1)} {
		create(t, s, c)
	}
	if _, err := s.Get(t.Context(), "ann", expired.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("what expired: %v", err)
	}
	if _, err := s.Get(t.Context(), "ann", waits.ID); err != nil {
		t.Errorf("what waits: %v", err)
	}
}

// TestForget drops the values of old changes, once, and keeps what became of
// them.
func TestForget(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		values := func(c Change) Change {
			for i := range c.Items {
				c.Items[i].Label, c.Items[i].Before = "ann@example.com", Image{Set: map[string]any{"name": "Ann"}}
			}
			c.SideEffects = []string{"name: Ann → x"}
			return c
		}
		old := create(t, s, values(planned(StatusApproved, 2)))
		advance(t, s, old.ID, Step{To: StatusApplying, At: epoch})
		failed := Recorded{Index: 1, Outcome: Failed, Failure: Failure{Code: "conflict", Reason: "ann@example.com is taken"}}
		if err := s.Record(t.Context(), old.ID, []Recorded{{Outcome: Changed, Created: "9"}, failed}); err != nil {
			t.Fatal(err)
		}
		advance(t, s, old.ID, Step{To: StatusPartial, At: epoch})
		working := create(t, s, values(planned(StatusApproved, 1)))
		advance(t, s, working.ID, Step{To: StatusApplying, At: epoch})
		young := values(planned(StatusAwaiting, 1))
		young.CreatedAt = epoch.Add(time.Hour)
		create(t, s, young)

		for _, want := range []int{1, 0} {
			if n, err := s.PurgeValues(t.Context(), epoch.Add(time.Minute)); err != nil || n != want {
				t.Errorf("forgot %d, %v; want %d", n, err, want)
			}
		}
		get := func(id string) Change {
			c, err := s.Get(t.Context(), "ann", id)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := get(old.ID)
		want := []Item{{TargetID: "0", Outcome: Changed, Created: "9"}, {TargetID: "1", Outcome: Failed, Failure: Failure{Code: "conflict"}}}
		if diff := cmp.Diff(want, c.Items); diff != "" || !c.Purged || c.SideEffects != nil || c.Status != StatusPartial {
			t.Errorf("%+v (-want +got):\n%s", c, diff)
		}
		for _, id := range []string{working.ID, young.ID} {
			if c := get(id); c.Purged || c.Items[0].Label == "" || c.SideEffects == nil {
				t.Errorf("forgot %+v", c)
			}
		}
		advance(t, s, old.ID, Step{To: StatusUndone, At: epoch})
		if file, ok := s.(*SQLite); ok {
			if _, err := file.VerifyAudit(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
}
