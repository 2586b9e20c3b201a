//go:build !conformance

package serve

import (
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/conformance"
)

// The tests have the fixtures in every build.
func init() {
	fixtures.options = conformance.Options
	fixtures.register = func(s *server.MCPServer, host fixtureHost) { conformance.Register(s, host) }
}
