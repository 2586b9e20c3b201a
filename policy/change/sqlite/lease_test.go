package sqlite

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// applyingIn starts a change in a store at path whose signs of life have ended.
func applyingIn(t *testing.T, s *Store) change.Change {
	t.Helper()
	c := changetest.Create(t, s, changetest.Planned(change.StatusApproved, 2))
	return changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: time.Now()})
}

// expireLeases lets the time of every owner run out, and has the one of s renew no lease any more, as it has died.
func expireLeases(t *testing.T, s *Store) {
	t.Helper()
	s.owner.leases.Close()
	s.owner.leases.Wait()
	execRaw(t, s.Path(), "UPDATE changes SET lease_until = 1")
}

// TestInterrupted takes over the change of an owner that died, once.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "changes.db")
	dead, heir := openAt(t, path), openAt(t, path)
	c := applyingIn(t, dead)
	changetest.Create(t, dead, changetest.Planned(change.StatusAwaiting, 1)) // is nobody's
	if got, err := heir.ClaimInterrupted(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("its owner lives: %v, %v", got, err)
	}
	if status, owned, err := heir.Status(t.Context(), c.Principal, c.ID); status != change.StatusApplying || !owned ||
		err != nil {
		t.Errorf("its owner lives: %s, %t, %v", status, owned, err)
	}
	expireLeases(t, dead)
	if status, owned, err := heir.Status(t.Context(), c.Principal, c.ID); status != change.StatusApplying || owned ||
		err != nil {
		t.Errorf("its owner has died: %s, %t, %v", status, owned, err)
	}
	got, err := heir.ClaimInterrupted(t.Context())
	if err != nil || len(got) != 1 || got[0].ID != c.ID || got[0].Status != change.StatusApplying ||
		len(got[0].Items) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if again, err := openAt(t, path).ClaimInterrupted(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("taken over twice: %v, %v", again, err)
	}

	// The old owner is not dead after all, and must not write any more.
	if err := dead.Record(t.Context(), c.ID,
		[]change.Recorded{{Outcome: change.Changed}}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("a record of the old owner: %v", err)
	}
	if err := dead.RecordJob(t.Context(), c.ID, change.Job{}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("a job of the old owner: %v", err)
	}
	if after, err := dead.Advance(t.Context(), c.ID,
		change.Step{To: change.StatusFailed, At: changetest.Epoch}); !errors.Is(err, change.ErrFenced) ||
		after.Status != change.StatusApplying {
		t.Errorf("a step of the old owner: %+v, %v", after, err)
	}
	if _, err := dead.Advance(t.Context(), c.ID,
		change.Step{To: change.StatusUndone, At: changetest.Epoch}); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("a step that is not allowed: %v", err)
	}
	if err := heir.Record(t.Context(), c.ID, []change.Recorded{{Outcome: change.Changed}}); err != nil {
		t.Error(err)
	}

	// Nor does it get the change back while a worker of it may be about.
	expireLeases(t, heir)
	if back, err := dead.ClaimInterrupted(t.Context()); err != nil || len(back) != 0 {
		t.Errorf("back at the old owner: %v, %v", back, err)
	}
	changetest.Advance(t, heir, c.ID, change.Step{To: change.StatusPartial, At: changetest.Epoch})
	if err := dead.Record(t.Context(), c.ID,
		[]change.Recorded{{Outcome: change.Failed}}); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("a record after the end: %v", err)
	}
}

