package serve

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// exchange is one request on its way to its response. The transport makes one
// for each request, and the handler finds it in the context.
type exchange struct {
	principal auth.Principal
	// deaf tells that the client can not be sent anything before the
	// response, so that it must not be asked on this request either.
	deaf bool
	// send writes a notification to the client, on this request's own stream.
	// Nil where the client takes none.
	send func(method string, params any)
	// put writes a question to the client, on this request's own stream. Nil where
	// there is no session to ask in.
	put func(line []byte)
	// session is the one that the request belongs to. Nil where it has none.
	session *session
	// rest waits for the client without taking part in what the transport
	// limits. Nil where it limits nothing.
	rest func(wait func())
	// modern tells that the request declares for itself what its client can do.
	modern bool
	// args are the arguments of the tool that the request calls, as sent.
	args json.RawMessage
	// own holds what mcp-go itself has to say ahead of the response. Its
	// transports may lose that, so sessions lead it here.
	own chan mcp.JSONRPCNotification
	// issued is the id that mcp-go offers for a new session of the handshake era,
	// and shaken tells that the handshake has succeeded.
	issued string
	shaken bool

	mu      sync.Mutex
	ended   bool
	failure *jsonrpc.Error
	answer  time.Time // until when a question to the client may stay open
	asked   func()    // frees the place of that question; nil: it has none
}

type exchangeKey struct{}

// newExchange returns the exchange of one request.
func newExchange(who auth.Principal) *exchange {
	return &exchange{principal: who, own: make(chan mcp.JSONRPCNotification, 16)}
}

func withExchange(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// exchangeFrom returns the request's exchange. Every request has one, since
// the transports are the only way in.
func exchangeFrom(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// notify sends a notification ahead of the response, and nothing once the
// response is due: the protocol forbids progress after completion.
func (e *exchange) notify(method string, params any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.ended && e.send != nil {
		e.send(method, params)
	}
}

// end sends what mcp-go has left to say, and closes the exchange to any more.
func (e *exchange) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	if e.asked != nil {
		e.asked()
		e.asked = nil
	}
	for e.send != nil {
		select {
		case n := <-e.own:
			e.send(n.Method, n.Params)
		default:
			return
		}
	}
}

// fail records the error to answer with. mcp-go turns every error of a handler
// into -32603; the transports put this one in its place.
func (e *exchange) fail(err *jsonrpc.Error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failure = err
	return err
}

// failed returns what fail recorded, or nil.
func (e *exchange) failed() *jsonrpc.Error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failure
}

// awaitUntil sets how long a question to the client may stay open.
func (e *exchange) awaitUntil(t time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = t
}

// awaitsUntil returns what awaitUntil set; the zero time means no limit.
func (e *exchange) awaitsUntil() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.answer
}

// hasAsked reports whether the request has put a question to its client, and kept
// its place.
func (e *exchange) hasAsked() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked != nil
}
