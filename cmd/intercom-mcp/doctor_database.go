package main

import (
	"context"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
)

// checkDatabase checks the database of changes without making the schema.
func (c *doctorCmd) checkDatabase(ctx context.Context, e *examination) {
	store, err := postgres.Existing(c.State)
	if err != nil {
		e.bad("state", err.Error(), "Name the database as in --state 'postgres://user@host/database?search_path=schema'.")
		return
	}
	defer store.Close()
	const advice = "Until then no server writes to Intercom with it."
	found, err := store.Exists(ctx)
	switch {
	case err != nil:
		e.bad("state", err.Error(), advice)
		return
	case !found:
		e.ok("state", "%s, which the first server makes", store.Place())
		return
	}
	list, err := store.List(ctx, principal, change.Query{Limit: 1})
	if err == nil {
		err = store.Writable(ctx)
	}
	switch {
	case err != nil:
		e.bad("state", err.Error(), advice)
	case len(list) == 0:
		e.ok("state", "%s, no changes yet", store.Place())
	default:
		e.ok("state", "%s, last change %s", store.Place(), list[0].Change.CreatedAt.Format(time.DateTime))
	}
	if f, frozen, err := store.Shared().Stops.Frozen(ctx); err == nil && frozen {
		e.bad("state", (&change.FrozenError{Freeze: f}).Error(), "intercom-mcp unfreeze --state … allows writes again.")
	}
	checkNotices(ctx, e, store.Shared().Outbox)
}
