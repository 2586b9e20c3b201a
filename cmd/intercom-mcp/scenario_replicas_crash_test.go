//go:build unix

package main

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// takeoverWithin is how long after a server's death another has taken over what it worked on, at the latest.
const takeoverWithin = 30 * time.Second

// TestReplicasCrash kills three servers, each at a request to Intercom that chance picks, while 48 changes are carried
// out: others take up what they worked on, each item ends in one outcome, and the receipt is what the sandbox holds.
// With STORIES=full it goes on until 200 changes were cut off, each at a point of its own.
func TestReplicasCrash(t *testing.T) {
	t.Parallel()
	want, latency := 3, 30*time.Millisecond
	if fullStories() {
		want, latency = 200, 150*time.Millisecond
	}
	seed, cut, killed := crashSeed(t), 0, 0
	for wave := uint64(0); cut < want && wave < 40 && !t.Failed(); wave++ {
		random := rand.New(rand.NewPCG(seed, wave))
		r := newReplicas(t, 3, 16, replicasPolicy, sandbox.Options{
			Contacts: 16 * stormContacts, Latency: latency, RateLimit: 100_000,
		})
		died := r.crash(t, random)
		ended := time.Since(died).Round(time.Second)
		resumed, took := r.resumed(t, died)
		cut, killed = cut+resumed, killed+len(r.all)
		t.Logf("wave %d: %d changes taken up, the last %v after the last death, all ended after %v", wave, resumed, took,
			ended)
		if took > takeoverWithin {
			t.Errorf("what was cut off was taken up only after %v", took)
		}
		r.killAll()
	}
	t.Logf("%d changes cut off by %d deaths", cut, killed)
	if cut < want {
		t.Errorf("%d changes were cut off, want %d", cut, want)
	}
}

// crash has all agents write while each server is killed once and started again, until all changes have ended, and
// returns when the last server died.
func (r *replicas) crash(t *testing.T, random *rand.Rand) (died time.Time) {
	t.Helper()
	var all []*write
	var planning, confirming sync.WaitGroup
	for i, a := range r.agents {
		all = append(all, writesOf(a, r.contactsOf(i), 1, 1, 1)...)
	}
	for _, w := range all {
		planning.Go(func() { w.plan(t) })
	}
	planning.Wait()
	deaths := make(chan struct{}, len(r.all))
	r.passAt(random, deaths)
	for _, w := range all {
		confirming.Go(w.confirm)
	}
	for _, place := range random.Perm(len(r.all)) {
		select {
		case <-deaths:
		case <-time.After(5 * time.Second): // so few are left that the point is not reached
		}
		died = time.Now()
		r.kill(place)
		r.start(place)
	}
	r.reach.Store(nil)
	confirming.Wait()
	var settling sync.WaitGroup
	for _, w := range all {
		settling.Go(func() { w.settle(t, r) })
	}
	settling.Wait()
	return died
}

// resumed counts the changes that a server took over from a dead one, and tells how long after a time the last was.
func (r *replicas) resumed(t *testing.T, died time.Time) (n int, last time.Duration) {
	t.Helper()
	code, events, log := output(t, "audit", "list", "--kind", "resumed", "--json", "--state", r.state)
	if code != exitOK {
		t.Fatal(log)
	}
	changes := make(map[string]bool)
	for line := range strings.Lines(events) {
		var printed struct {
			Event struct {
				Time   time.Time
				Change string
			}
		}
		if err := json.Unmarshal([]byte(line), &printed); err != nil {
			t.Fatal(err)
		}
		changes[printed.Event.Change] = true
		last = max(last, printed.Event.Time.Sub(died).Round(time.Second))
	}
	return len(changes), last
}

// passAt tells deaths of as many points as there are servers.
func (r *replicas) passAt(random *rand.Rand, deaths chan<- struct{}) {
	var mu sync.Mutex
	next := 1 + random.IntN(60)
	reach := func() {
		mu.Lock()
		defer mu.Unlock()
		if next--; next == 0 {
			next = 1 + random.IntN(60)
			select {
			case deaths <- struct{}{}:
			default:
			}
		}
	}
	r.reach.Store(&reach)
}
