package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolerr"
)

// explainHelp are the help texts of policyExplainCmd.
var explainHelp = helpTexts{
	"explain_contacts":   "Contacts, companies or tags that the change would write to: the fact contacts.",
	"explain_window":     "Contacts, companies and tags within 10 minutes that nobody confirmed, this change included.",
	"explain_window_all": "Contacts, companies and tags within 10 minutes, whoever confirmed, this change included.",
}

// policyExplainCmd explains a policy's decision. With the arguments of a call, it plans the call in the workspace to
// learn the facts; without them, and without Intercom, the flags are the facts.
type policyExplainCmd struct {
	Tool         string   `arg:"" help:"Name of the tool; 'intercom-mcp tools' lists them."`
	Args         string   `arg:"" optional:"" name:"json" help:"Arguments of a call, which is planned but not made."`
	Contacts     *int     `placeholder:"N" help:"@explain_contacts"`
	Fields       []string `placeholder:"FIELD" help:"Fields that it would touch: email, tags, custom_attributes.plan, …"`
	Window       *int     `placeholder:"N" help:"@explain_window"`
	WindowAll    *int     `placeholder:"N" help:"@explain_window_all"`
	Irreversible bool     `help:"The change cannot be undone."`
	Reach        string   `enum:"none,agent,user,approver" default:"user" help:"Whom the client can ask: ${enum}."`
	Console      bool     `default:"true" negatable:"" help:"Approvers can be asked in the console."`
	Principal    string   `default:"local" help:"Who asks."`
	whoFlags
	Declined  bool `help:"A person declined all of this lately."`
	Contested bool `help:"A person declined some of this lately, or other values of it."`
	policyFlags
	workspaceFlags
	stateFlags
}

// Run implements the command.
func (c *policyExplainCmd) Run(ctx context.Context, h *host) error {
	loaded, err := c.load()
	if err != nil {
		return err
	}
	p := loaded.current.Load()
	all := tools.Catalogue()
	i := slices.IndexFunc(all, func(t tools.Tool) bool { return t.Name == c.Tool })
	if i < 0 {
		return &usageError{problem: fmt.Sprintf("there is no tool %q", c.Tool), try: nearestTools(c.Tool, all)}
	}
	who, bounds, err := c.caller(c.Principal, p)
	if err != nil {
		return err
	}
	bound := p.For(policy.Who{Roles: who.Roles, Mode: who.Mode})
	if slices.ContainsFunc(who.Roles, policy.IsApprover) {
		who.Roles = slices.DeleteFunc(slices.Clone(who.Roles), policy.IsApprover)
		fmt.Fprintln(h.stderr, "The role approver is left out: it counts in the console alone, and calls do not have it.")
	}
	if all[i].Controls() {
		return explainControl(h.stdout, bound, bounds, &all[i])
	}
	explained, err := c.request(ctx, h, p, &all[i], who)
	var toolErr *toolerr.Error
	if errors.As(err, &toolErr) {
		return h.refuse(toolErr.ForPerson())
	}
	if err != nil {
		return err
	}
	request := &explained.Request
	if err := c.override(request); err != nil {
		return err
	}
	if request.Now, err = c.at(time.Now()); err != nil {
		return err
	}
	return explain(h.stdout, bound, bounds, *request, explained.Decide(bound))
}

// request learns the facts of the call: from the tool, and by planning it where its arguments are given.
func (c *policyExplainCmd) request(ctx context.Context, h *host, p *policy.Policy,
	tool *tools.Tool, who tools.Call) (explained tools.Explained, err error) {
	if c.Args == "" {
		return tools.Explained{Request: policy.Request{Tool: c.Tool, Effect: tool.Effect, Toolset: tool.Set.Name,
			Reversible: true, Principal: who.Principal, Person: who.Person, Roles: who.Roles,
			Client: who.Client}}, nil
	}
	config, err := c.config("policy explain " + c.Tool)
	if err != nil {
		return explained, err
	}
	client, err := intercom.New(config)
	if err != nil {
		return explained, &usageError{problem: err.Error()}
	}
	defer client.Close()
	store, err := c.history(ctx, h, config, client)
	if err != nil {
		return explained, err
	}
	defer func() { err = errors.Join(err, closeStore(store)) }()
	wide := *p
	wide.Mode = policy.ModeFull // so that the pipeline knows every tool
	pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(&wide), Store: store})
	if err != nil {
		return explained, err
	}
	defer pipeline.Close(ctx)
	who.Tool, who.Args = c.Tool, []byte(c.Args)
	return pipeline.Explain(ctx, who)
}

// history is the store of the changes that count for the decision: what a person declined lately, and what was written
// without a confirmation. Where there is none yet, none is made.
func (c *policyExplainCmd) history(
	ctx context.Context, h *host, config intercom.Config, client *intercom.Client,
) (change.Store, error) {
	store, err := c.stateFlags.open(h, config, c.Sandbox)
	if err != nil {
		return nil, err
	}
	if file, ok := store.(*sqlite.Store); ok {
		if _, err := os.Stat(file.Path()); errors.Is(err, fs.ErrNotExist) {
			return change.NewMemory(1), file.Close()
		}
	}
	if schema, ok := store.(*postgres.Store); ok {
		if found, err := schema.Exists(ctx); err != nil || !found {
			return change.NewMemory(1), errors.Join(err, schema.Close())
		}
	}
	c.bind(h, store, client, config)
	return store, nil
}

