package tools

import (
	"strings"

	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// denied words a refusal. To an agent it never describes a way around itself. What a user's yes lifts is no refusal to
// a person who makes the call by hand: nobody could ask them.
func denied(s *session, decision policy.Decision) *toolerr.Error {
	var reasons []string
	for _, reason := range decision.Reasons {
		if reason.Verdict == policy.Deny {
			reasons = append(reasons, strings.TrimRight(reason.Text, "."))
		}
	}
	why := text.Sentence(strings.Join(reasons, "; "))
	if s.call.ByHand != "" && decision.Rule() == "contacts_per_10m" {
		return toolerr.New(toolerr.ApprovalUnavailable, "This needs your yes: "+why, sayYes(s)).With("rule", decision.Rule())
	}
	return toolerr.New(toolerr.PolicyDenied, "The policy forbids this: "+why, "Nothing was changed; tell the user.").
		OrByHand("Nothing was changed; 'intercom-mcp policy explain' tells by which rules.").With("rule", decision.Rule())
}

// unreachable says that nobody can be asked for the confirmation. It does not tell an agent which client could ask.
func unreachable(s *session, level policy.Level) *toolerr.Error {
	whose, byHand := confirmationOf(level), sayYes(s)
	switch {
	case level == policy.LevelApprover:
		byHand = "Nothing was changed: with --state, approvers are asked in the console; see 'intercom-mcp docs approvals'."
	case s.call.ByHand != "":
		whose = "your yes"
	}
	return toolerr.New(toolerr.ApprovalUnavailable, "This needs "+whose+", which cannot be asked for here.",
		"Nothing was changed; tell the user.").OrByHand(byHand).With("level", level.String())
}

// sayYes is what a person does by hand about what needs their yes.
func sayYes(s *session) string {
	if s.call.ByHand == "import" {
		return "Nothing was changed: run it again with --yes, or in a terminal; --dry-run shows what it would do."
	}
	return "Nothing was changed: run it again with --yes, or in a terminal."
}

// confirmationOf words whose confirmation a level stands for.
func confirmationOf(level policy.Level) string {
	if level == policy.LevelApprover {
		return "an approver's confirmation"
	}
	return "the user's confirmation"
}
