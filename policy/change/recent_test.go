package change

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/policy"
)

// recent asks what a change of ann's would be decided upon.
func recent(t *testing.T, s Store, c Change, at time.Time) Recent {
	t.Helper()
	r, err := s.Recent(t.Context(), c, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWritten adds up what nobody confirmed, over ten minutes.
func TestWritten(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		start := func(n int, at time.Time, approval *Approval) Change {
			c := create(t, s, planned(StatusApproved, n))
			return advance(t, s, c.ID, Step{To: StatusApplying, At: at, Approval: approval})
		}
		start(1, epoch, nil)
		start(2, epoch.Add(5*time.Minute), &Approval{Level: policy.LevelAgent})
		start(4, epoch.Add(6*time.Minute), &Approval{Level: policy.LevelUser})
		start(1, epoch.Add(6*time.Minute), &Approval{Level: policy.LevelApprover})
		unchanged := start(8, epoch.Add(6*time.Minute), nil)
		if err := s.Record(t.Context(), unchanged.ID, []Recorded{{Index: 0, Outcome: Unchanged}, {Index: 1, Outcome: Failed}}); err != nil {
			t.Fatal(err)
		}
		stale := start(32, epoch.Add(6*time.Minute), nil)
		advance(t, s, stale.ID, Step{To: StatusStale, At: epoch.Add(6 * time.Minute)})
		create(t, s, planned(StatusAwaiting, 16))
		late := planned(StatusApproved, 64) // not started yet, and about to
		late.CreatedAt = epoch.Add(8 * time.Minute)
		create(t, s, late)
		for since, want := range map[time.Duration]int{0: 1 + 2 + 6 + 64, time.Minute: 2 + 6 + 64, 7 * time.Minute: 64, 9 * time.Minute: 0} {
			if got := recent(t, s, planned(StatusAwaiting, 1), epoch.Add(since+Window)).Written; got != want {
				t.Errorf("since %v: %d, want %d", since, got, want)
			}
		}
		if got := recent(t, s, late, epoch.Add(Window)).Written; got != 1+2+6 {
			t.Errorf("without itself: %d", got)
		}
		other := planned(StatusAwaiting, 1)
		other.Principal = "bob"
		if got := recent(t, s, other, epoch).Written; got != 0 {
			t.Errorf("another principal wrote %d", got)
		}
	})
}

// TestUndoing finds the change that puts the same back.
func TestUndoing(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		first := create(t, s, planned(StatusApproved, 1))
		undoing := func(status Status) Change {
			c := planned(status, 1)
			c.Undoes = first.ID
			return c
		}
		about := undoing(StatusApproved)
		want := ""
		check := func(when string) {
			t.Helper()
			bobs, none := undoing(StatusApproved), planned(StatusApproved, 1)
			bobs.Principal = "bob"
			for _, c := range []Change{bobs, none} {
				if got := recent(t, s, c, epoch).Undoing; got != nil {
					t.Errorf("%s, of another: %+v", when, got)
				}
			}
			got := recent(t, s, about, epoch).Undoing
			if (got == nil) != (want == "") || got != nil && (got.ID != want || got.Items != nil) {
				t.Errorf("%s: %+v, want %q", when, got, want)
			}
		}
		create(t, s, undoing(StatusAwaiting))
		check("awaiting")
		c := create(t, s, undoing(StatusApproved))
		want = c.ID
		check("approved")
		if got := recent(t, s, c, epoch).Undoing; got != nil {
			t.Errorf("of itself: %+v", got)
		}
		advance(t, s, c.ID, Step{To: StatusApplying, At: epoch})
		check("applying")
		advance(t, s, c.ID, Step{To: StatusApplied, At: epoch})
		want = ""
		check("applied in part")
		for _, to := range []Status{StatusApplying, StatusApplied, StatusUndone} {
			advance(t, s, first.ID, Step{To: to, At: epoch})
		}
		want = c.ID
		check("applied")
		advance(t, s, c.ID, Step{To: StatusUndone, At: epoch})
		want = ""
		check("undone")
	})
}

