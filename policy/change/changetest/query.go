package changetest

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
)

// testRecord stores outcomes while a change is being applied, all or none.
func testRecord(t *testing.T, s change.Store) {
	for _, status := range change.Statuses() {
		c := Reach(t, s, status)
		err := s.Record(t.Context(), c.ID, []change.Recorded{{Outcome: change.Changed}})
		if status == change.StatusApplying && err != nil || status != change.StatusApplying &&
			!errors.Is(err, change.ErrStatusChanged) {
			t.Errorf("%s: %v", status, err)
		}
	}
	c := Create(t, s, Planned(change.StatusApproved, 2))
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	for _, index := range []int{-1, 2} {
		if err := s.Record(t.Context(), c.ID, []change.Recorded{{Outcome: change.Changed},
			{Index: index, Outcome: change.Changed}}); err == nil {
			t.Errorf("there is an item %d", index)
		}
	}
	got, err := s.Get(t.Context(), "ann", c.ID)
	if diff := cmp.Diff(change.Count{Pending: 2}, change.CountItems(got.Items)); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// testRecordDetails keeps what is missing of an item for the latest record of it, and what was created for all.
func testRecordDetails(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 1))
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	for _, step := range []struct {
		r    change.Recorded
		want change.Item
	}{
		{
			change.Recorded{Outcome: change.Partly, Missing: []string{"name"}, Created: "7",
				Failure: change.Failure{Reason: "why"}},
			change.Item{Outcome: change.Partly, Missing: []string{"name"}, Created: "7", Failure: change.Failure{Reason: "why"}},
		},
		{change.Recorded{Outcome: change.Changed}, change.Item{Outcome: change.Changed, Created: "7"}},
	} {
		if err := s.Record(t.Context(), c.ID, []change.Recorded{step.r}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Get(t.Context(), "ann", c.ID)
		if err != nil {
			t.Fatal(err)
		}
		step.want.TargetID, step.want.Patch = c.Items[0].TargetID, c.Items[0].Patch
		if diff := cmp.Diff(step.want, got.Items[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	verifyTrail(t, s)
}

// verifyTrail verifies the audit trail of a store that keeps one.
func verifyTrail(t *testing.T, s change.Store) {
	t.Helper()
	trail, ok := s.(change.Durable)
	if !ok {
		return
	}
	if _, err := trail.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// testUnresolved ends the work on a change that nobody knows the outcome of: so is that of each item without one.
func testUnresolved(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 3))
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: Epoch})
	if err := s.Record(t.Context(), c.ID, []change.Recorded{{Index: 1, Outcome: change.Changed}}); err != nil {
		t.Fatal(err)
	}
	told := Advance(t, s, c.ID, change.Step{To: change.StatusUnknown, At: Epoch, Reason: "it broke"})
	kept, err := s.Get(t.Context(), "ann", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []change.Change{told, kept} {
		if n := change.CountItems(got.Items); n != (change.Count{Changed: 1, Unknown: 2}) {
			t.Errorf("%+v", n)
		}
		for _, i := range []int{0, 2} {
			if failure := got.Items[i].Failure; failure.Code != "outcome_unknown" || failure.Reason != "it broke" {
				t.Errorf("item %d: %+v", i, failure)
			}
		}
	}
	list, err := s.List(t.Context(), "ann", change.Query{Limit: 1})
	if err != nil || list[0].Count.Unknown != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// fiveChanges are changes of ann's, the oldest first, among as many of bob's; two items of the newest have outcomes.
func fiveChanges(t *testing.T, s change.Store) (ids []string) {
	t.Helper()
	for i := range 5 {
		c := Planned(change.StatusApproved, 3)
		if i == 0 {
			c.Status = change.StatusAwaiting
		}
		c.CreatedAt = Epoch.Add(time.Duration(i) * time.Minute)
		if i == 3 {
			c.Fingerprint = "another"
		}
		ids = append(ids, Create(t, s, c).ID)
		other := Planned(change.StatusApproved, 1)
		other.Principal = "bob"
		Create(t, s, other)
	}
	Advance(t, s, ids[4], change.Step{To: change.StatusApplying, At: Epoch})
	if err := s.Record(t.Context(), ids[4], []change.Recorded{{Index: 2, Outcome: change.Failed},
		{Index: 1, Outcome: change.Unknown}}); err != nil {
		t.Fatal(err)
	}
	return ids
}

func testList(t *testing.T, s change.Store) {
	ids := fiveChanges(t, s)
	for name, test := range map[string]struct {
		query change.Query
		want  []string
	}{
		"all":              {change.Query{Limit: 10}, []string{ids[4], ids[3], ids[2], ids[1], ids[0]}},
		"the newest":       {change.Query{Limit: 1}, ids[4:]},
		"a page":           {change.Query{Limit: 2, After: ids[4]}, []string{ids[3], ids[2]}},
		"after the oldest": {change.Query{Limit: 2, After: ids[0]}, nil},
		"after none":       {change.Query{Limit: 2, After: change.NewID()}, nil},
		"by status":        {change.Query{Limit: 10, Status: change.StatusAwaiting}, ids[:1]},
		"by effect":        {change.Query{Limit: 10, Fingerprint: "another"}, ids[3:4]},
		"before":           {change.Query{Limit: 10, Before: Epoch.Add(2 * time.Minute)}, []string{ids[1], ids[0]}},
		"of all": {change.Query{Limit: 10, Status: change.StatusApproved, Before: Epoch.Add(3 * time.Minute),
			After: ids[3]}, []string{ids[2], ids[1]}},
	} {
		list, err := s.List(t.Context(), "ann", test.query)
		var got []string
		for _, summary := range list {
			got = append(got, summary.Change.ID)
		}
		if diff := cmp.Diff(test.want, got); err != nil || list == nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}

// testListOverdue lists what waits by the time that it has: overdue, it is listed as expired and stays as it is on
// record.
func testListOverdue(t *testing.T, s change.Store) {
	var ids []string
	for i := range 6 {
		c := Planned(change.StatusAwaiting, 1)
		if i == 3 {
			c.Status = change.StatusApproved
		}
		if c.ExpiresAt = Epoch.Add(time.Hour); i%2 == 0 {
			c.ExpiresAt = Epoch.Add(time.Minute)
		}
		ids = append(ids, Create(t, s, c).ID)
	}
	Advance(t, s, ids[4], change.Step{To: change.StatusExpired, At: Epoch})
	soon, late := Epoch.Add(2*time.Minute), Epoch.Add(time.Hour)
	for name, test := range map[string]struct {
		query change.Query
		want  []string
	}{
		"on record": {change.Query{Limit: 9, Status: change.StatusExpired}, ids[4:5]},
		"expired": {change.Query{Limit: 9, Status: change.StatusExpired, At: soon},
			[]string{ids[4], ids[2], ids[0]}},
		"a page":           {change.Query{Limit: 1, Status: change.StatusExpired, At: soon, After: ids[4]}, ids[2:3]},
		"awaiting":         {change.Query{Limit: 9, Status: change.StatusAwaiting, At: soon}, []string{ids[5], ids[1]}},
		"a page of others": {change.Query{Limit: 1, Status: change.StatusAwaiting, At: soon, After: ids[5]}, ids[1:2]},
		"none":             {change.Query{Limit: 9, Status: change.StatusAwaiting, At: late}, nil},
		"none approved":    {change.Query{Limit: 9, Status: change.StatusApproved, At: late}, nil},
	} {
		list, err := s.List(t.Context(), "ann", test.query)
		var got []string
		for _, summary := range list {
			got = append(got, summary.Change.ID)
			if summary.Change.Status != test.query.Status {
				t.Errorf("%s: %s is %s", name, summary.Change.ID, summary.Change.Status)
			}
		}
		if diff := cmp.Diff(test.want, got); err != nil || list == nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	list, err := s.List(t.Context(), "ann", change.Query{Limit: 9, At: soon})
	if err != nil || len(list) != len(ids) || list[5].Change.Status != change.StatusExpired ||
		list[0].Change.Status != change.StatusAwaiting {
		t.Errorf("%+v, %v", list, err)
	}
	if kept, err := s.Get(t.Context(), "ann", ids[0]); err != nil || kept.Status != change.StatusAwaiting {
		t.Errorf("on record: %+v, %v", kept.Status, err)
	}
}

func testListSummary(t *testing.T, s change.Store) {
	ids := fiveChanges(t, s)
	list, err := s.List(t.Context(), "ann", change.Query{Limit: 1})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	got, want := list[0], Planned(change.StatusApplying, 1)
	want.JobsOnRecord = true
	want.ID, want.CreatedAt, want.AppliedAt, want.Items = ids[4], Epoch.Add(4*time.Minute), Epoch, nil
	if diff := cmp.Diff(want, got.Change); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for n := range 2 {
		c := Planned(change.StatusAwaiting, n)
		c.Principal = "carl"
		Create(t, s, c)
		list, err := s.List(t.Context(), "carl", change.Query{Limit: 1})
		if err != nil || list[0].Count.Total() != n || (list[0].First.TargetID == "0") != (n == 1) {
			t.Errorf("of %d items: %+v, %v", n, list, err)
		}
	}
	if got.First.TargetID != "0" || got.Count != (change.Count{Pending: 1, Failed: 1, Unknown: 1}) {
		t.Errorf("%+v", got)
	}
}

var errSomething = errors.New("it returns something beside the error")

// nothing returns errSomething unless there is nothing, for a call that is to return its error alone.
func nothing(is bool) error {
	if is {
		return nil
	}
	return errSomething
}

// testCancelled calls every method in vain.
func testCancelled(t *testing.T, s change.Store) {
	c := Create(t, s, Planned(change.StatusApproved, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"Create":    func() error { _, err := s.Create(ctx, Planned(change.StatusApproved, 1), nil); return err },
		"Find":      func() error { _, err := s.Find(ctx, c.ID); return err },
		"Get":       func() error { _, err := s.Get(ctx, "ann", c.ID); return err },
		"Advance":   func() error { _, err := s.Advance(ctx, c.ID, change.Step{To: change.StatusApplying}); return err },
		"Record":    func() error { return s.Record(ctx, c.ID, nil) },
		"List":      func() error { _, err := s.List(ctx, "ann", change.Query{Limit: 1}); return err },
		"Recent":    func() error { _, err := s.Recent(ctx, Planned(change.StatusApproved, 1), Epoch); return err },
		"Append":    func() error { return s.Append(ctx, change.Event{Kind: change.KindCall}) },
		"RecordJob": func() error { return s.RecordJob(ctx, c.ID, change.Job{}) },
		"Status": func() error {
			status, owned, err := s.Status(ctx, "ann", c.ID)
			return errors.Join(err, nothing(status == "" && !owned))
		},
		"ClaimInterrupted": func() error {
			claimed, err := s.ClaimInterrupted(ctx)
			return errors.Join(err, nothing(claimed == nil))
		},
		"PurgeValues": func() error {
			n, err := s.PurgeValues(ctx, Epoch.Add(time.Hour))
			return errors.Join(err, nothing(n == 0))
		},
	}
	maps.Copy(calls, sharedCalls(ctx, s, c.ID))
	maps.Copy(calls, stopsCalls(ctx, s.Shared().Stops, c.ID))
	if durable, ok := s.(change.Durable); ok {
		maps.Copy(calls, durableCalls(ctx, durable))
	}
	for name, call := range calls {
		err := call()
		if !errors.Is(err, context.Canceled) || errors.Is(err, change.ErrUnavailable) || errors.Is(err, errSomething) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != change.StatusApproved {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

// testForget drops the values of old changes, once, and keeps what became of them.
func testForget(t *testing.T, s change.Store) {
	values := func(c change.Change) change.Change {
		for i := range c.Items {
			c.Items[i].Label, c.Items[i].Before = "ann@example.com", change.Image{Set: map[string]any{"name": "Ann"}}
		}
		c.SideEffects = []string{"name: Ann → x"}
		return c
	}
	old := Create(t, s, values(Planned(change.StatusApproved, 2)))
	Advance(t, s, old.ID, change.Step{To: change.StatusApplying, At: Epoch})
	failed := change.Recorded{Index: 1, Outcome: change.Failed, Failure: change.Failure{Code: "conflict",
		Reason: "ann@example.com is taken"}}
	if err := s.Record(t.Context(), old.ID,
		[]change.Recorded{{Outcome: change.Partly, Created: "9", Missing: []string{"name"}}, failed}); err != nil {
		t.Fatal(err)
	}
	Advance(t, s, old.ID, change.Step{To: change.StatusPartial, At: Epoch})
	working := Create(t, s, values(Planned(change.StatusApproved, 1)))
	Advance(t, s, working.ID, change.Step{To: change.StatusApplying, At: Epoch})
	young := values(Planned(change.StatusAwaiting, 1))
	young.CreatedAt = Epoch.Add(time.Hour)
	Create(t, s, young)

	for _, want := range []int{1, 0} {
		if n, err := s.PurgeValues(t.Context(), Epoch.Add(time.Minute)); err != nil || n != want {
			t.Errorf("forgot %d, %v; want %d", n, err, want)
		}
	}
	get := func(id string) change.Change {
		c, err := s.Get(t.Context(), "ann", id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := get(old.ID)
	want := []change.Item{{TargetID: "0", Outcome: change.Partly, Created: "9"},
		{TargetID: "1", Outcome: change.Failed, Failure: change.Failure{Code: "conflict"}}}
	if diff := cmp.Diff(want, c.Items); diff != "" || !c.Purged || c.SideEffects != nil ||
		c.Status != change.StatusPartial {
		t.Errorf("%+v (-want +got):\n%s", c, diff)
	}
	for _, id := range []string{working.ID, young.ID} {
		if c := get(id); c.Purged || c.Items[0].Label == "" || c.SideEffects == nil {
			t.Errorf("forgot %+v", c)
		}
	}
	Advance(t, s, old.ID, change.Step{To: change.StatusUndone, At: Epoch})
	verifyTrail(t, s)
}
