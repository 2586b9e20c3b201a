package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// awaitApprovers sets the two clocks of a new change that waits for approvers: approve by, and execute by.
func awaitApprovers(s *session, c *change.Change) {
	terms := s.inForce.Confirm
	c.ApproveBy, c.ExecuteWithin = c.CreatedAt.Add(terms.ApproveWithin), terms.ExecuteWithin
	c.ExpiresAt = c.ApproveBy
}

// consoleLink is where people open a change in the console; "" where only an operator knows.
func consoleLink(s *session, c *change.Change) string {
	if s.consoleURL == "" {
		return ""
	}
	return s.consoleURL + "/changes/" + c.ID
}

// whereApproved says who decides about a change that waits for approvers, and where.
func whereApproved(s *session, c *change.Change) string {
	var who []string
	for _, need := range change.Lacking(change.Needs(c), c.Approvals) {
		one := text.Plural(need.Needed, "approver")
		if len(need.Approvers) > 0 {
			one += " of " + strings.Join(need.Approvers, " or ")
		}
		who = append(who, one)
	}
	where := "in the console, which an operator opens"
	if link := consoleLink(s, c); link != "" {
		where = "at " + link
	}
	return fmt.Sprintf("it takes %s, %s, code %s, until %s", text.Clip(strings.Join(who, ", and "), 300), where,
		change.ShortCode(c.ID), render.ISO(c.ExpiresAt))
}

// awaited completes the answer about a change that waits for approvers.
func awaited(s *session, r *render.ChangeResult, c *change.Change) {
	r.Level, r.Say, s.waits = c.Level.String(), "", c.ID
	r.Approval = render.Approval{Code: change.ShortCode(c.ID), Link: consoleLink(s, c), AskAgain: askAgain(c, time.Now())}
	r.AddNote("nothing is changed yet, and you cannot confirm it: " + whereApproved(s, c) + s.worded(
		"; tell the user where, and the code. Once it is approved a server carries it out; get_change tells",
		". Once it is approved a server carries it out; get_change tells"))
}

// soon is in how many seconds to ask again for what happens within seconds.
const soon = 5

// askAgain is in how many seconds to ask again what became of a change that waits for people: the longer it has waited,
// the more.
func askAgain(c *change.Change, now time.Time) int {
	waited := int(now.Sub(c.CreatedAt).Seconds())
	return min(max(waited/4, 30), 600)
}

// decisionEvery is how often it is looked whether a change is decided.
const decisionEvery = 2 * time.Second

// AwaitDecision waits until a principal's change waits for approvers no more, and returns how it stands then and a
// sentence about it, which tells nothing of customers.
func (p *Pipeline) AwaitDecision(ctx context.Context, principal, id string) (change.Status, string, error) {
	c, err := p.store.Get(ctx, principal, id)
	if err != nil {
		return "", "", err
	}
	c.Items = nil // which may be many
	ticker := time.NewTicker(decisionEvery)
	defer ticker.Stop()
	for {
		if status := c.StatusAt(time.Now()); status != change.StatusAwaiting {
			return status, fmt.Sprintf("The change %s, code %s, is %s; get_change tells more.", id, change.ShortCode(id),
					status),
				nil
		}
		select {
		case <-ctx.Done():
			return "", "", ctx.Err()
		case <-ticker.C:
		}
		status, _, err := p.store.Status(ctx, principal, id)
		switch {
		case err == nil:
			c.Status = status
		case !errors.Is(err, change.ErrUnavailable):
			return "", "", err
		}
	}
}

// stillApproved holds the approvals of a change against the decision of the policy in force: enough people, none of
// them who asked unless it lets them, and for this very plan.
func stillApproved(s *session, c *change.Change, decision policy.Decision) error {
	plan, err := change.PlanHash(c)
	if err != nil {
		return err
	}
	for _, a := range c.Approvals {
		switch {
		case a.Plan != plan:
			return toolerr.New(toolerr.ChangeStale, "What was approved is on record no more.", "Nothing was written.")
		case !s.inForce.Confirm.SelfApproval && (a.By == c.Principal || change.SamePerson(a.Person, c.Person)):
			return toolerr.New(toolerr.PolicyDenied, "The policy in force lets nobody approve what they asked for.",
				"Nothing was written.").With("rule", "self_approval")
		}
	}
	if lacking := change.Lacking(decision.Needs, c.Approvals); len(lacking) > 0 {
		return toolerr.New(toolerr.PolicyDenied, "The policy in force asks for more approvals, by rule "+lacking[0].Rule+".",
			"Nothing was written.").With("rule", lacking[0].Rule)
	}
	return nil
}