func TestLatest(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		first := create(t, s, planned(StatusAwaiting, 1))
		newest := create(t, s, planned(StatusAwaiting, 1))
		for _, status := range []Status{StatusCancelled, StatusDeclined, StatusFailed, StatusUndone, StatusExpired, StatusStale} {
			reach(t, s, status) // wrote nothing that stands
		}
		bobs, none, other := planned(StatusAwaiting, 1), planned(StatusAwaiting, 1), planned(StatusAwaiting, 1)
		bobs.Principal, none.Fingerprint, other.Fingerprint = "bob", "", "other"
		for _, test := range []struct {
			of   Change
			want string
		}{{planned(StatusAwaiting, 1), newest.ID}, {newest, first.ID}, {bobs, ""}, {none, ""}, {other, ""}} {
			got := recent(t, s, test.of, epoch).Latest
			if (got == nil) != (test.want == "") || got != nil && (got.ID != test.want || got.Status != StatusAwaiting || got.Items != nil) {
				t.Errorf("%+v: %+v, want %q", test.of, got, test.want)
			}
		}
	})
}

// updating is a change that gives contacts the same values.
func updating(set map[string]any, contacts ...string) Change {
	c := planned(StatusAwaiting, 0)
	for _, id := range contacts {
		c.Items = append(c.Items, Item{TargetID: id, Patch: Patch{Set: set}})
	}
	return c
}

// of is a change of one item.
func of(item Item) Change {
	c := planned(StatusAwaiting, 0)
	c.Items = []Item{item}
	return c
}

