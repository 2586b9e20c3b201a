package changetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// grown is a store that a benchmark has filled.
type grown struct {
	items int
	open  func(b *testing.B) change.Durable // the same store once more
	store change.Durable
	last  string // id of the change that was created last
	made  int    // how many were
}

// Growth measures what a store does with old items in it against the same store without any, side by side. make returns
// how to open a store that holds the [History] of so many items. The environment's ITEMS lists how many:
// ITEMS=100000,1000000; 20,000 where it lists none.
//
// Each measure reports the median of each store in microseconds, and how many times the empty store's the largest one's
// is. What verify reports is for each item, and the most memory that was in use.
func Growth(b *testing.B, make func(b *testing.B, items int) func(b *testing.B) change.Durable) {
	stores := []*grown{}
	for _, items := range append([]int{0}, growthItems(b)...) {
		open := make(b, items)
		g := &grown{items: items, open: open, store: open(b)}
		b.Cleanup(func() {
			if err := g.store.Close(); err != nil {
				b.Error(err)
			}
		})
		for range page { // so that lists are as long in all
			if err := g.apply(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		stores = append(stores, g)
	}
	for _, m := range growthMeasures {
		b.Run(m.name, func(b *testing.B) { m.compare(b, stores) })
	}
	for _, g := range stores[1:] {
		b.Run(fmt.Sprintf("verify/%d", g.items), g.verify)
	}
}

// growthItems reads ITEMS.
func growthItems(b *testing.B) (sizes []int) {
	for text := range strings.SplitSeq(cmp.Or(os.Getenv("ITEMS"), "20000"), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			b.Fatalf("ITEMS lists numbers of items, not %q", text)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// compare runs a measure on each of some stores in turns.
func (m growthMeasure) compare(b *testing.B, stores []*grown) {
	times := make([][]float64, len(stores))
	for b.Loop() {
		for i, g := range stores {
			if m.prepare != nil {
				if err := m.prepare(b.Context(), g); err != nil {
					b.Fatal(err)
				}
			}
			began := time.Now()
			if err := m.run(b, g); err != nil {
				b.Fatal(err)
			}
			times[i] = append(times[i], float64(time.Since(began).Nanoseconds())/1e3)
		}
	}
	var medians []float64
	for i, g := range stores {
		slices.Sort(times[i])
		medians = append(medians, times[i][len(times[i])/2])
		b.ReportMetric(medians[i], fmt.Sprintf("µs/%d", g.items))
	}
	b.ReportMetric(medians[len(medians)-1]/medians[0], "×empty")
	b.ReportMetric(0, "ns/op") // which sums up what differs
}

// verify checks the whole trail, and samples how much of the memory is in use meanwhile.
func (g *grown) verify(b *testing.B) {
	var most uint64
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	before := live[0].Value.Uint64()
	done, sampled := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(sampled)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				metrics.Read(live)
				most = max(most, live[0].Value.Uint64())
			}
		}
	}()
	for b.Loop() {
		if _, err := g.store.VerifyAudit(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	close(done)
	<-sampled
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/1e3/float64(b.N)/float64(g.items), "µs/item")
	b.ReportMetric(float64(max(most, before)-before)/(1<<20), "MiB-live")
	info, err := g.store.Info(b.Context(), Epoch)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Bytes)/float64(g.items), "bytes/item")
	b.ReportMetric(float64(info.Head.Seq), "events")
	b.ReportMetric(0, "ns/op")
}

// growthMeasure is what a store is measured by.
type growthMeasure struct {
	name    string
	prepare func(ctx context.Context, g *grown) error // not measured; nil for nothing
	run     func(b *testing.B, g *grown) error
}

