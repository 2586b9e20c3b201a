package serve

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
)

// dismissed is how a question ends that nobody answered.
var dismissed = &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionCancel}}

// elicitation is how a session puts a question to its client, without an end to
// the waiting.
type elicitation func(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error)

// elicit puts a question to a client of the handshake era and waits for the
// answer until the change expires, the request is cancelled, its token is
// withdrawn or the server closes; mcp-go by itself waits for ever. No answer, and an error in place of
// one, count as dismissed: the change then still waits, unless its time is
// over, and the agent is told which.
func (c *core) elicit(ctx context.Context, put elicitation, request mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	waiting, stop := context.WithCancel(ctx)
	defer stop()
	if until := exchangeFrom(ctx).awaitsUntil(); !until.IsZero() {
		waiting, stop = context.WithDeadline(waiting, until)
		defer stop()
	}
	defer context.AfterFunc(c.closing, stop)()
	defer exchangeFrom(ctx).principal.OnWithdrawal(stop)()
	var result *mcp.ElicitationResult
	var err error
	wait := func() { result, err = put(waiting, request) }
	if rest := exchangeFrom(ctx).rest; rest != nil {
		rest(wait)
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
