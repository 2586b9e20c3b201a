package main

import (
	"context"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
)

// checkDatabase checks the database of changes without making the schema.
func (c *doctorCmd) checkDatabase(ctx context.Context, e *examination) {
	store, err := postgres.Look(c.State)
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
	list, err := store.List(ctx, "", change.Query{Limit: 1})
	if err == nil {
		err = store.Writable(ctx)
	}
	if err != nil {
		e.bad("state", err.Error(), advice)
	} else {
		e.history(store.Place(), list)
	}
	checkFreeze(ctx, e, store, "…")
	checkNotices(ctx, e, store.Shared().Outbox)
}
