package serve

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// Rehearse reads the schemas of the tools, and has a server that nobody sees answer the first messages of a session, so
// that encoding/json knows their types, and their code is in memory, once they come. It is meant for another core than
// the one that starts a server.
func Rehearse() {
	for _, tool := range tools.Catalogue() {
		_, _ = schemasOf(tool) // who serves the tool asks again
	}
	s := server.NewMCPServer("", "", server.WithToolCapabilities(true))
	s.AddTools(server.ServerTool{Tool: mcp.Tool{Name: "none", RawInputSchema: anyObject}})
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},` +
			`"clientInfo":{"name":"none","version":""}}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`,
	} {
		m, _ := jsonrpc.Read([]byte(line))
		raw, _ := m.Inner(false)
		_, _ = encodeResponse(m, s.HandleMessage(context.Background(), raw), nil)
	}
}
