package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// ends notes which changes end, and when.
type ends struct {
	*left
	mu    sync.Mutex
	order []string
	times []time.Time
}

func (e *ends) Advance(ctx context.Context, id string, step change.Step) (change.Change, error) {
	if step.To.Ended() {
		e.mu.Lock()
		e.order, e.times = append(e.order, id), append(e.times, time.Now())
		e.mu.Unlock()
	}
	return e.Store.Advance(ctx, id, step)
}

// TestResumeTogether resumes what twenty principals left in the time of five, since four at a time go on, and the
// changes of one principal in their order.
func TestResumeTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, sandbox.Options{Contacts: 200, Latency: time.Second})
		defer f.Close(t.Context())
		items := f.renamings(22)
		var changes []change.Change
		for i := range 20 {
			c := f.interrupted(items[i])
			c.Principal = fmt.Sprint("principal ", i)
			changes = append(changes, c)
		}
		for _, item := range items[20:] {
			c := f.interrupted(item)
			c.Principal = changes[0].Principal
			changes = append(changes, c)
		}
		e := &ends{left: &left{Store: f.store, changes: slices.Clone(changes)}}
		f.store = e
		f.restart()
		began := time.Now()
		f.resumer.ResumeInterrupted(t.Context())
		f.Idle()
		var took []time.Duration
		for _, at := range e.times {
			took = append(took, at.Sub(began).Round(time.Second))
		}
		t.Log(took)
		if len(e.order) != len(changes) {
			t.Fatalf("%d of %d ended", len(e.order), len(changes))
		}
		if at := slices.Index(e.order, changes[0].ID); at > slices.Index(e.order, changes[20].ID) ||
			slices.Index(e.order, changes[20].ID) > slices.Index(e.order, changes[21].ID) {
			t.Errorf("those of one principal ended in another order: %v", e.order)
		}
		if one := took[0]; took[3] != one || took[4] == one || took[len(took)-1] > 7*one {
			t.Errorf("after %v", took)
		}
	})
}
