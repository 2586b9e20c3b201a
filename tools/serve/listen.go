package serve

import (
	"cmp"
	"context"
	"net/http"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// newStreamSlots are the places for streams that listen: as many as for calls, and no more than half of the connections
// that may be open.
func newStreamSlots(o HTTPOptions) *slots {
	connections := cmp.Or(o.MaxConnections, maxConnections)
	return newSlots(min(cmp.Or(o.MaxCalls, maxCalls), max(connections/2, 1)),
		min(cmp.Or(o.MaxCallsPerPrincipal, maxCallsEach), max(connections/4, 1)))
}

// tooManyStreams refuses a stream that listens beyond what the server, or one principal, may have open.
var tooManyStreams = &refusal{http.StatusTooManyRequests, jsonrpc.Internal(
	"Too many streams listen at once. Close one, or use that.")}

// listen takes a place for a stream that listens, and has it end with the server and with the principal's access. Where
// there is no place it refuses the request, and its connection, which would take another's.
func (g *guard) listen(w http.ResponseWriter, r *http.Request, who auth.Principal, m jsonrpc.Message,
	end func()) (done func(), ok bool) {
	free, ok := g.streams.take(who.Name)
	if !ok {
		g.server.refused.request(r, refusedStreams, "too many streams listen", "principal", who.Name)
		w.Header().Set("Connection", "close")
		tooManyStreams.write(w, m.ID)
		return nil, false
	}
	stopping := context.AfterFunc(g.server.core.closing, end)
	withdrawal := who.OnWithdrawal(end)
	return func() {
		stopping()
		withdrawal()
		free()
	}, true
}
