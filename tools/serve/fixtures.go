package serve

import "github.com/mark3labs/mcp-go/server"

func fixtureOptions() []server.ServerOption { return nil }
func (c *core) registerFixtures()           {}
