//go:build conformance

package serve

import (
	"context"
	"net"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/conformance"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// HTTPWithFixtures serves as [HTTP] does, and beside the tools the fixtures that the protocol's conformance suite
// calls, with a listen stream for each session.
func HTTPWithFixtures(ctx context.Context, o HTTPOptions, l net.Listener) error {
	defer l.Close()
	s, err := newHTTPServer(o, l.Addr())
	if err != nil {
		return err
	}
	s.core.addFixtures()
	server.WithDisableStreaming(false)(s.inner)
	return s.serve(ctx, l)
}

// addFixtures adds the fixtures and the capabilities that they need.
func (c *core) addFixtures() {
	for _, add := range conformance.Options() {
		add(c.mcp)
	}
	conformance.Register(c.mcp, fixtureHost{c})
}

// fixtureHost serves the fixtures as the core serves its tools.
type fixtureHost struct{ core *core }

// Principal names who sends the request.
func (h fixtureHost) Principal(ctx context.Context) string { return exchangeFrom(ctx).principal.Name }

// Capabilities are those that the request's client has declared.
func (h fixtureHost) Capabilities(ctx context.Context) mcp.ClientCapabilities { return declared(ctx) }

// Notify sends a notification ahead of the response.
func (h fixtureHost) Notify(ctx context.Context, method string, params any) {
	e := exchangeFrom(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notify(method, params)
}

// Fail records the error to answer the request with, and returns it.
func (h fixtureHost) Fail(ctx context.Context, err *jsonrpc.Error) error {
	return exchangeFrom(ctx).fail(err)
}

// Admit counts a call until it is freed, or returns the result that turns it away.
func (h fixtureHost) Admit(ctx context.Context) (free func(), busy *mcp.CallToolResult) {
	free, ok := h.core.slots.take(exchangeFrom(ctx).principal.Name)
	if !ok {
		return nil, failure(tooBusy)
	}
	return free, nil
}

// Seal seals what goes through the client.
func (h fixtureHost) Seal() *auth.Seal { return h.core.seal }
