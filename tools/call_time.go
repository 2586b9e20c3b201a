package tools

import (
	"context"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// callTime is how long an agent's call may take; one that plans a write gets planFor where its client follows the
// progress, which keeps the client waiting, or where it has patience for hardly more than the plan. What a person takes
// to answer a question lies between two calls. A read shows what it has by then; a write that was begun tells where it
// stands, and goes on; any other call fails with [toolerr.Busy], and nothing was changed.
const callTime = 25 * time.Second

type callersKey struct{}

// withTimeOf bounds what a call of a tool does until its answer, unless a person makes it by hand, who may wait.
func withTimeOf(ctx context.Context, call Call, tool *Tool) (context.Context, context.CancelFunc) {
	if call.ByHand != "" {
		return ctx, func() {}
	}
	most := callTime
	if (call.Progress != nil || call.Patience > 0) && tool.Effect != policy.Read {
		most = planFor
	}
	ctx = context.WithValue(ctx, callersKey{}, ctx)
	return context.WithTimeoutCause(ctx, most, toolerr.ErrTimeUp)
}

// callersOf is the context of the caller, for what is to be told once the time of the call is up.
func callersOf(ctx context.Context) context.Context {
	if callers, ok := ctx.Value(callersKey{}).(context.Context); ok {
		return callers
	}
	return ctx
}

// leaveOutLate has an answer go without a part for which the time of the call does not suffice, and says so. It returns
// any other error.
func leaveOutLate(ctx context.Context, s *session, err error, part string) error {
	if err == nil || !toolerr.IsTimeUp(ctx, err) {
		return err
	}
	s.note("there was no time to read all of %s; try again in a minute", part)
	return nil
}
