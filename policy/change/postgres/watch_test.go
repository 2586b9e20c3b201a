package postgres

import (
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestCheckAfterForgetting checks a trail of which nothing is remembered any more: two calls noticed a loss that an
// operator has accepted, and the other one has forgotten it.
func TestCheckAfterForgetting(t *testing.T) {
	t.Parallel()
	at, giveBack := postgrestest.Emptied(t)
	t.Cleanup(giveBack)
	s := openAt(t, at)
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	w := s.database.trail.watch
	w.forget(w.all())
	if err := w.check(t.Context()); err != nil {
		t.Error(err)
	}
}
