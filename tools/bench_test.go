package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// onDisk keeps changes in a file, and has no user who need be asked.
func onDisk(b *testing.B) worldOption {
	store, err := sqlite.Open(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := store.Close(); err != nil {
			b.Error(err)
		}
	})
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store }
}

// BenchmarkPlan plans a change of one contact, up to the question to the user:
// it is planned, decided upon, and recorded on the disk.
func BenchmarkPlan(b *testing.B) {
	w := newWorld(b, onDisk(b), withSandbox(plenty))
	id, n := w.people(20, 1)[0], 0
	for b.Loop() {
		n++
		args := object{"contact": id, "set": object{"email": fmt.Sprintf("new-%d@example.com", n)}}
		if w.try("update_contact", args, func(c *Call) { c.CanAsk = true }).Ask == nil {
			b.Fatal("nothing is asked")
		}
	}
}

// BenchmarkDecide asks the built-in policy about a planned change.
func BenchmarkDecide(b *testing.B) {
	p := policy.Default(policy.ModeWrite)
	request := policy.Request{Tool: "bulk_update_contacts", Effect: policy.Write, Reversible: true, Principal: "local",
		Contacts: 30, Fields: []string{"name", "tags"}, Reach: policy.LevelUser}
	for b.Loop() {
		if p.Decide(request).Verdict != policy.Confirm {
			b.Fatal("not to be confirmed")
		}
	}
}

// BenchmarkConfirm takes a change of one contact from the question to the
// receipt: planned, confirmed, read again, written, read back and recorded.
func BenchmarkConfirm(b *testing.B) {
	w := newWorld(b, onDisk(b), withSandbox(plenty))
	id, n := w.people(20, 1)[0], 0
	for b.Loop() {
		n++
		receipt := w.asked("update_contact",
			object{"contact": id, "set": object{"email": fmt.Sprintf("new-%d@example.com", n)}}, Accept)
		if receipt["status"] != "applied" {
			b.Fatal(receipt)
		}
	}
}

// BenchmarkRepeat confirms a change again that has ended.
func BenchmarkRepeat(b *testing.B) {
	w := newWorld(b, onDisk(b), withSandbox(plenty))
	receipt := w.do("bulk_update_contacts", rename(w.people(20, 2), "Same Name"))
	for b.Loop() {
		w.do("confirm_change", object{"change": receipt["change"]})
	}
}

// unruled is under a policy that lets through whatever no limit forbids.
func unruled(b *testing.B) worldOption {
	rules, err := policy.Parse("p.yaml", []byte("rules: []\nlimits: {contacts_per_10m: 1000000}\n"), PolicyVocabulary())
	if err != nil {
		b.Fatal(err)
	}
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(rules) }
}

// plenty lets a benchmark send what it can.
func plenty(o *sandbox.Options) { o.RateLimit = 1 << 30 }

// mostMemory is what a change of ten thousand contacts may hold in memory.
const mostMemory = 64 << 20

// BenchmarkMemory takes a change of 10,000 contacts of a workspace in another
// process from its plan to its end, in half a minute, and reports the most
// memory that was held on the way.
func BenchmarkMemory(b *testing.B) {
	store, err := sqlite.Open(filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close() // it has only been measured
	p, err := crashPipeline(serveLarge(b), store)
	if err != nil {
		b.Fatal(err)
	}
	defer p.client.Close()
	args := encoded(b, stormKind.args(nil))
	before, peak := heldMemory(), watchMemory(b)
	for b.Loop() {
		receipt, err := consented(b.Context(), p, Call{Tool: stormKind.tool, Args: args})
		for err == nil && bytes.Contains(receipt, []byte(`"status":"applying"`)) {
			time.Sleep(time.Second)
			var handle ChangeInput
			if err = json.Unmarshal(receipt, &handle); err == nil {
				receipt, err = consented(b.Context(), p, Call{Tool: "get_change", Args: encoded(b, handle)})
			}
		}
		if err != nil || !bytes.Contains(receipt, []byte(`"status":"applied"`)) {
			b.Fatal(string(receipt), err)
		}
	}
	most := peak() - before
	b.ReportMetric(float64(most)/(1<<20), "MiB-peak")
	if most > mostMemory {
		b.Errorf("%d MiB, want at most %d", most>>20, mostMemory>>20)
	}
	p.Close(b.Context())
}

// serveLarge serves a workspace of 10,000 contacts from another process, and
// returns its address.
func serveLarge(b *testing.B) string {
	k := new(killer)
	server, err := start(childTask{Serve: 10_000}, k)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.kill(); server.told.Wait() })
	for {
		k.mu.Lock()
		passed := k.passed
		k.mu.Unlock()
		if len(passed) > 0 {
			return passed[0]
		}
		select {
		case <-server.gone:
			b.Fatalf("the sandbox ended: %s", server.stderr.String())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// heldMemory is what the garbage collector cannot free, in bytes.
func heldMemory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// watchMemory looks at the held memory now and then, until the function it
// returns is asked for the most that was seen.
func watchMemory(b *testing.B) func() int64 {
	stop, most := make(chan struct{}), make(chan int64, 1)
	go func() {
		var peak int64
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				most <- max(peak, heldMemory())
				return
			case <-b.Context().Done(): // the benchmark failed
				return
			case <-ticker.C:
				peak = max(peak, heldMemory())
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}

// BenchmarkUpdate writes to contacts, so many at once, under a policy without rules: each is planned, decided upon,
// recorded on the disk, written, read back and recorded, its requests included. The floor is two transactions of a bare
// file, one after the other.
func BenchmarkUpdate(b *testing.B) {
	for _, atOnce := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(atOnce, " at once"), func(b *testing.B) {
			var store *sqlite.Store
			w := newWorld(b, onDisk(b), withSandbox(plenty), unruled(b),
				func(_ *sandbox.Options, ic *intercom.Config, c *Config) {
					store = c.Store.(*sqlite.Store)
					ic.Observe = func(ctx context.Context, x intercom.Exchange) {
						if id := ChangeOf(ctx); id != "" {
							_ = store.AppendSoon(change.Event{Kind: change.KindCall, Change: id})
						}
					}
				})
			people := w.people(0, 400)
			var next atomic.Int64
			var working sync.WaitGroup
			b.ResetTimer()
			for range atOnce {
				working.Go(func() {
					for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
						args := object{"contact": people[n%len(people)], "set": object{"name": fmt.Sprint("Name ", n)}}
						if answer := w.do("update_contact", args); answer["status"] != "applied" {
							b.Error(answer)
							return
						}
					}
				})
			}
			working.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
