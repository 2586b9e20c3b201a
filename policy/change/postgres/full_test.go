package postgres

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// large is a change that takes about a megabyte, also where the database compresses it.
func large(status change.Status) change.Change {
	c := changetest.Planned(status, 500)
	for i := range c.Items {
		name := make([]byte, 1000)
		_, _ = rand.Read(name)
		c.Items[i].Patch.Set = map[string]any{"name": hex.EncodeToString(name)}
	}
	return c
}

// fillUp records large changes until that fails, and returns why. That those before are there is for the writers to
// check.
func (w *writers) fillUp(t *testing.T) error {
	t.Helper()
	for range 500 {
		c := large(change.StatusAwaiting)
		_, err := w.stores[0].Create(t.Context(), c, nil)
		w.note(c.ID, err)
		if err != nil {
			return err
		}
	}
	t.Fatal("the disk was not filled up")
	return nil
}

// TestTablesFull fills up the disk that the tables are on: writes are refused for that reason, reads go on, nothing is
// half recorded, and writes go on by themselves once there is room.
func TestTablesFull(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	disk, resize := changetest.SmallDisk(t, 12)
	if err := server.KeepIn(disk); err != nil {
		t.Fatal(err)
	}
	w := write(t, server.URL("s"), 10*time.Second)
	w.more(t, 30)
	s := w.stores[0]
	running := changetest.Create(t, s, large(change.StatusApproved))
	changetest.Advance(t, s, running.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch})
	w.note(running.ID, nil)
	if err := w.fillUp(t); !errors.Is(err, change.ErrUnavailable) ||
		!strings.Contains(err.Error(), "the disk of the database is full") {
		t.Errorf("not told: %v", err)
	}
	var outcomes []change.Recorded
	for i := range running.Items {
		outcomes = append(outcomes, change.Recorded{Index: i, Outcome: change.Changed})
	}
	if err := s.Record(t.Context(), running.ID, outcomes); !errors.Is(err, change.ErrUnavailable) {
		t.Errorf("recorded: %v", err)
	}
	if got, err := s.Get(t.Context(), "ann", running.ID); err != nil || change.CountItems(got.Items).Pending != 500 {
		t.Errorf("half recorded, or not read: %v, %+v", err, change.CountItems(got.Items))
	}
	resize(256)
	w.more(t, 30)
	if err := s.Record(t.Context(), running.ID, outcomes); err != nil {
		t.Errorf("with room again: %v", err)
	}
	w.check(t)
}

// TestLogFull fills up the disk of the database with its log of writes on it: PostgreSQL stops then. Nothing that was
// recorded is lost or doubled, and all goes on once there is room and PostgreSQL was started again.
func TestLogFull(t *testing.T) {
	t.Parallel()
	postgrestest.Need(t)
	disk, resize := changetest.SmallDisk(t, 90)
	server, err := postgrestest.NewIn(disk, "max_wal_size=1GB")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Remove() })
	w := write(t, server.URL("s"), 10*time.Second)
	w.more(t, 30)
	if err := w.fillUp(t); !errors.Is(err, change.ErrUnavailable) {
		t.Errorf("not told: %v", err)
	}
	resize(512)
	server.Stop(true) // unless it has ended
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	w.more(t, 30)
	w.check(t)
}
