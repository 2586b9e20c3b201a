package main

import (
	"context"
	"fmt"
)

// readRows are the rows of tools that read.
func readRows() []row {
	const unit = "µs CPU a call"
	rows := []row{
		{"list_tags, stdio, 32 at once", unit, goal{times: 2}, onStdio("list_tags", noArgs, 32)},
		{"get_contact, stdio, 32 at once", unit, goal{times: 1.5}, onStdio("get_contact", oneContact, 32)},
		{"get_contact, stdio, 1 at once", unit, goal{times: 1.5}, onStdio("get_contact", oneContact, 1)},
		{"search_contacts of 50, stdio, 1 at once", unit, goal{times: 1.2}, onStdio("search_contacts", fifty, 1)},
	}
	for _, sessions := range []bool{true, false} {
		revision := "with sessions"
		if !sessions {
			revision = sessionless
		}
		rows = append(rows,
			row{"list_tags, HTTP " + revision + ", 16 clients", unit, goal{times: 2},
				onHTTP(sessions, "list_tags", noArgs, 16)},
			row{"get_contact, HTTP " + revision + ", 16 clients", unit, goal{times: 1.5},
				onHTTP(sessions, "get_contact", oneContact, 16)})
	}
	return rows
}

// The arguments of the calls.
func noArgs(*world) string       { return `{}` }
func fifty(*world) string        { return `{"limit":50}` }
func oneContact(w *world) string { return fmt.Sprintf(`{"contact":%q}`, w.contact) }

// onStdio prepares a row that calls a tool on stdio.
func onStdio(tool string, args func(*world) string, atOnce int) func(context.Context, *world) (sample, sample, error) {
	return both(func(ctx context.Context, w *world, program string) (sample, error) {
		c, err := w.newStdio(ctx, program, "stdio")
		if err != nil {
			return nil, err
		}
		params := fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool, args(w))
		call := func() string { return params }
		if _, err := c.each(w.span/4, atOnce, call); err != nil { // what is kept between calls is there
			return nil, err
		}
		return func(context.Context) (float64, error) {
			return c.process.cpuPerCall(func() (int, error) { return c.each(w.span, atOnce, call) })
		}, nil
	})
}

// onHTTP prepares a row that calls a tool over HTTP.
func onHTTP(
	sessions bool, tool string, args func(*world) string, clients int,
) func(context.Context, *world) (sample, sample, error) {
	return both(func(ctx context.Context, w *world, program string) (sample, error) {
		c, err := w.newHTTP(ctx, sessions, program, "http")
		if err != nil {
			return nil, err
		}
		if _, err := c.each(ctx, w.span/4, clients, tool, args(w)); err != nil {
			return nil, err
		}
		return func(ctx context.Context) (float64, error) {
			return c.process.cpuPerCall(func() (int, error) { return c.each(ctx, w.span, clients, tool, args(w)) })
		}, nil
	})
}

// both prepares a row whose two sides differ in the program alone.
func both(
	prepare func(ctx context.Context, w *world, program string) (sample, error),
) func(context.Context, *world) (sample, sample, error) {
	return func(ctx context.Context, w *world) (own, floor sample, err error) {
		if own, err = prepare(ctx, w, "intercom-mcp"); err != nil {
			return nil, nil, err
		}
		floor, err = prepare(ctx, w, "bench-floor")
		return own, floor, err
	}
}
