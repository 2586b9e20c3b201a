package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// filling is a store whose disk may be full.
type filling struct {
	change.Store
	full bool
}

func (f *filling) Append(ctx context.Context, events ...change.Event) error {
	if f.full {
		return fmt.Errorf("no space left: %w", change.ErrUnavailable)
	}
	return f.Store.Append(ctx, events...)
}

// TestCallTrail records what could not be recorded at once: before what follows
// it, or at the end.
func TestCallTrail(t *testing.T) {
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	disk := &filling{Store: store}
	trail := &callTrail{store: disk}
	for i, full := range []bool{false, true, true, false, true} {
		disk.full = full
		trail.record(t.Context(), change.Event{Kind: change.KindCall, Facts: map[string]string{"path": fmt.Sprint(i)}})
	}
	disk.full = false
	trail.close(t.Context())
	trail.close(t.Context())
	var got []string
	for e, err := range store.Events(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Facts["path"])
	}
	if want := []string{"0", "1", "2", "3", "4"}; !slices.Equal(got, want) {
		t.Errorf("recorded: %v", got)
	}
	disk.full = true
	for range maxMissed + 5 {
		trail.record(t.Context(), change.Event{Kind: change.KindCall})
	}
	if len(trail.missed) != maxMissed || trail.lost != 5 {
		t.Errorf("%d are kept, %d are lost", len(trail.missed), trail.lost)
	}
}
