//go:build conformance

package serve

import (
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/conformance"
)

func init() {
	fixtures.options = conformance.Options
	fixtures.register = func(s *server.MCPServer, host fixtureHost) { conformance.Register(s, host) }
}
