package main

import "context"

// memoryRows are the rows about memory.
func memoryRows() []row {
	return []row{
		{"resident, get_contact on stdio, 32 at once", "MB", goal{most: 32}, residentOnStdio("get_contact", oneContact)},
		{"resident, search_contacts of 50, 32 at once", "MB", goal{most: 32}, residentOnStdio("search_contacts", fifty)},
	}
}

// residentOnStdio prepares a row of the most memory that a server on stdio has held after calls of a tool.
func residentOnStdio(tool string, args func(*world) string) func(context.Context, *world) (sample, sample, error) {
	return both(func(ctx context.Context, w *world, program string) (sample, error) {
		c, err := w.newStdio(ctx, program, "stdio")
		if err != nil {
			return nil, err
		}
		params := `{"name":"` + tool + `","arguments":` + args(w) + `}`
		return func(context.Context) (float64, error) {
			if _, err := c.each(w.span, 32, func() string { return params }); err != nil {
				return 0, err
			}
			return c.process.resident("VmHWM")
		}, nil
	})
}
