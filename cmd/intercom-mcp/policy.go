package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// policyCmd reads policies, and serves no client.
type policyCmd struct {
	Check   policyCheckCmd   `cmd:"" help:"Check a policy file: print what it says, or everything that is wrong with it."`
	Explain policyExplainCmd `cmd:"" help:"Tell how a policy decides on a call, and why; nothing is changed."`
}

// policyCheckCmd checks a policy file; where a workspace is named, against its attributes, too.
type policyCheckCmd struct {
	File string `arg:"" type:"path" help:"The policy file."`
	workspaceFlags
}

// Run implements the command. Each problem is a line file:line:column: text.
func (c *policyCheckCmd) Run(ctx context.Context, h *host) error {
	loaded, err := policyFlags{Policy: c.File}.load()
	if err != nil {
		return err
	}
	p := loaded.current.Load()
	notes, err := c.compareNames(ctx, p)
	if err != nil {
		return err
	}
	return summarise(h.stdout, p, notes...)
}

// compareNames compares the attributes and tags that a policy names with those of the workspace. An attribute that is
// not there is an error; notes tell of tags, and of what could not be asked.
func (c *policyCheckCmd) compareNames(ctx context.Context, p *policy.Policy) (notes []string, err error) {
	token, err := c.accessToken()
	if err != nil || len(p.Attributes())+len(p.Tags()) == 0 {
		return nil, err
	}
	if token == "" && !c.Sandbox {
		return []string{"whether there are attributes and tags of the names in it only the workspace knows: with its token " +
			"they are checked"}, nil
	}
	config, err := c.config("policy check FILE")
	if err != nil {
		return nil, err
	}
	client, err := intercom.New(config)
	if err != nil {
		return nil, &usageError{problem: err.Error()}
	}
	defer client.Close()
	unknown, err := tools.CompareNames(ctx, client, p)
	if len(unknown.Attributes) > 0 {
		return nil, &usageError{problem: "the policy is not right:\n" + p.File + ": " +
			strings.Join(unknown.Attributes, "\n"+p.File+": ")}
	}
	if err != nil {
		notes = append(notes, "whether there are attributes and tags of the names in it is not known: "+oneLine(err))
	}
	return append(notes, unknown.Tags...), nil
}

