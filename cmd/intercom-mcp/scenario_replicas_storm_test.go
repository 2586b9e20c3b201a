//go:build unix

package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// fullStories reports whether the stories of several servers run in full size: with STORIES=full.
func fullStories() bool { return os.Getenv("STORIES") == "full" }

// crashSeed decides what agents do and when servers die: CRASH_SEED in the environment, or 1.
func crashSeed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv("CRASH_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("CRASH_SEED=%d", seed)
	return seed
}

// stormContacts is how many contacts an agent has for itself.
const stormContacts = 40

// TestReplicasStorm has 16 agents read and write through three servers that are killed and started again throughout:
// nothing is lost, doubled or crossed, and the requests stay within Intercom's window.
func TestReplicasStorm(t *testing.T) {
	t.Parallel()
	const agents = 16
	reads, writes, bulks := 84, 18, 3 // of each agent: 2,000 calls, 50 of them bulks
	if !fullStories() {
		reads, writes, bulks = 21, 4, 1
	}
	seed := crashSeed(t)
	r := newReplicas(t, 3, agents, replicasPolicy, sandbox.Options{Contacts: agents * stormContacts})
	var all []*write
	var working sync.WaitGroup
	for i, a := range r.agents {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		more := 0
		if fullStories() && i < 2 {
			more = 1
		}
		own := writesOf(a, r.contactsOf(i), writes/2, writes-writes/2, bulks+more)
		all = append(all, own...)
		working.Go(func() { r.storm(t, a, i, own, reads, random) })
	}
	ended := make(chan struct{})
	go func() { working.Wait(); close(ended) }()
	kills := r.killUntil(ended, rand.New(rand.NewPCG(seed, 99)))
	for _, a := range r.agents { // settling takes what time it takes: the servers are left alone now
		working.Go(func() {
			for _, w := range all {
				if w.agent == a {
					w.settle(t, r)
				}
			}
		})
	}
	working.Wait()
	sent, lost := int64(0), int64(0)
	for _, a := range r.agents {
		sent, lost = sent+a.calls.Load(), lost+a.lost.Load()
	}
	t.Logf("%d calls, %d of them lost, %d changes, %d servers killed, at most %d of 1667 requests in a window",
		sent, lost, len(all), kills, r.peak())
	if limited := r.intercom.RateLimited(); limited > 0 {
		t.Errorf("%d requests beyond the window", limited)
	}
	r.uncrossed(t, all)
}

// contactsOf are the contacts that an agent has for itself.
func (r *replicas) contactsOf(agent int) (ids []string) {
	for _, contact := range r.intercom.Contacts()[agent*stormContacts : (agent+1)*stormContacts] {
		ids = append(ids, contact.ID)
	}
	return ids
}

// storm reads and writes as one agent, in an order of its own.
func (r *replicas) storm(t *testing.T, a *agent, place int, writes []*write, reads int, random *rand.Rand) {
	contacts := r.contactsOf(place)
	for _, step := range random.Perm(reads + len(writes)) {
		if step < len(writes) {
			writes[step].plan(t)
			writes[step].confirm()
			continue
		}
		id := contacts[random.IntN(len(contacts))]
		got, err := a.surely("get_contact", object{"contact": id})
		if err != nil || got.failed || got.ID != id {
			t.Errorf("%s: get_contact %s was answered %v, %v", a.name, id, got, err)
		}
	}
}

// killUntil kills servers and starts them again, one at least, until ended is closed, and returns how many.
func (r *replicas) killUntil(ended <-chan struct{}, random *rand.Rand) (kills int) {
	for {
		place := random.IntN(len(r.all))
		r.kill(place)
		r.start(place)
		kills++
		select {
		case <-ended:
			return kills
		case <-time.After(time.Duration(100+random.IntN(700)) * time.Millisecond):
		}
	}
}

// peak is the most requests that Intercom got within a window, which begins every ten seconds.
func (r *replicas) peak() (most int) {
	windows := make(map[int64]int)
	for _, call := range r.intercom.Calls() {
		window := call.At.Unix() / 10
		windows[window]++
		most = max(most, windows[window])
	}
	return most
}

// uncrossed demands that nobody sees a change of another's.
func (r *replicas) uncrossed(t *testing.T, all []*write) {
	t.Helper()
	owners := make(map[string]string)
	for _, w := range all {
		owners[w.change] = w.agent.name
	}
	for i, a := range r.agents {
		for _, listed := range a.must(t, "list_changes", object{"limit": 50}).Changes {
			if owner := owners[listed.Change]; owner != "" && owner != a.name {
				t.Errorf("%s is listed %s of %s", a.name, listed.Change, owner)
			}
		}
		others := all[(i*len(all)/len(r.agents)+len(all)/2)%len(all)]
		if got, err := a.call("get_change", object{"change": others.change}); err == nil && !got.failed {
			t.Errorf("%s reads %s of %s: %s", a.name, others.change, others.agent.name, fmt.Sprint(got.text))
		}
	}
}
