package main

import (
	"strings"

	"intercom-mcp/policy"
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

// offering says what would offer the call's tool, which the service does not: a wider mode, or more sets of tools; else
// which tool was perhaps meant.
func (c *callCmd) offering(service *service) string {
	for _, tool := range tools.Catalogue() {
		if tool.Name != c.Tool {
			continue
		}
		mode := policy.ModeFull
		if policy.ModeWrite.Allows(tool.Effect) {
			mode = policy.ModeWrite
		}
		switch now := service.policies.current.Load().Mode; {
		case now.Allows(tool.Effect):
			return "--toolsets default," + tool.Set.Name + " offers it"
		case c.Policy != "":
			return "mode " + string(mode) + " offers it, in the policy file and by --mode"
		}
		return "--mode " + string(mode) + " offers it"
	}
	return nearestTools(c.Tool, service.pipeline.Tools())
}
