package change

import (
	"errors"
	"testing"
	"time"

	"intercom-mcp/policy"
)

// TestTake takes the steps that are allowed, and leaves the change as it is where one is not.
func TestTake(t *testing.T) {
	yes := &Approval{Level: policy.LevelUser, By: "ann", At: began}
	for name, test := range map[string]struct {
		from Status
		step Step
		want error
	}{
		"started":       {StatusApproved, Step{To: StatusApplying}, nil},
		"confirmed":     {StatusAwaiting, Step{To: StatusApplying, Approval: yes}, nil},
		"not confirmed": {StatusAwaiting, Step{To: StatusApplying}, ErrUnapproved},
		"not at level": {StatusAwaiting, Step{To: StatusApplying, Approval: &Approval{Level: policy.LevelAgent}},
			ErrUnapproved},
		"not in table":   {StatusApplied, Step{To: StatusApplying, Approval: yes}, ErrStatusChanged},
		"ended":          {StatusApplying, Step{To: StatusFailed, Reason: "why"}, nil},
		"ended already":  {StatusDeclined, Step{To: StatusDeclined}, ErrStatusChanged},
		"stopped":        {StatusApplying, Step{To: StatusStopped, Reason: "why"}, nil},
		"stopped undone": {StatusStopped, Step{To: StatusUndone}, nil},
	} {
		c := Change{Status: test.from, Level: policy.LevelUser}
		test.step.At = began
		err := c.Take(test.step)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if test.want != nil {
			if c.Status != test.from || c.Approval != nil || !c.EndedAt.IsZero() || !c.AppliedAt.IsZero() {
				t.Errorf("%s: %+v", name, c)
			}
			continue
		}
		started := test.step.To == StatusApplying
		if c.Status != test.step.To || c.Reason != test.step.Reason || c.AppliedAt.IsZero() == started ||
			c.EndedAt.IsZero() != started {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// TestUnresolved leaves items pending that a step says nothing of.
func TestUnresolved(t *testing.T) {
	for _, from := range []Status{StatusAwaiting, StatusApplying, StatusUnknown} {
		for _, to := range []Status{StatusApplied, StatusFailed, StatusStopped, StatusUnknown} {
			c := Change{Status: from, Items: []Item{{}, {Outcome: Changed}, {}}}
			got := c.unresolved(Step{To: to, Reason: "why"})
			want := 0
			if from == StatusApplying && to == StatusUnknown {
				want = 2
			}
			if len(got) != want {
				t.Errorf("%s to %s: %+v", from, to, got)
			}
		}
	}
}

func TestOverdue(t *testing.T) {
	for _, status := range Statuses() {
		waits := status == StatusAwaiting || status == StatusApproved
		c := Change{Status: status, ExpiresAt: began}
		for since, want := range map[time.Duration]bool{-1: false, 0: waits, time.Hour: waits} {
			if got := c.Overdue(began.Add(since)); got != want {
				t.Errorf("%s, %v after it expired: %t", status, since, got)
			}
		}
		if c.ExpiresAt = (time.Time{}); c.Overdue(began) {
			t.Errorf("%s, without an end: overdue", status)
		}
	}
}

// TestPurgeValues drops the reason of a stale change, which names a contact, and no other.
func TestPurgeValues(t *testing.T) {
	for _, status := range Statuses() {
		c := Change{Status: status, Reason: "why", SideEffects: []string{"a"}, Conflicts: []string{"b"}, Notes: []string{"c"}}
		c.PurgeValues()
		if (c.Reason == "") != (status == StatusStale) || !c.Purged || c.SideEffects != nil || c.Conflicts != nil ||
			c.Notes != nil {
			t.Errorf("%s: %+v", status, c)
		}
	}
}

// TestClone changes a copy: the change stays as it is.
func TestClone(t *testing.T) {
	c := Change{
		Items: []Item{{Label: "a"}}, SideEffects: []string{"a"}, Conflicts: []string{"a"}, Notes: []string{"a"},
		Masked:   []string{"a"},
		Approval: &Approval{By: "a"}, Approvals: []Approval{{By: "a"}}, Jobs: []Job{{ID: "a"}}, Roles: []string{"a"},
	}
	copied := c.Clone()
	copied.Items[0].Label, copied.Approval.By, copied.Approvals[0].By, copied.Jobs[0].ID = "b", "b", "b", "b"
	for _, list := range [][]string{copied.SideEffects, copied.Conflicts, copied.Notes, copied.Masked, copied.Roles} {
		list[0] = "b"
	}
	for _, got := range []string{c.Items[0].Label, c.Approval.By, c.SideEffects[0], c.Conflicts[0], c.Notes[0],
		c.Masked[0], c.Approvals[0].By, c.Jobs[0].ID, c.Roles[0]} {
		if got != "a" {
			t.Errorf("%+v", c)
		}
	}
}

// TestStatus tells which changes have ended, and which may have written something.
func TestStatus(t *testing.T) {
	for status, writes := range map[Status]bool{
		StatusAwaiting: true, StatusApproved: true, StatusApplying: true, StatusApplied: true, StatusPartial: true,
		StatusUnknown: true, StatusStopped: true,
		StatusFailed: false, StatusDeclined: false, StatusExpired: false, StatusCancelled: false, StatusStale: false,
		StatusUndone: false,
	} {
		if status.MayWrite() != writes {
			t.Errorf("%s may write: %t", status, !writes)
		}
		if open := status == StatusAwaiting || status == StatusApproved || status == StatusApplying; status.Ended() == open {
			t.Errorf("%s has ended: %t", status, open)
		}
	}
}

// TestUnchangedAsPlanned tells what was so when planned from what was read to be so after it was sent.
func TestUnchangedAsPlanned(t *testing.T) {
	set := map[string]any{"name": "Ann"}
	for name, test := range map[string]struct {
		item Item
		want bool
	}{
		"nothing to write":        {Item{Outcome: Unchanged, Patch: Patch{Op: Update}}, true},
		"something to write":      {Item{Outcome: Unchanged, Patch: Patch{Op: Update, Set: set}}, false},
		"written":                 {Item{Outcome: Changed, Patch: Patch{Op: Update}}, false},
		"erased":                  {Item{Outcome: Unchanged, Patch: Patch{Op: Update}, Erased: true}, false},
		"there already":           {Item{Outcome: Unchanged, Patch: Patch{Op: Create, Set: set}}, true},
		"there already, erased":   {Item{Outcome: Unchanged, Patch: Patch{Op: Create, Set: set}, Erased: true}, false},
		"not archived":            {Item{Outcome: Unchanged, Patch: Patch{Op: Unarchive}}, true},
		"archived already":        {Item{Outcome: Unchanged, Patch: Patch{Op: Archive}}, false},
		"to be created, or shown": {Item{Patch: Patch{Op: Unarchive}}, false},
	} {
		if got := test.item.UnchangedAsPlanned(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestNeedsItems reads the items for a step that goes by them, and for whoever does not have them.
func TestNeedsItems(t *testing.T) {
	for name, test := range map[string]struct {
		step Step
		want bool
	}{
		"not known": {Step{To: StatusApplied}, true},
		"known":     {Step{To: StatusApplied, KnowsItems: true}, false},
		"decides": {Step{To: StatusApplied, KnowsItems: true, Decide: func(*Change, Recent) error { return nil }},
			true},
		"with outcomes": {Step{To: StatusApplied, KnowsItems: true, Outcomes: []Recorded{{}}}, true},
		"unknown":       {Step{To: StatusUnknown, KnowsItems: true}, true},
		"declined":      {Step{To: StatusDeclined, KnowsItems: true}, true},
		"approved":      {Step{To: StatusApproved, KnowsItems: true}, true},
	} {
		if got := test.step.NeedsItems(); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
