package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

// question is the key of the one input request that a call may put, and
// confirmed the one field of its form.
const (
	question  = "confirm"
	confirmed = "confirm"
)

// canAsk reports whether the request's client takes form elicitation: declared
// with the request in the stateless era, at initialize before it. An empty
// declaration means the form mode.
func canAsk(ctx context.Context) bool {
	if !server.IsModernRequest(ctx) && exchangeFrom(ctx).deaf {
		return false
	}
	elicitation := declared(ctx).Elicitation
	return elicitation != nil && (elicitation.Form != nil || elicitation.URL == nil)
}

// declared returns the capabilities of the request's client.
func declared(ctx context.Context) mcp.ClientCapabilities {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return *info.ClientCapabilities
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return session.GetClientCapabilities()
	}
	return mcp.ClientCapabilities{}
}

// put turns an ask into a result that requires input. A client of the
// stateless era answers it by repeating the call; for the others mcp-go sends
// elicitation/create and runs the handler again with the answer.
func (c *core) put(ctx context.Context, tool string, ask *tools.Ask) (*mcp.CallToolResult, error) {
	e := exchangeFrom(ctx)
	if !server.IsModernRequest(ctx) && !c.mayAsk(e) {
		return failure(tooBusy), nil
	}
	sealed, err := c.seal.Close(e.principal.Name, tool, auth.State{Change: ask.Change, Binding: ask.Binding, Expires: ask.Expires})
	if err != nil {
		return nil, err
	}
	e.awaitUntil(ask.Expires)
	return server.NewInputRequestBuilder(sealed).Elicit(question, mcp.ElicitationParams{
		Mode:    mcp.ElicitationModeForm,
		Message: ask.Message,
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{confirmed: map[string]any{
				"type": "boolean", "title": "Apply this change", "default": false,
				"description": "Only if this is set will anything be written to Intercom.",
			}},
			"required": []string{confirmed},
		},
	}).ToolResult(), nil
}

// mayAsk takes a place for a question that keeps its request open, for as long
// as the exchange lasts. There are as many as calls under way.
func (c *core) mayAsk(e *exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.asked == nil {
		e.asked, _ = c.questions.take(e.principal.Name)
	}
	return e.asked != nil
}

// answered returns the answer that a repeated call carries. It is nil on a
// first call, and where the question has to be put again: because the answer
// is missing, or says yes or no too late.
func (c *core) answered(ctx context.Context, request mcp.CallToolRequest) (*tools.Answer, error) {
	if request.Params.RequestState == "" {
		return nil, nil
	}
	who, now := exchangeFrom(ctx).principal.Name, time.Now()
	st, err := c.seal.Open(who, request.Params.Name, request.Params.RequestState, now)
	late := errors.Is(err, auth.ErrExpired)
	if err != nil && !late {
		return nil, err
	}
	reply := server.ElicitationResponse(request.Params.InputResponses, question)
	if reply == nil {
		return nil, nil
	}
	action, err := actionOf(reply)
	if err != nil {
		return nil, err
	}
	if late && action != tools.Cancel {
		return nil, nil
	}
	if err := c.seal.Spend(st, now); err != nil {
		return nil, err
	}
	return &tools.Answer{Change: st.Change, Binding: st.Binding, Action: action}, nil
}

// actionOf reads the user's answer. To accept the form without ticking the box
// is no consent, but not the no that holds for half an hour either: clients send
// the form as it was when the user overlooked the box.
func actionOf(reply *mcp.ElicitationResult) (tools.Action, error) {
	switch reply.Action {
	case mcp.ElicitationResponseActionAccept:
		content, _ := reply.Content.(map[string]any)
		if yes, _ := content[confirmed].(bool); yes {
			return tools.Accept, nil
		}
		return tools.Cancel, nil
	case mcp.ElicitationResponseActionDecline:
		return tools.Decline, nil
	case mcp.ElicitationResponseActionCancel:
		return tools.Cancel, nil
	}
	return "", fmt.Errorf("the action of an elicitation is accept, decline or cancel, not %.20q", string(reply.Action))
}
