package postgres

import (
	"context"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// unread takes what is to be cut, and does nothing with it.
type unread struct{}

func (unread) Event(context.Context, change.Head, string) error                 { return nil }
func (unread) Change(context.Context, *change.Change, change.StopRequest) error { return nil }

// TestCutIsNoLoss: a store that saw the last of what another one cut goes on writing.
func TestCutIsNoLoss(t *testing.T) {
	url := postgrestest.Schema(t)
	idle, other := openAt(t, url), openAt(t, url)
	call := change.Event{Kind: change.KindCall, Time: time.Now().AddDate(-1, 0, 0)}
	if err := idle.Append(t.Context(), call, call); err != nil {
		t.Fatal(err)
	}
	cuts := other.Shared().Cuts
	cut, err := cuts.Oldest(t.Context(), time.Now(), unread{})
	if err != nil || cut.To.Seq != 2 {
		t.Fatal(cut, err)
	}
	if err := cuts.Remove(t.Context(), cut, change.Exported{}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := idle.Append(t.Context(), change.Event{Kind: change.KindCall}); err != nil {
			t.Error(err)
		}
	}
	if _, err := idle.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}
