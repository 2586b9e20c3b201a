package sqlite

import (
	"errors"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// called are events of requests with these paths.
func called(paths ...string) (list []change.Event) {
	for _, path := range paths {
		list = append(list, change.Event{Kind: change.KindCall, Facts: map[string]string{"path": path}})
	}
	return list
}

// trail lists what the trail of a store holds, by path where there is one, else by kind.
func trail(t *testing.T, s *Store) (list []string) {
	t.Helper()
	for _, e := range events(t, s, time.Time{}) {
		if path := e.Facts["path"]; path != "" {
			list = append(list, path)
		} else {
			list = append(list, string(e.Kind))
		}
	}
	return list
}

// TestAppendSoon records events before the next write, after a while without one, and at the end of the store.
func TestAppendSoon(t *testing.T) {
	t.Parallel()
	s := openTemp(t)
	c := applyingIn(t, s)
	soon := func(paths ...string) {
		t.Helper()
		if err := s.AppendSoon(called(paths...)...); err != nil {
			t.Error(err)
		}
	}
	soon("1", "2")
	soon("3")
	changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplied, At: changetest.Epoch})
	want := []string{"planned", "applying", "1", "2", "3", "applied"}
	if got := trail(t, s); !slices.Equal(got, want) {
		t.Errorf("with the next write: %v", got)
	}
	soon("4")
	for deadline := time.Now().Add(time.Minute); len(trail(t, s)) < 7; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not recorded without another write")
		}
	}
	soon("5")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	again := openAt(t, s.Path())
	if got := trail(t, again); !slices.Equal(got, append(want, "4", "5")) {
		t.Errorf("after the end: %v", got)
	}
	if _, err := again.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAppendSoonUnwritable keeps what cannot be written for the next write, up to a bound, and says so.
func TestAppendSoonUnwritable(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	writable := func(yes string) {
		t.Helper()
		if _, err := s.database.file.write.ExecContext(t.Context(), "PRAGMA query_only = "+yes); err != nil {
			t.Fatal(err)
		}
	}
	writable("1")
	if err := s.AppendSoon(called("1")...); err != nil {
		t.Errorf("before the first attempt: %v", err)
	}
	if err := s.Append(t.Context(), called("2")...); !errors.Is(err, change.ErrUnavailable) {
		t.Error(err)
	}
	if err := s.AppendSoon(called("3")...); err == nil {
		t.Error("nobody is told that the trail cannot be written")
	}
	writable("0")
	if err := s.Append(t.Context(), called("4")...); err != nil {
		t.Error(err)
	}
	if got := trail(t, s); !slices.Equal(got, []string{"planned", "1", "3", "4"}) {
		t.Errorf("recorded: %v", got)
	}
	if err := s.AppendSoon(called("5")...); err != nil {
		t.Error(err)
	}
}
