package engine

import (
	"sync"
	"testing"

	"intercom-mcp/policy/change"
)

// TestStopRules states of each stop what becomes of what is not sent: whether it waits for whoever goes on, and whether
// the stop is put on record for them.
func TestStopRules(t *testing.T) {
	for why, want := range map[stop]struct {
		leaves, final, persist bool
		says                   string
	}{
		goOn:        {},
		pausing:     {leaves: true, says: "the server is to go on with it"},
		stopping:    {final: true, persist: true, says: "the server was stopped"},
		cancelled:   {final: true, says: "the change was cancelled: of no use"},
		forbidden:   {final: true, persist: true, says: "the policy in force forbids it now"},
		mostlyFails: {final: true, persist: true, says: "too much failed"},
	} {
		h := newHalt()
		if why != goOn && !h.set(why, change.StopRequest{By: "ann", Reason: "of no use"}) {
			t.Errorf("stop %d does not stop", why)
		}
		if h.stopped() != (why != goOn) || h.leaves() != want.leaves || h.final() != want.final ||
			stopRules[h.get()].persist != want.persist {
			t.Errorf("stop %d: stopped %t, leaves %t, final %t, persisted %t", why, h.stopped(), h.leaves(), h.final(),
				stopRules[h.get()].persist)
		}
		if h.reason() != want.says {
			t.Errorf("stop %d says %q", why, h.reason())
		}
		select {
		case <-h.done:
			if why == goOn {
				t.Error("done without a stop")
			}
		default:
			if why != goOn {
				t.Errorf("stop %d is not done", why)
			}
		}
	}
	if len(stopRules) != int(mostlyFails)+1 {
		t.Errorf("%d stops have rules", len(stopRules))
	}
}

// TestFirstStopWins stops a run for several reasons at once: the first one counts, and nobody else's.
func TestFirstStopWins(t *testing.T) {
	h := newHalt()
	won := make(chan stop, 5)
	var stopping sync.WaitGroup
	for why := pausing; why <= mostlyFails; why++ {
		stopping.Go(func() {
			if h.set(why, change.StopRequest{}) {
				won <- why
			}
		})
	}
	stopping.Wait()
	close(won)
	if len(won) != 1 {
		t.Fatalf("%d stops won", len(won))
	}
	if first := <-won; h.get() != first {
		t.Errorf("%d won, the run is stopped for %d", first, h.get())
	}
	cancel := newHalt()
	cancel.set(cancelled, change.StopRequest{})
	cancel.set(cancelled, change.StopRequest{Reason: "later"})
	if cancel.reason() != "the change was cancelled" {
		t.Errorf("a later request counts: %s", cancel.reason())
	}
}
