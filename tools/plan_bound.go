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

// inTime plans within the time of the call, and within [planFor].
func inTime(ctx context.Context, s *session, planner func(context.Context) (*draft, error)) (*draft, error) {
	limit := planFor
	if end, bounded := ctx.Deadline(); bounded {
		limit = min(limit, time.Until(end))
	}
	ctx, cancel := context.WithTimeoutCause(ctx, planFor, errPlanTime)
	defer cancel()
	d, err := planner(ctx)
	if cause := context.Cause(ctx); err != nil && (errors.Is(cause, errPlanTime) || errors.Is(cause, toolerr.ErrTimeUp)) {
		far := ""
		if s.lookedAt > 0 {
			far = ", and looked at " + text.Plural(s.lookedAt, "contact") + " so far"
		}
		return nil, toolerr.New(toolerr.Busy, fmt.Sprintf("Working out what to write took more than %d s%s.",
			limit.Round(time.Second)/time.Second, far), "Nothing was changed. Narrow the conditions, or make several calls.")
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