// override puts the facts that flags give in the place of those learnt.
func (c *policyExplainCmd) override(request *policy.Request) error {
	if c.Fields != nil {
		request.Fields = c.Fields
	}
	if c.Contacts != nil {
		request.Contacts, request.Window = *c.Contacts, policy.Window{Unconfirmed: *c.Contacts, All: *c.Contacts}
	}
	if c.Window != nil {
		request.Window = policy.Window{Unconfirmed: *c.Window, All: max(*c.Window, request.Window.All)}
	}
	if slices.Equal(request.Fields, []string{change.FieldNotes}) && (c.Contacts != nil || c.Window != nil) {
		request.Window.Notes = request.Window.Unconfirmed
	}
	if c.WindowAll != nil {
		request.Window.All = *c.WindowAll
	}
	if w := request.Window; request.Contacts < 0 || w.Unconfirmed < request.Contacts || w.All < w.Unconfirmed {
		return &usageError{problem: fmt.Sprintf(
			"%d targets, %d within 10 minutes that nobody confirmed, %d in all: the window counts those of the change too",
			request.Contacts, w.Unconfirmed, w.All)}
	}
	request.Reversible = request.Reversible && !c.Irreversible && request.Effect != policy.Destroy
	request.Declined, request.Contested = request.Declined || c.Declined, request.Contested || c.Contested
	request.Approvers = c.Console
	if err := request.Reach.UnmarshalText([]byte(c.Reach)); err != nil {
		return &usageError{problem: err.Error()}
	}
	return nil
}

// declinedLately words how much of a change a person said no to lately.
func declinedLately(r policy.Request) string {
	switch {
	case r.Declined:
		return "all of it, in the last 30 minutes"
	case r.Contested:
		return "some of it, in the last 30 minutes"
	}
	return "nothing of it"
}

// explainControl says that no rule applies to a tool which acts on a change.
func explainControl(w io.Writer, p *policy.Policy, bounds string, tool *tools.Tool) error {
	text := fmt.Sprintf("no rule applies to %s: it acts on a change that was judged when it was proposed; explain the "+
		"tool that proposed it\n", tool.Name)
	if !p.Mode.Allows(tool.Effect) {
		text += fmt.Sprintf("mode %s offers no %s tools%s\n", strings.TrimSpace(string(p.Mode)+" "+p.ModeBy), tool.Effect,
			bounds)
	}
	if !p.Offers(tool.Set.Name) {
		text += fmt.Sprintf("the caller's roles leave out tools of %s\n", tool.Set.Name)
	}
	_, err := io.WriteString(w, text)
	return err
}

// explain prints a decision: the verdict, the facts it rests on, and each reason with its place in the policy's file.
func explain(w io.Writer, p *policy.Policy, bounds string, r policy.Request, d policy.Decision) error {
	var out strings.Builder
	out.WriteString(outcome(d.Verdict, d.Level))
	switch {
	case d.Unreachable:
		out.WriteString(", whom this client cannot ask: refused")
	case d.Fallback && d.Verdict == policy.Confirm:
		out.WriteString(", standing in for whom this client cannot ask")
	}
	fmt.Fprintf(&out, "\n\npolicy     %s\nmode       %s\n", p.Revision,
		strings.TrimSpace(string(p.Mode)+" "+p.ModeBy)+bounds)
	fmt.Fprintf(&out, "tool       %s (%s), called by %s\n", r.Tool, r.Effect, r.Principal)
	explainWho(&out, p, &r)
	fmt.Fprintf(&out,
		"targets    %d (contacts, companies or tags), within 10 minutes %d that nobody confirmed and %d in all\n", r.Contacts,
		r.Window.Unconfirmed, r.Window.All)
	if r.Window.Notes > 0 {
		fmt.Fprintf(&out, "notes      to %d contacts within 10 minutes that nobody confirmed\n", r.Window.Notes)
	}
	fmt.Fprintf(&out, "fields     %s\n", listed(r.Fields))
	if r.Effect != policy.Read {
		fmt.Fprintf(&out, "reversible %t\n", r.Reversible)
	}
	fmt.Fprintf(&out, "reach      %s\n", r.Reach)
	fmt.Fprintf(&out, "declined   %s\n", declinedLately(r))
	if d.Level == policy.LevelApprover {
		fmt.Fprintf(&out, "approve    within %s; to be carried out within %s\n",
			span(p.Confirm.ApproveWithin), span(p.Confirm.ExecuteWithin))
		noteApprovers(&out, d.Needs)
	}
	if len(d.Reasons) > 0 {
		out.WriteString("\nreasons\n")
	}
	for _, reason := range d.Reasons {
		place := "limit"
		if reason.Line > 0 {
			place = fmt.Sprintf("%s:%d", p.File, reason.Line)
		} else if slices.ContainsFunc(p.Rules, func(rule policy.Rule) bool { return rule.Name == reason.Rule }) {
			place = policy.BuiltIn
		}
		by := outcome(reason.Verdict, reason.Level)
		for _, need := range d.Needs {
			if need.Rule == reason.Rule && need.Line == reason.Line {
				by = "confirm by " + approvers(need.Approvers, need.Needed)
			}
		}
		fmt.Fprintf(&out, "  %s: %s: %s", place, reason.Rule, by)
		if detail := reason.Detail(); detail != "" {
			out.WriteString(": " + detail)
		}
		out.WriteByte('\n')
	}
	_, err := io.WriteString(w, out.String())
	return err
}
