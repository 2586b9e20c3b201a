package serve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
)

// confirmKey is the key of the one input request that a call may make, and confirmField the one field of its form.
const (
	confirmKey   = "confirm"
	confirmField = "confirm"
)

// askTimeout is how long an elicitation is waited for where nothing else is set, and waitingEvery how often a client
// that wants progress is told that it still is.
const (
	askTimeout   = 5 * time.Minute
	waitingEvery = commentEvery
)

// canAsk reports whether the request's client takes form elicitation: in a sessionless revision declared with the
// request, otherwise at initialize. An empty declaration means the form mode.
func (c *core) canAsk(ctx context.Context) bool {
	if c.noElicitation || !server.IsModernRequest(ctx) && exchangeFrom(ctx).noStream {
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

// clientName returns what the request's client calls itself, which nobody verifies.
func clientName(ctx context.Context) string {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		if info.ClientInfo == nil {
			return ""
		}
		return printable(info.ClientInfo.Name)
	}
	if session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo); ok {
		return printable(session.GetClientInfo().Name)
	}
	return ""
}

// maxClientName bounds the name of a client, in bytes.
const maxClientName = 100

// printable keeps of a name what records take.
func printable(name string) string {
	name = strings.ToValidUTF8(name[:min(len(name), maxClientName)], "")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, name)
}

// requireInput turns an ask into a result that requires input. In a sessionless revision the client answers it by
// repeating the call; in the others mcp-go sends elicitation/create and runs the handler again with the answer.
func (c *core) requireInput(ctx context.Context, tool string, ask *tools.Ask) (*mcp.CallToolResult, error) {
	e := exchangeFrom(ctx)
	if !server.IsModernRequest(ctx) && !c.reserveElicitation(e) {
		return failure(tooBusy), nil
	}
	sealed, err := c.seal.Close(e.principal.Name, tool, auth.State{Change: ask.Change, Binding: ask.Binding,
		Expires: ask.Expires})
	if err != nil {
		return nil, err
	}
	e.setAnswerDeadline(ask.Expires)
	return server.NewInputRequestBuilder(sealed).Elicit(confirmKey, mcp.ElicitationParams{
		Mode:    mcp.ElicitationModeForm,
		Message: ask.Message,
		RequestedSchema: map[string]any{
			"type": "object",
			"properties": map[string]any{confirmField: map[string]any{
				"type": "boolean", "title": "Apply this change", "default": false,
				"description": "Only if this is set will anything be written to Intercom.",
			}},
			"required": []string{confirmField},
		},
	}).ToolResult(), nil
}

// reserveElicitation takes a place for an elicitation that keeps its request open, for as long as the exchange lasts.
// There are as many places as calls under way.
func (c *core) reserveElicitation(e *exchange) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.freeElicitation == nil {
		e.freeElicitation, _ = c.elicitations.take(e.principal.Name)
	}
	return e.freeElicitation != nil
}

// answered returns the answer that a repeated call carries. It is nil on a first call, and where the elicitation has to
// be sent again: because the answer is missing, or says yes or no too late.
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
	reply := server.ElicitationResponse(request.Params.InputResponses, confirmKey)
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

// actionOf reads the user's answer. To accept the form without ticking the box is no consent, but not the decline that
// holds for half an hour either: clients send the form as it was when the user overlooked the box.
func actionOf(reply *mcp.ElicitationResult) (tools.Action, error) {
	switch reply.Action {
	case mcp.ElicitationResponseActionAccept:
		content, _ := reply.Content.(map[string]any)
		if yes, _ := content[confirmField].(bool); yes {
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

// dismissed is the result of an elicitation that nobody answered.
var dismissed = &mcp.ElicitationResult{
	ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel},
}

// elicitFunc sends an elicitation to the client of a session, and waits for the answer as long as the context.
type elicitFunc func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error)

// elicit sends an elicitation in a session and waits for the answer until the time for it is over, the change expires,
// the request is cancelled, its token is withdrawn or the server closes; mcp-go by itself waits for ever. No answer,
// and an error in place of one, count as dismissed: the change then still waits at its level, unless it has expired,
// and the agent is told which.
func (c *core) elicit(ctx context.Context, send elicitFunc, request mcp.ElicitationRequest) (*mcp.ElicitationResult,
	error) {
	e, until := exchangeFrom(ctx), time.Now().Add(c.askTimeout)
	if expires := e.answerDeadline(); !expires.IsZero() && expires.Before(until) {
		until = expires
	}
	waiting, stop := context.WithDeadline(ctx, until)
	defer stop()
	if e.progressToken != nil {
		var telling sync.WaitGroup
		telling.Go(func() { e.tellWaiting(waiting, until) })
		defer telling.Wait()
		defer stop()
	}
	defer context.AfterFunc(c.closing, stop)()
	defer e.principal.OnWithdrawal(stop)()
	var result *mcp.ElicitationResult
	var err error
	wait := func() { result, err = send(waiting, request) }
	if yield := e.yieldWorker; yield != nil {
		yield(wait)
	} else {
		wait()
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return dismissed, nil
	}
	return result, nil
}

// tellWaiting reports progress while an elicitation is waited for, as the part of the time that has passed: the work
// that comes after the answer counts from 1.
func (e *exchange) tellWaiting(ctx context.Context, until time.Time) {
	began := time.Now()
	tick := time.NewTicker(waitingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			passed := float64(now.Sub(began)) / float64(until.Sub(began))
			e.report(progressParams{e.progressToken, min(passed, 0.99), 0, "waiting for the user's answer"})
		}
	}
}
