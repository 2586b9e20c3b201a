package tools

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/render"
)

// failingStore records so many outcomes, and then none.
type failingStore struct {
	change.Store
	left atomic.Int32
}

func (s *failingStore) Record(ctx context.Context, id string, outcomes []change.Recorded) error {
	if s.left.Add(-1) < 0 {
		return fmt.Errorf("no space left: %w", change.ErrUnavailable)
	}
	return s.Store.Record(ctx, id, outcomes)
}

// TestRecordFails stops sending once outcomes cannot be recorded any more.
func TestRecordFails(t *testing.T) {
	store := &failingStore{Store: change.NewMemory(10)}
	store.left.Store(2)
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.NoPreview = true }),
		func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
	var ids []string
	for i := range 60 {
		ids = append(ids, w.user(i).ID)
	}
	receipt := w.asked("bulk_update_contacts", object{"contacts": ids, "set": object{"name": "Same"}}, Accept)
	if receipt["status"] != "unknown" || receipt["changed"] != float64(2) || receipt["unknown"] != float64(58) ||
		receipt["pending"] != nil {
		t.Errorf("receipt: %v", receipt)
	}
	// Those under way when the first record failed are finished, no more.
	if sent := len(w.writes()); sent > 2+2*engine.SingleWorkers {
		t.Errorf("%d writes were sent", sent)
	}
}

// TestItemPanics makes one item unknown, and not the process.
func TestItemPanics(t *testing.T) {
	w := newWorld(t)
	c := change.Change{ID: change.NewID(), Principal: "local", Tool: "merge_contacts", Status: change.StatusApproved,
		CreatedAt: time.Now(),
		ExpiresAt: time.Now().Add(time.Minute), Items: []change.Item{
			{TargetID: w.user(0).ID, Patch: change.Patch{Op: change.Merge}}, // without the contact to merge into
			{TargetID: w.user(1).ID, Patch: change.Patch{Op: change.Archive}},
		}}
	if _, err := w.store.Create(context.Background(), c, nil); err != nil {
		t.Fatal(err)
	}
	s := w.newSession(Call{Principal: "local"}, &w.tools[0])
	answer, err := startAndWait(context.Background(), s, c, change.Step{})
	if err != nil {
		t.Fatal(errors.Unwrap(err), err)
	}
	if receipt := answer.(*render.ChangeResult); receipt.Unknown != 1 || receipt.Changed != 1 {
		t.Errorf("receipt: %+v", receipt)
	}
}