// TestDeclined asks, in parts and with other things, for what a person declined.
func TestDeclined(t *testing.T) {
	pro, basic := map[string]any{"custom_attributes.plan": "pro"}, map[string]any{"custom_attributes.plan": "basic"}
	done := updating(pro, "a")
	done.Items[0].Outcome = Unchanged
	vip := []Ref{{ID: "1", Name: "VIP"}}
	someone := func(set map[string]any) Change { return of(Item{Label: "x", Patch: Patch{Op: Create, Set: set}}) }
	const declined, contested = "declined", "contested"
	for name, test := range map[string]struct {
		declined, again Change
		want            string
	}{
		"the same":           {updating(pro, "a", "b"), updating(pro, "b", "a"), declined},
		"a part":             {updating(pro, "a", "b"), updating(pro, "b"), declined},
		"and another":        {updating(pro, "a"), updating(pro, "a", "z"), contested},
		"one more field":     {updating(pro, "a"), updating(map[string]any{"custom_attributes.plan": "pro", "name": "x"}, "a"), contested},
		"one field less":     {updating(map[string]any{"custom_attributes.plan": "pro", "name": "x"}, "a"), updating(pro, "a"), declined},
		"another value":      {updating(pro, "a"), updating(basic, "a"), contested},
		"cleared":            {updating(pro, "a"), updating(map[string]any{"custom_attributes.plan": nil}, "a"), contested},
		"another field":      {updating(pro, "a"), updating(map[string]any{"name": "pro"}, "a"), ""},
		"another contact":    {updating(pro, "a"), updating(pro, "b"), ""},
		"what is so already": {updating(pro, "a"), done, ""},
		"nothing was to do":  {done, updating(pro, "a"), ""},
		"a number":           {updating(map[string]any{"owner_id": json.Number("1")}, "a"), updating(map[string]any{"owner_id": json.Number("1")}, "a"), declined},
		"a tag":              {of(Item{TargetID: "a", Patch: Patch{AddTags: vip}}), of(Item{TargetID: "a", Patch: Patch{AddTags: append([]Ref{{ID: "2"}}, vip...)}}), contested},
		"off again":          {of(Item{TargetID: "a", Patch: Patch{AddTags: vip}}), of(Item{TargetID: "a", Patch: Patch{RemoveTags: vip}}), contested},
		"another tag":        {of(Item{TargetID: "a", Patch: Patch{AddTags: vip}}), of(Item{TargetID: "a", Patch: Patch{AddTags: []Ref{{ID: "2"}}}}), ""},
		"a company's id":     {of(Item{TargetID: "a", Patch: Patch{AddTags: vip}}), of(Item{TargetID: "a", Patch: Patch{AddCompanies: vip}}), ""},
		"a note":             {of(Item{TargetID: "a", Patch: Patch{Note: &Note{Body: "n", Admin: "1"}}}), of(Item{TargetID: "a", Patch: Patch{Note: &Note{Body: "n", Admin: "2"}}}), declined},
		"another note":       {of(Item{TargetID: "a", Patch: Patch{Note: &Note{Body: "n"}}}), of(Item{TargetID: "a", Patch: Patch{Note: &Note{Body: "m"}}}), contested},
		"to archive":         {of(Item{TargetID: "a", Patch: Patch{Op: Archive}}), of(Item{TargetID: "a", Label: "other words", Patch: Patch{Op: Archive}}), declined},
		"to delete":          {of(Item{TargetID: "a", Patch: Patch{Op: Archive}}), of(Item{TargetID: "a", Patch: Patch{Op: Delete}}), contested},
		"to archive instead": {of(Item{TargetID: "a", Patch: Patch{Op: Delete}}), of(Item{TargetID: "a", Patch: Patch{Op: Archive}}), contested},
		"a merge":            {of(Item{TargetID: "a", Patch: Patch{Op: Merge, Into: &Ref{ID: "b", Name: "B"}}}), of(Item{TargetID: "a", Patch: Patch{Op: Merge, Into: &Ref{ID: "b"}}}), declined},
		"another merge":      {of(Item{TargetID: "a", Patch: Patch{Op: Merge, Into: &Ref{ID: "b"}}}), of(Item{TargetID: "a", Patch: Patch{Op: Merge, Into: &Ref{ID: "c"}}}), contested},
		"someone new":        {someone(map[string]any{"email": "a@x.com", "name": "a"}), someone(map[string]any{"email": "a@x.com", "name": "a"}), declined},
		"in capitals":        {someone(map[string]any{"email": "a@x.com"}), someone(map[string]any{"email": "A@x.com"}), contested},
		"someone by name":    {someone(map[string]any{"email": "a@x.com", "name": "Dec"}), someone(map[string]any{"role": "lead", "name": "Dec"}), contested},
		"by another id":      {someone(map[string]any{"email": "a@x.com", "name": "Dec"}), someone(map[string]any{"external_id": "d", "name": "Dec"}), contested},
		"their e-mail":       {someone(map[string]any{"email": "a@x.com", "name": "Dec"}), updating(map[string]any{"email": "A@x.com"}, "z"), contested},
		"somebody's phone":   {updating(map[string]any{"phone": "+1555"}, "a"), updating(map[string]any{"phone": "+1555"}, "b"), contested},
		"someone else":       {someone(map[string]any{"email": "a@x.com"}), someone(map[string]any{"email": "b@x.com"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, s Store) {
				no := create(t, s, test.declined)
				advance(t, s, no.ID, Step{To: StatusDeclined, At: epoch})
				got := recent(t, s, test.again, epoch.Add(DeclineHolds))
				if got.Declined != (test.want == declined) || got.Contested != (test.want == contested) {
					t.Errorf("%+v", got)
				}
				if late := recent(t, s, test.again, epoch.Add(DeclineHolds+1)); late.Declined || late.Contested {
					t.Errorf("half an hour later: %+v", late)
				}
				other := test.again
				other.Principal = "bob"
				if bobs := recent(t, s, other, epoch); bobs.Declined || bobs.Contested {
					t.Errorf("somebody else: %+v", bobs)
				}
			})
		})
	}
}

// TestDeclinesKeepNothing holds no value of a contact in what is kept of a no.
func TestDeclinesKeepNothing(t *testing.T) {
	s := openTemp(t)
	for _, at := range []time.Time{epoch, epoch.Add(time.Hour)} {
		no := create(t, s, updating(map[string]any{"email": "ann@example.com", "name": "Ann"}, "507f1f77bcf86cd799439011"))
		advance(t, s, no.ID, Step{To: StatusDeclined, At: at})
	}
	var rows, plain int
	err := s.write.QueryRow(`SELECT count(*), coalesce(sum(place || value LIKE '%ann%@%' OR place LIKE '%507f%'), 0) FROM declines`).Scan(&rows, &plain)
	if err != nil || rows != 3 || plain != 0 {
		t.Errorf("%d rows, %d of them tell whom they are about, %v", rows, plain, err)
	}
}

