package changetest

import (
	"maps"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// testWaiting counts what waits for a confirmation, how large that is, and the questions to a user that got no yes.
func testWaiting(t *testing.T, s change.Store) {
	type told struct{ waiting, unanswered int }
	about := Planned(change.StatusAwaiting, 0)
	check := func(when string, at time.Time, want told) (bytes int64) {
		t.Helper()
		r := recent(t, s, about, at)
		if got := (told{r.Waiting, r.Unanswered}); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
		if (r.WaitingBytes > 0) != (r.Waiting > 0) {
			t.Errorf("%s: %d changes wait, of %d bytes", when, r.Waiting, r.WaitingBytes)
		}
		return r.WaitingBytes
	}
	plan := func(level policy.Level, principal string, items int) change.Change {
		c := Planned(change.StatusAwaiting, items)
		c.Level, c.Principal = level, principal
		c.CreatedAt, c.ExpiresAt = Epoch, Epoch.Add(time.Hour)
		Create(t, s, c)
		return c
	}
	at := Epoch.Add(time.Minute)
	check("nothing yet", at, told{})
	plan(policy.LevelUser, "bob", 1)
	check("of another principal", at, told{})
	agent := plan(policy.LevelAgent, about.Principal, 1)
	one := check("at level agent", at, told{1, 0})
	user := plan(policy.LevelUser, about.Principal, 100)
	if more := check("at level user", at, told{2, 1}); more < 10*one {
		t.Errorf("100 items hold %d bytes, one %d", more-one, one)
	}
	about.ID = user.ID
	check("besides the change itself", at, told{1, 0})
	about.ID = change.NewID()
	Advance(t, s, agent.ID, change.Step{To: change.StatusCancelled, At: at})
	check("cancelled", at, told{1, 1})
	Advance(t, s, user.ID, change.Step{To: change.StatusDeclined, At: at})
	check("declined", at, told{0, 1})
	yes := plan(policy.LevelUser, about.Principal, 1)
	approval := &change.Approval{Level: policy.LevelUser, By: "ann", At: at}
	Advance(t, s, yes.ID, change.Step{To: change.StatusApplying, At: at, Approval: approval})
	check("confirmed", at, told{0, 1})
	plan(policy.LevelUser, about.Principal, 1)
	check("one more", at, told{1, 2})
	check("after the window", Epoch.Add(change.Window+time.Second), told{1, 0})
	if durable, ok := s.(change.Durable); ok {
		checkInfo(t, durable, at)
	}
	check("once it is overdue", Epoch.Add(time.Hour), told{})
}

// checkInfo holds what a store sums up against what testWaiting did.
func checkInfo(t *testing.T, s change.Durable, at time.Time) {
	t.Helper()
	info, err := s.Info(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	want := map[change.Status]int{change.StatusAwaiting: 2, change.StatusApplying: 1, change.StatusCancelled: 1,
		change.StatusDeclined: 1}
	if !maps.Equal(info.Changes, want) || info.Items != 104 || info.Waiting != 2 || info.WaitingBytes == 0 ||
		!info.Oldest.Equal(Epoch) || info.First != 1 || info.Head.Seq < 5 || info.Bytes < 10_000 || info.Frozen {
		t.Errorf("summed up as %+v", info)
	}
	if info, err := s.Info(t.Context(), Epoch.Add(time.Hour)); err != nil || info.Changes[change.StatusExpired] != 2 ||
		info.Waiting != 0 {
		t.Errorf("an hour later as %+v: %v", info, err)
	}
}