// TestApprovedAndLeft takes over a change whose owner died between the approval
// and the start of the work. Whoever starts it, it starts once.
func TestApprovedAndLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	dead, heir := openAt(t, path), openAt(t, path)
	c := changetest.Create(t, dead, changetest.Planned(change.StatusApproved, 2))
	if got, err := heir.ClaimInterrupted(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("its owner lives: %v, %v", got, err)
	}
	expireLeases(t, dead)
	if got, err := dead.ClaimInterrupted(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("the owner takes it from itself: %v, %v", got, err)
	}
	got, err := heir.ClaimInterrupted(t.Context())
	if err != nil || len(got) != 1 || got[0].ID != c.ID || got[0].Status != change.StatusApproved ||
		len(got[0].Items) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	third := openAt(t, path)
	if again, err := third.ClaimInterrupted(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("taken over twice: %v, %v", again, err)
	}
	expireLeases(t, heir)
	if again, err := third.ClaimInterrupted(t.Context()); err != nil || len(again) != 1 {
		t.Errorf("not taken over from an heir that died too: %v, %v", again, err)
	}

	changetest.Advance(t, heir, c.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch})
	for _, late := range []*Store{dead, third} {
		if after, err := late.Advance(t.Context(), c.ID,
			change.Step{To: change.StatusApplying, At: changetest.Epoch}); !errors.Is(err, change.ErrStatusChanged) ||
			after.Status != change.StatusApplying {
			t.Errorf("started again: %+v, %v", after, err)
		}
	}
	if err := third.Record(t.Context(), c.ID,
		[]change.Recorded{{Outcome: change.Changed}}); !errors.Is(err, change.ErrFenced) {
		t.Errorf("a record of who did not start it: %v", err)
	}
	changetest.Advance(t, heir, c.ID, change.Step{To: change.StatusApplied, At: changetest.Epoch})
}

// TestInterruptedOnce has many stores look for interrupted changes: each
// change goes to one of them.
func TestInterruptedOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	dead := openAt(t, path)
	const changes = 5
	for range changes {
		applyingIn(t, dead)
	}
	expireLeases(t, dead)
	var mu sync.Mutex
	owners := make(map[string]int)
	var wg sync.WaitGroup
	for range 6 {
		s := openAt(t, path)
		wg.Go(func() {
			got, err := s.ClaimInterrupted(t.Context())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range got {
				owners[got[i].ID]++
			}
		})
	}
	wg.Wait()
	for id, n := range owners {
		if n != 1 {
			t.Errorf("%s was taken over %d times", id, n)
		}
	}
	if len(owners) != changes {
		t.Errorf("%d changes were taken over", len(owners))
	}
}

// TestUnrecordedEnd has the end of the work fail to be recorded: the change is
// taken up again once the lease has run out, by this store too.
func TestUnrecordedEnd(t *testing.T) {
	s := openTemp(t)
	c := applyingIn(t, s)
	if _, err := s.database.file.write.ExecContext(t.Context(), "PRAGMA query_only = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Advance(t.Context(), c.ID,
		change.Step{To: change.StatusApplied, At: changetest.Epoch}); !errors.Is(err, change.ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := s.database.file.write.ExecContext(t.Context(), "PRAGMA query_only = 0"); err != nil {
		t.Fatal(err)
	}
	expireLeases(t, s)
	if got, err := s.ClaimInterrupted(t.Context()); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestSignsOfLife waits until the lease of a change has been renewed, and for
// the beats to end with the work.
func TestSignsOfLife(t *testing.T) {
	s := openTemp(t)
	s.Lease = 15 * time.Millisecond
	first, second := applyingIn(t, s), applyingIn(t, s)
	lease := func(id string) (until int64) {
		t.Helper()
		reader, err := s.database.file.reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := reader.QueryRowContext(t.Context(), `SELECT lease_until FROM changes WHERE id = ?`,
			id).Scan(&until); err != nil {
			t.Fatal(err)
		}
		return until
	}
	renewed := func(id string) {
		t.Helper()
		deadline := time.Now().Add(time.Minute)
		for start := lease(id); lease(id) == start; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("the lease of %s is not renewed", id)
			}
		}
	}
	for _, c := range []change.Change{first, second} {
		renewed(c.ID)
		changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplied, At: changetest.Epoch})
	}
	s.owner.leases.Wait() // ends, though the store is open
	third := applyingIn(t, s)
	renewed(third.ID)
}
