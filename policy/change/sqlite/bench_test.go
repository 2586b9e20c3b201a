package sqlite

import (
	"fmt"
	"runtime"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// large is a change of n contacts as a bulk update plans it.
func large(n int) change.Change {
	c := changetest.Planned(change.StatusApproved, 0)
	for i := range n {
		set := map[string]any{"custom_attributes.plan": "free", "name": fmt.Sprintf("Contact %d", i)}
		c.Items = append(c.Items, change.Item{
			TargetID: fmt.Sprintf("%024x", i), Label: fmt.Sprintf("contact-%d@example.com", i),
			Patch:  change.Patch{Set: set, AddTags: []change.Ref{{ID: "1234567", Name: "VIP"}}},
			Before: change.Image{Set: map[string]any{"custom_attributes.plan": "pro", "name": nil}},
		})
	}
	return c
}

// BenchmarkLife takes one change of one contact through plan, confirmation,
// record and end, each of them on the disk.
func BenchmarkLife(b *testing.B) {
	s := openTemp(b)
	for b.Loop() {
		c := large(1)
		c.Status = change.StatusAwaiting
		if _, err := s.Create(b.Context(), c, nil); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Advance(b.Context(), c.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch,
			Approval: &change.Approval{Level: policy.LevelUser}}); err != nil {
			b.Fatal(err)
		}
		if err := s.Record(b.Context(), c.ID, []change.Recorded{{Outcome: change.Changed}}); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Advance(b.Context(), c.ID, change.Step{To: change.StatusApplied, At: changetest.Epoch}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCreate10000 records the plan of a change of 10,000 contacts.
func BenchmarkCreate10000(b *testing.B) {
	s, c := openTemp(b), large(10_000)
	for b.Loop() {
		c.ID = change.NewID()
		if _, err := s.Create(b.Context(), c, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGet10000 reads a change of 10,000 contacts, and tells what it holds
// in memory then.
func BenchmarkGet10000(b *testing.B) {
	s, c := openTemp(b), large(10_000)
	if _, err := s.Create(b.Context(), c, nil); err != nil {
		b.Fatal(err)
	}
	id := c.ID
	c = change.Change{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		var err error
		if c, err = s.Get(b.Context(), "ann", id); err != nil {
			b.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/(1<<20), "MiB-held")
	runtime.KeepAlive(c)
}

// BenchmarkRecord100 records a chunk of outcomes in a change of 10,000.
func BenchmarkRecord100(b *testing.B) {
	s, c := openTemp(b), large(10_000)
	if _, err := s.Create(b.Context(), c, nil); err != nil {
		b.Fatal(err)
	}
	if _, err := s.Advance(b.Context(), c.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch}); err != nil {
		b.Fatal(err)
	}
	outcomes := make([]change.Recorded, 100)
	for i := range outcomes {
		outcomes[i] = change.Recorded{Index: i, Outcome: change.Changed}
	}
	for b.Loop() {
		if err := s.Record(b.Context(), c.ID, outcomes); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecisionReadsLarge makes them for a change of 10,000 contacts while another one of 10,000 is in the window.
func BenchmarkDecisionReadsLarge(b *testing.B) {
	s, c := openTemp(b), large(10_000)
	if _, err := s.Create(b.Context(), c, nil); err != nil {
		b.Fatal(err)
	}
	c.ID = change.NewID()
	for b.Loop() {
		if _, err := s.Recent(b.Context(), c, changetest.Epoch); err != nil {
			b.Fatal(err)
		}
	}
}