// TestDecideAtOnce has callers in many stores decide at the same time, that
// there may be one change of an effect: one of them finds that there is none.
func TestDecideAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	errTaken := errors.New("there is one")
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		s := openAt(t, path)
		for range 4 {
			wg.Go(func() {
				c, err := s.Create(t.Context(), planned(StatusAwaiting, 1), func(c *Change, recent Recent) error {
					if recent.Latest != nil {
						return errTaken
					}
					c.Status, c.Verb = StatusApproved, "decided"
					return nil
				})
				switch {
				case err == nil && c.Status == StatusApproved && c.Verb == "decided":
					made.Add(1)
				case !errors.Is(err, errTaken) || c.ID != "":
					t.Error(c, err)
				}
			})
		}
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d changes", made.Load())
	}
}

// TestStepDecide has the last word on a step: it completes the change, or nothing
// has happened.
func TestStepDecide(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		create(t, s, planned(StatusApproved, 3))
		c := create(t, s, planned(StatusAwaiting, 2))
		errNo := errors.New("no")
		_, err := s.Advance(t.Context(), c.ID, Step{To: StatusApplying, At: epoch, Approval: yes, Decide: func(now *Change, recent Recent) error {
			if now.ID != c.ID || now.Status != StatusAwaiting || len(now.Items) != 2 || recent.Written != 3 || recent.Latest.ID == c.ID {
				t.Errorf("decides on %+v, %+v", now, recent)
			}
			now.Revision = "other"
			return errNo
		}})
		if !errors.Is(err, errNo) {
			t.Error(err)
		}
		if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Status != StatusAwaiting || got.Revision != "" {
			t.Errorf("%+v, %v", got, err)
		}
		after := advance(t, s, c.ID, Step{To: StatusApplying, At: epoch, Approval: yes, Decide: func(now *Change, _ Recent) error {
			now.Revision = "other"
			return nil
		}})
		if got, err := s.Get(t.Context(), "ann", c.ID); err != nil || got.Revision != "other" || after.Revision != "other" || got.Status != StatusApplying {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = s.Advance(t.Context(), c.ID, Step{To: StatusApplying, At: epoch, Approval: yes, Decide: func(*Change, Recent) error {
			t.Error("decides on a step that is not allowed")
			return nil
		}})
		if !errors.Is(err, ErrStatusChanged) {
			t.Error(err)
		}
	})
}

// TestAskCancel asks from one store for the end of what another applies.
func TestAskCancel(t *testing.T) {
	onEachStore(t, func(t *testing.T, s Store) {
		c := create(t, s, planned(StatusApproved, 1))
		if err := s.AskCancel(t.Context(), c.ID); !errors.Is(err, ErrStatusChanged) {
			t.Errorf("before it began: %v", err)
		}
		advance(t, s, c.ID, Step{To: StatusApplying, At: epoch})
		if asked, err := s.CancelAsked(t.Context(), c.ID); asked || err != nil {
			t.Error(asked, err)
		}
		other := s
		if file, ok := s.(*SQLite); ok {
			other = openAt(t, file.Path())
		}
		if err := other.AskCancel(t.Context(), c.ID); err != nil {
			t.Fatal(err)
		}
		if asked, err := s.CancelAsked(t.Context(), c.ID); !asked || err != nil {
			t.Error(asked, err)
		}
		advance(t, s, c.ID, Step{To: StatusFailed, At: epoch})
		if err := s.AskCancel(t.Context(), c.ID); !errors.Is(err, ErrStatusChanged) {
			t.Errorf("after it ended: %v", err)
		}
		if err := s.AskCancel(t.Context(), NewID()); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
