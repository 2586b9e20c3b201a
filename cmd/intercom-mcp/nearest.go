package main

import (
	"strings"

	"intercom-mcp/schemas"
	"intercom-mcp/tools"
)

// nearestTools names the tools that name was perhaps meant to be, or the command that lists them.
func nearestTools(name string, listed []tools.Tool) string {
	names := make([]string, len(listed))
	for i, tool := range listed {
		names[i] = tool.Name
	}
	if near := schemas.Nearest(name, names, 3); len(near) > 0 {
		return strings.Join(near, ", ")
	}
	return "intercom-mcp tools"
}