// growthMeasures are the measures. Those that write are the life of a change.
var growthMeasures = []growthMeasure{
	{"start", nil, func(b *testing.B, g *grown) error {
		s := g.open(b)
		_, err := s.List(b.Context(), "ann", change.Query{Limit: 1})
		return errors.Join(err, s.Append(b.Context(), change.Event{Kind: change.KindRefused}), s.Close())
	}},
	{"create", nil, func(b *testing.B, g *grown) error { return g.create(b.Context()) }},
	{"recent", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.Recent(b.Context(), g.planned(), g.now())
		return err
	}},
	{"start-change", func(ctx context.Context, g *grown) error { return g.create(ctx) },
		func(b *testing.B, g *grown) error { return g.advance(b.Context(), change.StatusApplying) }},
	{"record", func(ctx context.Context, g *grown) error {
		return errors.Join(g.create(ctx), g.advance(ctx, change.StatusApplying))
	}, func(b *testing.B, g *grown) error {
		return g.store.Record(b.Context(), g.last, []change.Recorded{{Outcome: change.Changed}})
	}},
	{"end-change", func(ctx context.Context, g *grown) error {
		return errors.Join(g.create(ctx), g.advance(ctx, change.StatusApplying))
	}, func(b *testing.B, g *grown) error { return g.advance(b.Context(), change.StatusApplied) }},
	{"append", nil, func(b *testing.B, g *grown) error {
		soon := g.store.AppendSoon(change.Event{Kind: change.KindCall}, change.Event{Kind: change.KindCall})
		return errors.Join(soon, g.store.Append(b.Context()))
	}},
	{"list", nil, list("ann", change.Query{})},
	{"list-all", nil, list("", change.Query{})},
	{"list-awaiting", nil, list("ann", change.Query{Status: change.StatusAwaiting, At: Epoch})},
	{"list-all-awaiting", nil, list("", change.Query{Status: change.StatusAwaiting, At: Epoch})},
	{"list-applied", nil, list("ann", change.Query{Status: change.StatusApplied})},
	{"list-expired", nil, list("ann", change.Query{Status: change.StatusExpired, At: Epoch})},
	{"list-unknown", nil, list("ann", change.Query{Status: change.StatusUnknown})},
	{"list-all-unknown", nil, list("", change.Query{Status: change.StatusUnknown})},
	{"list-before", nil, list("ann", change.Query{Before: Epoch.AddDate(-2, 0, 0)})},
	{"list-fingerprint", nil, list("ann", change.Query{Fingerprint: "old0"})},
	{"list-email", nil, list("", change.Query{Email: "nobody@example.com"})},
	{"find", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.Find(b.Context(), g.last)
		return err
	}},
	{"status", nil, func(b *testing.B, g *grown) error {
		_, _, err := g.store.Status(b.Context(), "ann", g.last)
		return err
	}},
	{"claim-interrupted", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.ClaimInterrupted(b.Context())
		return err
	}},
	{"purge-none", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.PurgeValues(b.Context(), Epoch.AddDate(-2, 0, 0))
		return err
	}},
	{"take-requests", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.Shared().Requests.Take(b.Context(), time.Minute, 10, change.RequestCheck)
		return err
	}},
	{"take-notices", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.Shared().Outbox.Take(b.Context(), time.Minute, 10, change.NoticeKinds()...)
		return err
	}},
	{"events-newest", nil, events(change.EventQuery{Newest: 50})},
	{"events-change", nil, func(b *testing.B, g *grown) error {
		return events(change.EventQuery{Change: g.last})(b, g)
	}},
	{"events-since", nil, events(change.EventQuery{Since: Epoch.AddDate(1, 0, 0)})},
	{"events-frozen", nil, events(change.EventQuery{Kind: change.KindFrozen, Newest: 50})},
	{"events-principal", nil, events(change.EventQuery{Principal: "nobody", Newest: 50})},
	{"events-target", nil, events(change.EventQuery{Target: "nobody@example.com", Newest: 50})},
	{"info", nil, func(b *testing.B, g *grown) error {
		_, err := g.store.Info(b.Context(), Epoch)
		return err
	}},
}

// page is how many changes a list has.
const page = 25

// list lists the first page of what a query selects.
func list(principal string, query change.Query) func(b *testing.B, g *grown) error {
	query.Limit = page
	return func(b *testing.B, g *grown) error {
		_, err := g.store.List(b.Context(), principal, query)
		return err
	}
}

// events reads what a query selects of the trail.
func events(query change.EventQuery) func(b *testing.B, g *grown) error {
	return func(b *testing.B, g *grown) error {
		for _, err := range g.store.Events(b.Context(), query) {
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// now is when the next change of a store is made: a second after the one before.
func (g *grown) now() time.Time { return Epoch.Add(time.Duration(g.made) * time.Second) }

// planned is a change of a contact, of the principal ann, like no other.
func (g *grown) planned() change.Change {
	c := Planned(change.StatusApproved, 1)
	c.CreatedAt, c.Fingerprint, c.Items[0].TargetID = g.now(), c.ID, c.ID
	return c
}

// create records a change that is decided by what is known of the recent past.
func (g *grown) create(ctx context.Context) error {
	g.made++
	c, err := g.store.Create(ctx, g.planned(), func(*change.Change, change.Recent) error { return nil })
	g.last = c.ID
	return err
}

// apply records a change that is applied.
func (g *grown) apply(ctx context.Context) error {
	if err := g.create(ctx); err != nil {
		return err
	}
	return errors.Join(g.advance(ctx, change.StatusApplying), g.advance(ctx, change.StatusApplied))
}

// advance takes a step of the change that was created last.
func (g *grown) advance(ctx context.Context, to change.Status) error {
	_, err := g.store.Advance(ctx, g.last, change.Step{To: to, At: g.now(), KnowsItems: true})
	return err
}