// oneLine is the text of an error that may be several.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// summarise prints what a policy says in a few lines, and notes.
func summarise(w io.Writer, p *policy.Policy, notes ...string) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s is right.\n", p.File)
	fmt.Fprintf(&out, "revision   %s\n", p.Revision)
	fmt.Fprintf(&out, "mode       %s\n", p.Mode)
	fmt.Fprintf(&out, "protected  %s\n", listed(p.Protected))
	fmt.Fprintf(&out, "masked     %s\n", listed(p.Masked))
	fmt.Fprintf(&out,
		"limits     %d contacts in one change, %d listed one by one, %d within 10 minutes unless a user confirms\n",
		p.Limits.BulkContacts, p.Limits.InlineUpdates, p.Limits.ContactsPer10m)
	stop := p.Limits.StopAfter
	fmt.Fprintf(&out, "stop after %d failed, or %d%% of at least %d\n", stop.Items, stop.Percent, stop.OfAtLeast)
	fmt.Fprintf(&out, "waiting    %d changes of a caller, %d MB; %d questions without a yes within 10 minutes\n",
		p.Limits.WaitingChanges, p.Limits.WaitingMegabytes, p.Limits.UnansweredPer10m)
	fmt.Fprintf(&out, "confirm    within %s; fallback %s\n", span(p.Confirm.TTL), p.Confirm.Fallback)
	summariseApproval(&out, p)
	if reads := p.Reads(); reads.Clock {
		fmt.Fprintf(&out, "timezone   %s\n", p.Zone)
	}
	for _, role := range p.Roles {
		fmt.Fprintf(&out, "role       %s, line %d: %s\n", role.Name, role.Line, left(p, &role))
	}
	fmt.Fprintf(&out, "rules      %d\n", len(p.Rules))
	for _, rule := range p.Rules {
		by := outcome(rule.Then, rule.By)
		if rule.By == policy.LevelApprover {
			by = rule.Then.String() + " by " + approvers(rule.Approvers, rule.Needed)
		}
		place := "built-in"
		if rule.Line > 0 {
			place = fmt.Sprintf("line %d", rule.Line)
		}
		fmt.Fprintf(&out, "  %-9s %s: %s\n", place, by, rule.Name)
		summariseCondition(&out, &rule)
	}
	noteUncovered(&out, p)
	var needs []policy.Need
	for _, rule := range p.Rules {
		needs = append(needs, policy.Need{Rule: rule.Name, Approvers: rule.Approvers, Needed: rule.Needed})
	}
	noteApprovers(&out, needs)
	for _, note := range notes {
		out.WriteString("note       " + note + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// asksApprovers reports whether a rule of a policy asks for approvers.
func asksApprovers(p *policy.Policy) bool {
	return slices.ContainsFunc(p.Rules, func(rule policy.Rule) bool { return rule.By == policy.LevelApprover })
}

// summariseApproval prints how approvers are asked, where they are, and who cannot be one.
func summariseApproval(out *strings.Builder, p *policy.Policy) {
	if !asksApprovers(p) {
		return
	}
	self := "not by who asks"
	if p.Confirm.SelfApproval {
		self = "also by who asks"
	}
	fmt.Fprintf(out, "approve    within %s, %s; to be carried out within %s\n",
		span(p.Confirm.ApproveWithin), self, span(p.Confirm.ExecuteWithin))
}

// noteApprovers notes the rules that nobody can approve who has no roles of an identity provider.
func noteApprovers(out *strings.Builder, needs []policy.Need) {
	for _, need := range needs {
		if len(need.Approvers) > 0 {
			fmt.Fprintf(out, "note       rule %s takes people whose groups name %s: they sign in to the console by an identity "+
				"provider (--issuer); with the one-time code of 'intercom-mcp console' nobody has such a role\n", need.Rule,
				strings.Join(need.Approvers, " or "))
		}
		if need.Needed > 1 {
			fmt.Fprintf(out,
				"note       rule %s takes %d different people, who can be told apart by an identity provider alone\n",
				need.Rule, need.Needed)
		}
	}
}

// approvers words who approves: "approver", "2 approvers of leads or finance".
func approvers(roles []string, needed int) string {
	text := "approver"
	if needed > 1 {
		text = fmt.Sprintf("%d approvers", needed)
	}
	if len(roles) > 0 {
		text += " of " + strings.Join(roles, " or ")
	}
	return text
}

// left says what a policy leaves to those who have a role and no other.
func left(p *policy.Policy, role *policy.Role) string {
	bound := p.For(policy.Who{Roles: []string{role.Name}})
	text := fmt.Sprintf("mode %s, masked %s, %d contacts in one change, %d listed one by one, %d within 10 minutes",
		bound.Mode, listed(bound.Masked), bound.Limits.BulkContacts, bound.Limits.InlineUpdates,
		bound.Limits.ContactsPer10m)
	if bound.Toolsets != nil {
		text += ", only tools of " + listed(bound.Toolsets)
	}
	return text
}

// noteUncovered notes the tools whose changes cannot be undone, and that no rule is about.
func noteUncovered(out *strings.Builder, p *policy.Policy) {
	if p.Mode != policy.ModeFull {
		return
	}
	var uncovered []string
	some := false
	for _, tool := range tools.Catalogue() {
		covers := func(rule policy.Rule) bool { return rule.Covers(tool.Effect, tool.Name) }
		switch {
		case tool.Effect != policy.Destroy:
		case slices.ContainsFunc(p.Rules, covers):
			some = true
		default:
			uncovered = append(uncovered, tool.Name)
		}
	}
	what := "what cannot be undone"
	if some {
		what = strings.Join(uncovered, ", ") + ", which cannot be undone"
	}
	if len(uncovered) > 0 {
		fmt.Fprintf(out, "note       no rule is about %s (effects: [destroy]); "+
			"each such change takes the user's confirmation all the same\n", what)
	}
}

// summariseCondition prints a rule's condition, and what in the file may have been meant to belong to it.
func summariseCondition(out *strings.Builder, rule *policy.Rule) {
	when := rule.When
	if when == nil {
		return
	}
	fmt.Fprintf(out, "            when %s\n", strings.Join(strings.Fields(when.String()), " "))
	if when.Comment != "" && rule.Line > 0 {
		fmt.Fprintf(out, "            note YAML takes %q for a comment; if it belongs to the condition, "+
			"put the whole condition in single quotes\n", when.Comment)
	}
}

// listed joins names; of none it says "nothing".
func listed(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// outcome words a verdict with its level.
func outcome(v policy.Verdict, by policy.Level) string {
	if v == policy.Confirm {
		return fmt.Sprintf("%s by %s", v, by)
	}
	return v.String()
}
