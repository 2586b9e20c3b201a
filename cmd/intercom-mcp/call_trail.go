package main

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// callTrail records each request that is made for a change in the audit trail: method, path and Intercom's status, with
// the outcome that is recorded next, or within a second. What cannot be recorded, as the disk is full, waits for the
// next write or the end of the store.
type callTrail struct {
	store change.Store
	log   *slog.Logger // may be nil
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
	err := t.store.AppendSoon(change.Event{Time: time.Now(), Kind: change.KindCall, Change: id, Facts: facts})
	if err != nil && t.log != nil {
		t.log.WarnContext(ctx, "recording requests; they are recorded with the next write", "err", err)
	}
}
