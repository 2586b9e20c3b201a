package exports

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/sqlite"
)

// The points at which a process dies.
const (
	dieWriting   = "while it writes"
	dieExported  = "after the export"
	dieRemoving  = "at any moment of the removal"
	dieRemoved   = "after the removal"
	removalTakes = 30 * time.Millisecond
)

// dying are cuts whose process dies at a point, by a signal that it cannot handle.
type dying struct {
	change.Cuts
	point string
}

func die() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}

// Oldest implements [change.Cuts].
func (d dying) Oldest(ctx context.Context, before time.Time, into change.CutReceiver) (change.Cut, error) {
	cut, err := d.Cuts.Oldest(ctx, before, into)
	if d.point == dieWriting {
		die()
	}
	return cut, err
}

// Remove implements [change.Cuts].
func (d dying) Remove(ctx context.Context, cut change.Cut, to change.Exported) error {
	switch {
	case d.point == dieExported:
		die()
	case strings.HasPrefix(d.point, dieRemoving):
		after, err := time.ParseDuration(strings.TrimPrefix(d.point, dieRemoving+" "))
		if err != nil {
			return err
		}
		time.AfterFunc(after, die)
	}
	err := d.Cuts.Remove(ctx, cut, to)
	if d.point == dieRemoved {
		die()
	}
	return err
}

// cutAndDie is the child process: it cuts a trail, and dies at a point.
func cutAndDie(ctx context.Context, args []string) error {
	store, err := sqlite.Open(args[0])
	if err != nil {
		return err
	}
	defer store.Close()
	_, err = Cut(ctx, dying{store.Shared().Cuts, args[2]}, all, args[1])
	return err
}

// TestCutKilled kills processes at each point of a cut: all of it is in the store then, or it was cut and is in the
// files, and the next process goes on.
func TestCutKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	points := []string{dieWriting, dieExported, dieRemoved}
	for after := time.Duration(0); after < removalTakes; after += removalTakes / 6 {
		points = append(points, dieRemoving+" "+after.String())
	}
	state, folder := filepath.Join(t.TempDir(), "state.db"), t.TempDir()
	s := openAt(t, state)
	for _, point := range points {
		fill(t, s, 20)
		before, err := s.VerifyAudit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var killed *exec.ExitError
		err = changetest.Child(t, "cut", state, folder, point).Run()
		if !errors.As(err, &killed) && !strings.HasPrefix(point, dieRemoving) {
			t.Errorf("%s: %v", point, err)
		}
		now, err := s.VerifyAudit(t.Context())
		if err != nil || now.First != before.First && now.First <= before.Head.Seq {
			t.Errorf("%s: %+v, %v", point, now, err)
		}
		if gone := now.First != before.First; gone && (point == dieWriting || point == dieExported) ||
			!gone && point == dieRemoved {
			t.Errorf("%s: from %d to %d", point, before.First, now.First)
		}
		intact(t, s, folder, before.Head)
		cut(t, s, folder)
		intact(t, s, folder, before.Head)
	}
}
