package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/jsonrpc"
	"intercom-mcp/tools/toolerr"
)

// errorKey is where the machine-readable part of a tool's error stands in the result's _meta.
const errorKey = "intercom-mcp/error"

// call is the handler of every tool: from a protocol request to the caller, and back.
func (c *core) call(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
	e, started := exchangeFrom(ctx), time.Now()
	if refused := c.authorizeTool(e, request.Params.Name); refused != nil {
		c.metrics.called(request.Params.Name, "refused", time.Since(started))
		return nil, e.fail(refused)
	}
	free, ok := c.slots.take(e.principal.Name)
	switch {
	case ok:
		defer free()
	case !e.hasElicitation(): // an answer is not turned away: there are only so many
		c.metrics.called(request.Params.Name, string(toolerr.Busy), time.Since(started))
		return failure(tooBusy), nil
	}
	answer, err := c.answered(ctx, request)
	if err != nil {
		c.metrics.called(request.Params.Name, "refused", time.Since(started))
		return nil, e.fail(jsonrpc.InvalidParams(err.Error()))
	}
	call := callerOf(ctx)
	call.Tool, call.InView = calledTool(request.Params.Name)
	call.Args, call.Scanned, call.Views = e.args, true, c.hasViews(ctx)
	call.CanAsk, call.Answer, call.Progress = c.canAsk(ctx), answer, progress(e)
	result, err := c.run(ctx, call)
	c.metrics.called(request.Params.Name, outcome(ctx, result, err), time.Since(started))
	switch {
	case errors.Is(err, tools.ErrUnknownTool):
		return nil, e.fail(c.unknownTool(e.principal, request.Params.Name))
	case errors.Is(err, tools.ErrBadAnswer):
		return nil, e.fail(jsonrpc.InvalidParams(err.Error()))
	case err != nil:
		c.log.ErrorContext(ctx, "call failed", "tool", request.Params.Name, "principal", e.principal.Name, "err", err)
		return nil, e.fail(jsonrpc.Failed())
	case result.Ask != nil:
		return c.requireInput(ctx, request.Params.Name, result.Ask)
	case result.Err != nil:
		return failure(result.Err), nil
	}
	if result.Waits != "" && e.awaitDecision != nil {
		e.awaitDecision(result.Waits)
	}
	return e.stand(success(result)), nil
}

// callerOf is a call of whoever sends the request.
func callerOf(ctx context.Context) tools.Call {
	who := exchangeFrom(ctx).principal
	return tools.Call{
		Principal: who.Name, Roles: who.Roles, Mode: who.Mode, Client: clientName(ctx), Person: who.Person,
	}
}

// authorizeTool refuses a call that the principal may no longer make, once the file of tokens was read again: an
// elicitation may have been open for long.
func (c *core) authorizeTool(e *exchange, tool string) *jsonrpc.Error {
	who, ok := e.principal.Now()
	switch {
	case !ok && who.Expired():
		return jsonrpc.InvalidRequest("the token that the request came with has expired")
	case !ok:
		return jsonrpc.InvalidRequest(errWithdrawn.Error())
	}
	if effect, known := c.effect(tool); known && !who.Mode.Allows(effect) {
		return c.notOffered(e, who, tool)
	}
	return nil
}

// tooBusy answers a call beyond the caps. Nothing was done for it.
var tooBusy = &toolerr.Error{
	Code:    toolerr.Busy,
	Message: "The server has as many calls under way as it takes.",
	Next:    "Nothing was done; wait for one of your calls to end, then try again.",
}

// run calls the caller and turns a panic into an error that only the log explains; the two share an incident id.
func (c *core) run(ctx context.Context, call tools.Call) (result tools.Result, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			incident := newIncident()
			c.log.ErrorContext(ctx, "call panicked", "tool", call.Tool, "principal", call.Principal, "incident", incident,
				"panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
			result, err = tools.Result{Err: &toolerr.Error{
				Code:    toolerr.Internal,
				Message: "The server failed at this call (incident " + incident + ").",
				Next:    "The operator finds the details in its log.",
			}}, nil
		}
	}()
	return c.caller.Call(ctx, call)
}

// outcome names how a call ended, for the metrics: ok, asked, refused or the error's code. What fails once the call was
// cut off failed by that, whatever it came to look like.
func outcome(ctx context.Context, result tools.Result, err error) string {
	switch {
	case err != nil:
		return "refused"
	case result.Err != nil && ctx.Err() != nil:
		return string(toolerr.Cancelled)
	case result.Ask != nil:
		return "asked"
	case result.Err != nil:
		return string(result.Err.Code)
	}
	return "ok"
}

// success is a structured result whose text is the very same bytes.
func success(result tools.Result) *mcp.CallToolResult {
	return &mcp.CallToolResult{
		Result:               mcp.Result{Meta: meta(result.Meta)},
		Content:              []mcp.Content{mcp.NewTextContent(string(result.JSON))},
		RawStructuredContent: json.RawMessage(result.JSON),
	}
}

// failure is a result that the model reads as an error. It has no structured content, which clients would hold against
// the tool's output schema.
func failure(err *toolerr.Error) *mcp.CallToolResult {
	return &mcp.CallToolResult{
		Result:  mcp.Result{Meta: meta(map[string]any{errorKey: err.Meta()})},
		Content: []mcp.Content{mcp.NewTextContent(err.Error())},
		IsError: true,
	}
}

// meta wraps fields for a result's _meta; none is nil.
func meta(fields map[string]any) *mcp.Meta {
	if len(fields) == 0 {
		return nil
	}
	return mcp.NewMetaFromMap(maps.Clone(fields))
}
