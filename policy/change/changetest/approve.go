package changetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// needsApproval is a change of Ann that waits for approvers, at a time.
func needsApproval(at time.Time, needs ...policy.Need) change.Change {
	c := Planned(change.StatusAwaiting, 2)
	c.Person = policy.Person{ID: "https://id#ann", Email: "ann@x.example"}
	c.CreatedAt, c.ExpiresAt, c.ApproveBy, c.ExecuteWithin = at, at.Add(time.Hour), at.Add(time.Hour), time.Minute
	c.Level, c.Salt = policy.LevelApprover, "salt"
	c.Decision = policy.Decision{Verdict: policy.Confirm, Level: policy.LevelApprover, Needs: needs}
	return c
}

// approve is the step by which somebody of the issuer https://id approves a change.
func approve(t *testing.T, c *change.Change, at time.Time, who string, roles ...string) change.Step {
	t.Helper()
	plan, err := change.PlanHash(c)
	if err != nil {
		t.Fatal(err)
	}
	return change.Step{To: change.StatusApproved, At: at, Approval: &change.Approval{
		Level: policy.LevelApprover, By: "https://id#" + who, Method: "oidc", At: at, Plan: plan, Reason: "fine",
		Person: policy.Person{ID: "https://id#" + who}, Roles: append([]string{policy.RoleApprover}, roles...),
	}}
}

// testApprove has two rules ask, one of them for two people.
func testApprove(t *testing.T, s change.Store) {
	leads := policy.Need{Rule: "leads", Line: 3, Approvers: []string{"leads"}, Needed: 2}
	anyone := policy.Need{Rule: "anyone", Line: 9, Needed: 1}
	c := Create(t, s, needsApproval(Epoch, leads, anyone))
	first := Advance(t, s, c.ID, approve(t, &c, Epoch, "bob", "leads"))
	if first.Status != change.StatusAwaiting || first.Approval != nil || len(first.Approvals) != 1 ||
		!first.ExpiresAt.Equal(c.ExpiresAt) {
		t.Errorf("after the first: %+v", first)
	}
	if left, err := s.ClaimInterrupted(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("handed out before it is approved: %v, %v", left, err)
	}
	if lacking := change.Lacking(change.Needs(&first), first.Approvals); len(lacking) != 1 || lacking[0].Rule != "leads" ||
		lacking[0].Needed != 1 {
		t.Errorf("lacking %+v", lacking)
	}
	// Who is no lead counts for nothing any more: anyone has been asked.
	if _, err := s.Advance(t.Context(), c.ID, approve(t, &c, Epoch, "cid", "ops")); !errors.Is(err,
		change.ErrNotApprover) {
		t.Errorf("one who is not needed: %v", err)
	}
	if _, err := s.Advance(t.Context(), c.ID, approve(t, &c, Epoch, "bob", "leads")); !errors.Is(err,
		change.ErrAlreadyApproved) {
		t.Errorf("the same again: %v", err)
	}
	nobody := approve(t, &c, Epoch, "", "leads")
	nobody.Approval.Person, nobody.SelfApproval = policy.Person{}, true
	if _, err := s.Advance(t.Context(), c.ID, nobody); !errors.Is(err, change.ErrAlreadyApproved) {
		t.Errorf("who cannot be compared: %v", err)
	}
	at := Epoch.Add(time.Minute)
	second := Advance(t, s, c.ID, approve(t, &c, at, "dan", "leads"))
	if second.Status != change.StatusApproved || len(second.Approvals) != 2 || second.Approval == nil ||
		second.Approval.By != "https://id#dan" || !second.ExpiresAt.Equal(at.Add(time.Minute)) || len(second.Items) != 2 {
		t.Errorf("after the second: %+v", second)
	}
	if _, err := s.Advance(t.Context(), c.ID, approve(t, &c, at, "eve", "leads")); !errors.Is(err,
		change.ErrStatusChanged) {
		t.Errorf("one too many: %v", err)
	}
	started := Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: at})
	if started.Approval == nil || started.Approval.By != "https://id#dan" || len(started.Approvals) != 2 {
		t.Errorf("once it is begun: %+v", started)
	}
	verifyTrail(t, s)
}

// refusedApproval is an approval that is none: what is wrong with it, and the error.
type refusedApproval struct {
	step func(*change.Step)
	want error
}

// refusedApprovals are what is wrong with approvals by Bob, a lead, by what that is.
func refusedApprovals() map[string]refusedApproval {
	person := func(p policy.Person) func(*change.Step) { return func(s *change.Step) { s.Approval.Person = p } }
	roles := func(roles ...string) func(*change.Step) { return func(s *change.Step) { s.Approval.Roles = roles } }
	return map[string]refusedApproval{
		"who asked":   {person(policy.Person{ID: "https://id#ann"}), change.ErrSamePerson},
		"their token": {func(s *change.Step) { s.Approval.By = "ann" }, change.ErrSamePerson},
		"another client's id": {person(policy.Person{ID: "https://id#2", Email: "ANN@x.example"}),
			change.ErrSamePerson},
		"another issuer":             {person(policy.Person{ID: "https://other#bob"}), change.ErrSamePerson},
		"an e-mail of nobody's word": {person(policy.Person{Email: "b@x.example", Unverified: true}), change.ErrSamePerson},
		"nobody known":               {person(policy.Person{}), change.ErrSamePerson},
		"no role":                    {roles(), change.ErrNotApprover},
		"another role":               {roles(policy.RoleApprover, "ops"), change.ErrNotApprover},
		"the role alone":             {roles("leads"), change.ErrNotApprover},
		"another plan":               {func(s *change.Step) { s.Approval.Plan = "x" }, change.ErrPlanMoved},
		"no plan":                    {func(s *change.Step) { s.Approval.Plan = "" }, change.ErrPlanMoved},
		"too late":                   {func(s *change.Step) { s.At = Epoch.Add(time.Hour) }, change.ErrOverdue},
		"a user's yes":               {func(s *change.Step) { s.Approval.Level = policy.LevelUser }, change.ErrUnapproved},
		"no yes":                     {func(s *change.Step) { s.Approval = nil }, change.ErrUnapproved},
		"straight to the work":       {func(s *change.Step) { s.To = change.StatusApplying }, change.ErrUnapproved},
		"somebody forbids it":        {func(s *change.Step) { s.Decide = forbid }, errSomething},
	}
}

