package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestDiskFull fills up the disk that the file is on: writes are refused for that reason, reads go on, and all goes on
// by itself once there is room.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk, resize := changetest.SmallDisk(t, 4)
	path := filepath.Join(disk, "changes.db")
	s := openAt(t, path)
	var kept []string
	long := func() change.Change {
		c := changetest.Planned(change.StatusAwaiting, 10)
		c.SideEffects = []string{strings.Repeat("long ", 10_000)}
		return c
	}
	var refused change.Change
	for failed := 0; failed < 5; { // the first may fit after a checkpoint
		c := long()
		_, err := s.Create(t.Context(), c, nil)
		if err == nil {
			kept, failed = append(kept, c.ID), 0
			continue
		}
		refused = c
		if failed++; !errors.Is(err, change.ErrUnavailable) || !strings.Contains(err.Error(), "full") {
			t.Fatalf("not told: %v", err)
		}
	}
	for _, s := range []*Store{s, openAt(t, path)} {
		if list, err := s.List(t.Context(), "ann", change.Query{Limit: 1000}); err != nil || len(list) != len(kept) {
			t.Errorf("%d of %d, %v", len(list), len(kept), err)
		}
	}
	resize(32)
	if _, err := s.Create(t.Context(), refused, nil); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
	if list, err := s.List(t.Context(), "ann", change.Query{Limit: 1000}); err != nil || len(list) != len(kept)+1 {
		t.Errorf("%d of %d, %v", len(list), len(kept)+1, err)
	}
}
