package engine

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// uncut is a trail of which nothing, or nothing without an error, may be cut.
type uncut struct {
	change.Cuts
	looks []time.Time // before which it was to be cut
	err   error
}

func (u *uncut) Oldest(_ context.Context, before time.Time, _ change.CutReceiver) (change.Cut, error) {
	u.looks = append(u.looks, before)
	return change.Cut{}, u.err
}

// withCuts is a store whose trail is cut off.
type withCuts struct {
	change.Store
	cuts change.Cuts
}

func (s withCuts) Shared() change.Shared {
	shared := s.Store.Shared()
	shared.Cuts = s.cuts
	return shared
}

// TestCutOld looks once a day for what is older than the policy keeps it, in whole days, and each hour while that
// fails, which it tells once; where the policy keeps all, or the store cuts nothing, not at all.
func TestCutOld(t *testing.T) {
	for name, test := range map[string]struct {
		keep  time.Duration
		none  bool
		err   error
		again time.Duration
		told  int
		looks int // within three hours and a half of Resume
	}{
		"nothing is old":         {48 * time.Hour, false, nil, PurgeEvery, 0, 1},
		"all is kept":            {0, false, nil, 0, 0, 0},
		"nothing can be cut":     {48 * time.Hour, true, nil, 0, 0, 0},
		"it fails":               {48 * time.Hour, false, change.ErrUnavailable, cutAgain, 1, 4},
		"the server ends":        {48 * time.Hour, false, context.Canceled, cutAgain, 0, 4},
		"another server is done": {48 * time.Hour, false, change.ErrStatusChanged, 0, 0, 420},
	} {
		folder := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 1})
			keeps := *f.policy.Load()
			keeps.Retention.Records, keeps.Retention.Folder = test.keep, folder
			f.policy.Store(&keeps)
			u := &uncut{err: test.err}
			if f.store = (withCuts{f.store, u}); test.none {
				f.store = withCuts{f.store, nil}
			}
			f.restart()
			time.Sleep(90 * time.Minute) // it is no whole day
			waits, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
				Status: change.StatusAwaiting, CreatedAt: time.Now().Add(-96 * time.Hour),
				ExpiresAt: time.Now().Add(-95 * time.Hour), Items: []change.Item{{TargetID: "5f"}}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if again := f.resumer.CutOld(t.Context()); again != test.again {
				t.Errorf("%s: again after %v", name, again)
			}
			if want := time.Now().Add(-test.keep).UTC().Truncate(24 * time.Hour); len(u.looks) > 0 && !u.looks[0].Equal(want) {
				t.Errorf("%s: before %v", name, u.looks[0])
			}
			waiting := map[bool]change.Status{true: change.StatusExpired, false: change.StatusAwaiting}
			if got := f.stored(waits.ID).Status; got != waiting[test.again == PurgeEvery] {
				t.Errorf("%s: what waited in vain is %s", name, got)
			}
			u.looks = nil
			f.resumer.Resume()
			time.Sleep(3*time.Hour + 30*time.Minute)
			if f.Close(t.Context()); len(u.looks) != test.looks || f.told() != test.told {
				t.Errorf("%s: %d looks, told: %s", name, len(u.looks), &f.logs)
			}
		})
	}
}

// TestCutFailsAgain tells of a failure once, and once more after a cut that went well.
func TestCutFailsAgain(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	keeps := *f.policy.Load()
	keeps.Retention.Records, keeps.Retention.Folder = 48*time.Hour, t.TempDir()
	f.policy.Store(&keeps)
	u := &uncut{}
	f.store = withCuts{f.store, u}
	f.restart()
	for i, told := range []int{1, 1, 1, 2, 2} {
		if u.err = change.ErrUnavailable; i == 2 {
			u.err = nil
		}
		if f.resumer.CutOld(t.Context()); f.told() != told {
			t.Errorf("%d: told %d times, want %d: %s", i, f.told(), told, &f.logs)
		}
	}
}

// TestExpireOverdue has what waited in vain be expired on record, however much it is, and nothing else.
func TestExpireOverdue(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.store = change.NewMemory(1000)
	f.restart()
	now := time.Now()
	waiting := func(expires time.Time) string {
		c, err := f.store.Create(t.Context(), change.Change{ID: change.NewID(), Principal: "local",
			Status: change.StatusAwaiting, CreatedAt: now.Add(-time.Hour), ExpiresAt: expires, Items: f.renamings(1)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	overdue := []string{waiting(now.Add(-time.Minute))} // the last to be listed, after more than a page that may wait
	for range listedAtOnce + 1 {
		waiting(now.Add(time.Hour))
	}
	for range listedAtOnce + 1 {
		overdue = append(overdue, waiting(now.Add(-time.Minute)))
	}
	open := waiting(now.Add(time.Hour))
	for _, at := range []time.Time{now.Add(-2 * time.Hour), now} {
		if err := f.resumer.expireOverdue(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if at.Before(now) {
			continue
		}
		for _, id := range overdue {
			if got := f.stored(id); got.Status != change.StatusExpired {
				t.Fatalf("%s is %s", id, got.Status)
			}
		}
		if got := f.stored(open).Status; got != change.StatusAwaiting {
			t.Errorf("what may be confirmed is %s", got)
		}
	}
	waiting(now.Add(-time.Minute))
	f.Engine.store = endless{f.store, change.StatusExpired}
	if err := f.resumer.expireOverdue(t.Context(), now); !errors.Is(err, change.ErrUnavailable) {
		t.Error(err)
	}
}
