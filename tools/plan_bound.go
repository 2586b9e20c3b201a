package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// planFor bounds the planning of a call as a whole: hardly a client waits longer.
const planFor = 90 * time.Second

// errPlanTime is why planning ends that takes longer.
var errPlanTime = errors.New("planning takes too long")

// inTime plans within [planFor].
func inTime(ctx context.Context, s *session, planner func(context.Context) (*draft, error)) (*draft, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, planFor, errPlanTime)
	defer cancel()
	d, err := planner(ctx)
	if err != nil && errors.Is(context.Cause(ctx), errPlanTime) {
		far := ""
		if s.lookedAt > 0 {
			far = ", and looked at " + text.Plural(s.lookedAt, "contact") + " so far"
		}
		return nil, toolerr.New(toolerr.Cancelled, fmt.Sprintf("Working out what to write took more than %d s%s.",
			planFor/time.Second, far), "Nothing was changed. Narrow the conditions, or make several calls.")
	}
	return d, err
}

// looked counts contacts that planning looked at, and tells whoever wants to know of progress.
func looked(s *session, n int) {
	s.lookedAt += n
	if s.call.Progress != nil {
		s.call.Progress(Progress{Looked: s.lookedAt, Message: text.Plural(s.lookedAt, "contact") + " looked at, nothing is " +
			"written yet"})
	}
}
