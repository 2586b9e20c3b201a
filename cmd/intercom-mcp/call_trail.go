package main

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// maxMissed is how many requests are kept that could not be recorded.
const maxMissed = 10_000

// callTrail records each request that is made for a change in the audit trail: method, path and Intercom's status. What
// cannot be recorded, as the disk is full, is recorded with the next request or at the end.
type callTrail struct {
	store change.Store
	log   *slog.Logger // may be nil

	mu     sync.Mutex
	missed []change.Event // oldest first
	lost   int            // those beyond maxMissed
}

// observe records a request; see [intercom.Config].
func (t *callTrail) observe(ctx context.Context, x intercom.Exchange) {
	id := tools.ChangeOf(ctx)
	if id == "" {
		return
	}
	facts := map[string]string{
		"method": x.Method, "path": x.Path, "status": strconv.Itoa(x.Status),
		"request_id": x.RequestID, "attempt": strconv.Itoa(x.Attempt),
	}
	event := change.Event{Time: time.Now(), Kind: change.KindCall, Change: id, Facts: facts}
	t.record(context.WithoutCancel(ctx), event)
}

// record adds events to the trail, after those that were missed.
func (t *callTrail) record(ctx context.Context, events ...change.Event) {
	t.mu.Lock()
	missed := t.missed
	t.missed = nil
	t.mu.Unlock()
	if len(missed)+len(events) == 0 {
		return
	}
	events = append(missed, events...)
	err := t.store.Append(ctx, events...)
	if err == nil {
		return
	}
	t.mu.Lock()
	t.missed = append(events, t.missed...)
	if excess := len(t.missed) - maxMissed; excess > 0 {
		t.missed, t.lost = t.missed[:maxMissed], t.lost+excess
	}
	waiting, lost := len(t.missed), t.lost
	t.mu.Unlock()
	if t.log != nil {
		t.log.WarnContext(ctx, "recording requests; they are recorded with the next",
			"waiting", waiting, "lost", lost, "err", err)
	}
}

// close records what was missed, if that can be done now.
func (t *callTrail) close(ctx context.Context) { t.record(ctx) }
