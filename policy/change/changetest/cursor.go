package changetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// testCursors keeps cursors for an hour, 200 of each principal, for that principal alone.
func testCursors(t *testing.T, s change.Store) {
	keep := func(principal, handle, position string, at time.Time) {
		t.Helper()
		if err := s.Shared().Cursors.Keep(t.Context(), principal, handle, position, at); err != nil {
			t.Fatal(err)
		}
	}
	is := func(principal, handle, want string, at time.Time) {
		t.Helper()
		got, err := s.Shared().Cursors.Find(t.Context(), principal, handle, at)
		if got != want || (want == "") != errors.Is(err, change.ErrNotFound) || want != "" && err != nil {
			t.Errorf("%s of %s: %q, %v; want %q", handle, principal, got, err, want)
		}
	}
	keep("ann", "a", "page 2", Epoch)
	is("ann", "a", "page 2", Epoch.Add(change.CursorHolds))
	is("ann", "a", "", Epoch.Add(change.CursorHolds+1))
	is("bob", "a", "", Epoch)
	is("ann", "b", "", Epoch)
	keep("bob", "a", "page 3", Epoch)
	is("ann", "a", "page 2", Epoch)
	is("bob", "a", "page 3", Epoch)

	later := Epoch.Add(change.CursorHolds / 2)
	keep("ann", "a", "page 2", later) // the same call again: from then on another hour
	is("ann", "a", "page 2", later.Add(change.CursorHolds))
	for i := range change.MaxCursors {
		keep("ann", fmt.Sprint(i), "position", later.Add(time.Duration(i+1)))
	}
	last := later.Add(time.Minute)
	is("ann", "a", "", last)
	is("ann", "0", "position", last)
	is("bob", "a", "page 3", last)
	keep("ann", "a", "page 2", last)
	is("ann", "a", "page 2", last)
	is("ann", "0", "", last)
	is("ann", "1", "position", last)

	for _, handle := range []string{"x", "y"} { // at one instant
		keep("carol", handle, handle, last)
	}
	is("carol", "x", "x", last)
	is("carol", "y", "y", last)
	if list, err := s.List(t.Context(), "ann", change.Query{Limit: 1}); len(list) > 0 || err != nil {
		t.Errorf("changes came to be: %v, %v", list, err)
	}
}