// testApproveRefused tries approvals that are none: the change stays as it is.
func testApproveRefused(t *testing.T, s change.Store) {
	for name, test := range refusedApprovals() {
		c := Create(t, s, needsApproval(Epoch, policy.Need{Rule: "leads", Approvers: []string{"leads"}, Needed: 1}))
		step := approve(t, &c, Epoch, "bob", "leads")
		test.step(&step)
		if _, err := s.Advance(t.Context(), c.ID, step); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := s.Find(t.Context(), c.ID); err != nil || now.Status != change.StatusAwaiting ||
			len(now.Approvals) > 0 {
			t.Errorf("%s: %+v, %v", name, now, err)
		}
		if name != "who asked" {
			continue
		}
		step.SelfApproval = true
		if now, err := s.Advance(t.Context(), c.ID, step); err != nil || now.Status != change.StatusApproved {
			t.Errorf("%s, where the policy lets them: %v", name, err)
		}
	}
	user := Create(t, s, Planned(change.StatusAwaiting, 1))
	if _, err := s.Advance(t.Context(), user.ID, approve(t, &user, Epoch, "bob")); !errors.Is(err, change.ErrUnapproved) {
		t.Errorf("what waits for a user: %v", err)
	}
	c := Create(t, s, needsApproval(Epoch))
	step := approve(t, &c, Epoch, "bob")
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
		t.Fatal(err)
	}
	var frozen *change.FrozenError
	if _, err := s.Advance(t.Context(), c.ID, step); !errors.As(err, &frozen) {
		t.Errorf("while writes are frozen: %v", err)
	}
	if _, err := s.Shared().Stops.Unfreeze(t.Context(), change.Actor{By: "ops"}); err != nil {
		t.Fatal(err)
	}
	Advance(t, s, c.ID, step)
	verifyTrail(t, s)
}

// testApproveDecline has people approve and decline at the same time: one of them does.
func testApproveDecline(t *testing.T, s change.Store) {
	for range 5 {
		c := Create(t, s, needsApproval(Epoch))
		steps := []change.Step{approve(t, &c, Epoch, "bob"), {To: change.StatusDeclined, At: Epoch, Reason: "no"},
			approve(t, &c, Epoch, "cid")}
		taken := make([]error, len(steps))
		var wg sync.WaitGroup
		for i := range steps {
			wg.Go(func() { _, taken[i] = s.Advance(t.Context(), c.ID, steps[i]) })
		}
		wg.Wait()
		won := 0
		now, err := s.Find(t.Context(), c.ID)
		for i, failed := range taken {
			switch {
			case failed == nil:
				won++
				if now.Status != steps[i].To {
					t.Errorf("%s, and the change is %s", steps[i].To, now.Status)
				}
			case !errors.Is(failed, change.ErrStatusChanged):
				t.Error(failed)
			}
		}
		if err != nil || won != 1 || now.Status == change.StatusDeclined && now.Reason != "no" {
			t.Errorf("%d outcomes: %+v, %v", won, now, err)
		}
	}
	verifyTrail(t, s)
}

// testApprovedClaimed has what was approved be claimed: at once, by one of many, not while writes are frozen.
func testApprovedClaimed(t *testing.T, s change.Store) {
	c := Create(t, s, needsApproval(time.Now()))
	Advance(t, s, c.ID, approve(t, &c, time.Now(), "bob"))
	if status, owned, err := s.Status(t.Context(), "ann", c.ID); err != nil || status != change.StatusApproved || owned {
		t.Errorf("%s, owned %t, %v", status, owned, err)
	}
	if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
		t.Fatal(err)
	}
	if left, err := s.ClaimInterrupted(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("while writes are frozen: %v, %v", left, err)
	}
	if _, err := s.Shared().Stops.Unfreeze(t.Context(), change.Actor{By: "ops"}); err != nil {
		t.Fatal(err)
	}
	if left, err := s.ClaimInterrupted(t.Context(), change.NewID()); err != nil || len(left) > 0 {
		t.Errorf("of others: %v, %v", left, err)
	}
	var mu sync.Mutex
	var claimed []change.Change
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			left, err := s.ClaimInterrupted(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			claimed = append(claimed, left...)
		})
	}
	wg.Wait()
	if len(claimed) != 1 || claimed[0].ID != c.ID || len(claimed[0].Items) != 2 || claimed[0].Approval == nil {
		t.Fatalf("claimed %+v", claimed)
	}
	if _, owned, err := s.Status(t.Context(), "ann", c.ID); err != nil || !owned {
		t.Errorf("claimed, and owned %t, %v", owned, err)
	}
	Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: time.Now()})
	if left, err := s.ClaimInterrupted(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("once it is begun: %v, %v", left, err)
	}
	verifyTrail(t, s)
}
