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

// exchange is one request on its way to its response. The transport makes one for each request, and the handler finds
// it in the context. It is safe for concurrent use once the transport has filled it in.
type exchange struct {
	principal auth.Principal
	// noStream tells that the client cannot be sent anything before the response, so that no elicitation may be sent
	// to it on this request either.
	noStream bool
	// send writes a notification to the client, on this request's own stream. Nil where the client takes none.
	send func(method string, params any)
	// sendElicitation writes an elicitation to the client, on this request's own stream. Nil where there is no session
	// for the answer.
	sendElicitation func(line []byte)
	// session is the one that the request belongs to. Nil where it has none.
	session *session
	// yieldWorker waits for the client without taking part in what the transport limits. Nil where it limits nothing.
	yieldWorker func(wait func())
	// sessionless tells that the request declares for itself what its client can do.
	sessionless bool
	// args are the arguments of the tool that the request calls, as sent.
	args json.RawMessage
	// awaitDecision tells the client later what becomes of a change that waits for approvers. Nil where it cannot be told.
	awaitDecision func(change string)
	// lists tells that the request lists the tools.
	lists bool
	// progressToken is what the request wants its progress told under, as sent. Nil where it wants none told.
	progressToken json.RawMessage
	// issued is the id that mcp-go offers for a new session, and handshakeDone tells that initialize has succeeded.
	issued        string
	handshakeDone bool

	// encodes tells that the transport encodes plain results itself, in the place of mcp-go.
	encodes bool

	mu       sync.Mutex
	ended    bool
	failure  *jsonrpc.Error
	narrow   *narrowCall // why failure is there; nil: for another reason
	reported float64     // the last progress
	// notifications are mcp-go's own, to be sent ahead of the response. Its transports may lose them, so sessions lead
	// them here. Nil until mcp-go has one.
	notifications chan mcp.JSONRPCNotification
	// result is the answer where mcp-go gets standIn for it. Nil where it gets the answer itself.
	result, standIn *mcp.CallToolResult
	// answerBy is until when an elicitation may stay open, and freeElicitation frees its place; nil: it has none.
	answerBy        time.Time
	freeElicitation func()
}

type exchangeKey struct{}

// newExchange returns the exchange of one request.
func newExchange(who auth.Principal) *exchange {
	return &exchange{principal: who, reported: -1}
}

func withExchange(ctx context.Context, e *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, e)
}

// exchangeFrom returns the request's exchange. Every request has one, since the transports are the only way in.
func exchangeFrom(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// notify sends a notification ahead of the response, and nothing once the response is due: the protocol forbids
// progress after completion. The caller holds mu.
func (e *exchange) notify(method string, params any) {
	if !e.ended && e.send != nil {
		e.send(method, params)
	}
}

// notificationChannel is where mcp-go leaves its own notifications.
func (e *exchange) notificationChannel() chan<- mcp.JSONRPCNotification {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.notifications == nil {
		e.notifications = make(chan mcp.JSONRPCNotification, 16)
	}
	return e.notifications
}

// end sends the notifications that mcp-go has left, and closes the exchange to any more.
func (e *exchange) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	if e.freeElicitation != nil {
		e.freeElicitation()
		e.freeElicitation = nil
	}
	for e.send != nil {
		select {
		case n := <-e.notifications:
			e.send(n.Method, n.Params)
		default:
			return
		}
	}
}

// fail records the error to answer with, and returns it. mcp-go turns every error of a handler into -32603; the
// transports put this one in its place.
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

// stand returns what mcp-go is to encode: where the transport encodes the result, a stand-in that has none of its
// content. mcp-go adds what the revision wants to that.
func (e *exchange) stand(result *mcp.CallToolResult) *mcp.CallToolResult {
	if !e.encodes || !isPlain(result) {
		return result
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result, e.standIn = result, &mcp.CallToolResult{Result: result.Result, Content: []mcp.Content{}}
	return e.standIn
}

// stoodIn returns the result that mcp-go had a stand-in for, with what mcp-go has added; nil: there is none.
func (e *exchange) stoodIn() *mcp.CallToolResult {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.result == nil {
		return nil
	}
	whole := *e.result
	whole.Result = e.standIn.Result
	return &whole
}

// replaces reports whether what mcp-go writes is no response yet.
func (e *exchange) replaces() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failure != nil || e.result != nil
}

// setAnswerDeadline sets until when an elicitation may stay open.
func (e *exchange) setAnswerDeadline(t time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answerBy = t
}

// answerDeadline returns until when an elicitation may stay open; the zero time means no limit.
func (e *exchange) answerDeadline() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.answerBy
}

// hasElicitation reports whether the request has sent an elicitation to its client, and kept its place.
func (e *exchange) hasElicitation() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.freeElicitation != nil
}
