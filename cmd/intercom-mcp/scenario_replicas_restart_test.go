//go:build unix

package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestReplicasRollingRestart restarts one replica after the other under load, by SIGTERM: no call fails. The delay is
// for the router to notice, and lasts on a machine that does much else.
func TestReplicasRollingRestart(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, 3, 4, replicasPolicy, sandbox.Options{}, "--shutdown-delay", "6s")
	done, watched := make(chan struct{}), make(chan struct{})
	go func() { defer close(watched); r.router.watch(done) }()
	contacts := r.intercom.Contacts()
	var working sync.WaitGroup
	var answered atomic.Int64
	ended := make(chan struct{})
	for i, a := range r.agents {
		working.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-ended:
					return
				case <-time.After(50 * time.Millisecond):
				}
				if err := a.work(contacts[i].ID, n); err != nil {
					t.Errorf("%s: %v", a.name, err)
				}
				answered.Add(1)
			}
		})
	}
	for place := range r.all {
		before := answered.Load()
		r.terminate(place)
		r.start(place)
		if answered.Load() == before {
			t.Error("nothing was answered during a restart")
		}
	}
	close(ended)
	working.Wait()
	close(done)
	<-watched
	sent, lost := int64(0), int64(0)
	for _, a := range r.agents {
		sent, lost = sent+a.calls.Load(), lost+a.lost.Load()
	}
	t.Logf("%d calls while three servers were restarted, %d lost", sent, lost)
	if lost > 0 {
		t.Errorf("%d of %d calls were lost", lost, sent)
	}
}

// work reads a contact, or writes a note to it.
func (a *agent) work(contact string, n int) error {
	if n%5 > 0 {
		got, err := a.call("get_contact", object{"contact": contact})
		if err != nil || got.failed {
			return fmt.Errorf("%v: %v", err, got)
		}
		return nil
	}
	planned, err := a.call("add_note", object{"contact": contact, "body": fmt.Sprintf("Call %d.", n)})
	if err != nil || planned.Status != "awaiting" {
		return fmt.Errorf("%v: %v", err, planned)
	}
	got, err := a.call("confirm_change", object{"change": planned.Change})
	if err != nil || got.failed {
		return fmt.Errorf("%v: %v", err, got)
	}
	return nil
}
