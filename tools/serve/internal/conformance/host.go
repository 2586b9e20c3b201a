//go:build conformance

package conformance

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// Host is what the server does for the fixtures' requests, as it does for the real tools. The context is that of the
// request.
type Host interface {
	// Principal names who sends the request.
	Principal(ctx context.Context) string
	// Capabilities are those that the request's client has declared.
	Capabilities(ctx context.Context) mcp.ClientCapabilities
	// Notify sends a notification ahead of the response.
	Notify(ctx context.Context, method string, params any)
	// Fail records the error to answer the request with, and returns it.
	Fail(ctx context.Context, err *jsonrpc.Error) error
	// Admit counts a call until it is freed, or returns the result that turns it away.
	Admit(ctx context.Context) (free func(), busy *mcp.CallToolResult)
	// Seal seals what goes through the client.
	Seal() *auth.Seal
}
