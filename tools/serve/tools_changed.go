package serve

import (
	"context"
	"slices"

	"intercom-mcp/tools/serve/internal/auth"
)

// toolsChanged tells a client that listed the tools before that it is offered others.
const toolsChanged = `{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}`

// tellToolsChanged tells the client, until ctx ends, when the tools that it is offered are others than before. Whoever
// has not shaken hands lists them anew.
func (s *stdio) tellToolsChanged(ctx context.Context, changed <-chan struct{}) {
	known := s.offered()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
		now := s.offered()
		if !slices.Equal(known, now) && s.session.Initialized() {
			_ = s.reply([]byte(toolsChanged)) // fails once nobody reads
		}
		known = now
	}
}

// offered lists the names of the tools that the client is offered.
func (s *stdio) offered() []string {
	var names []string
	for _, tool := range s.core.caller.Offered(callerOf(withExchange(context.Background(), newExchange(auth.Local)))) {
		names = append(names, tool.Name)
	}
	return names
}
