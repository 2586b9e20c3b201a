package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// What the story is about.
const (
	demoCompany = "Acme Inc"
	demoSince   = "-90d"
	demoPlan    = "free"
	demoWrong   = "VIP"     // the tag of the proposal that is declined
	demoTag     = "Churned" // the tag of the one that is accepted
)

// quietPeople are the conditions for who was not seen for a while.
func quietPeople() []map[string]string {
	return []map[string]string{
		{"field": "company", "operator": "=", "value": demoCompany},
		{"field": "last_seen_at", "operator": "<", "value": demoSince},
	}
}

// opening says what is about to be seen.
func (d *demo) opening() {
	d.say(`%s

An AI agent works with other systems through tools, and MCP is the protocol between the two. Here this
program plays the agent, from a fixed script. It starts the server as a desktop assistant would, as a
child process, and speaks MCP to it over a pipe. The Intercom behind the server is the embedded one:
made-up people, and nothing leaves this machine.`,
		d.paint.bold("intercom-mcp, the demo"))
}

// listTools asks the server what it offers.
func (d *demo) listTools(ctx context.Context) error {
	d.scene("What can the agent do?")
	looks, writes, err := d.agent.tools(ctx)
	if err != nil {
		return err
	}
	d.list("only look:", looks)
	d.list("change things:", writes)
	return nil
}

// findQuietPeople searches, and compares the count with the workspace.
func (d *demo) findQuietPeople(ctx context.Context) error {
	d.scene("Who at " + demoCompany + " has not been seen for 90 days?")
	args := map[string]any{"where": quietPeople(), "limit": 50}
	d.called("search_contacts", args)
	if err := d.agent.ask(ctx, "search_contacts", args, &d.quiet); err != nil {
		return err
	}
	if len(d.quiet.Rows) == 0 {
		return fmt.Errorf("nobody at %s was found", demoCompany)
	}
	d.show(d.quiet, 6)
	state := d.state()
	d.check(slices.Equal(d.found(), state.quiet), "%d people", len(state.quiet))
	return nil
}

// found lists the ids of the people found, sorted.
func (d *demo) found() []string {
	var ids []string
	for _, row := range d.quiet.Rows {
		ids = append(ids, row[0])
	}
	slices.Sort(ids)
	return ids
}

// showOne looks at the first of them.
func (d *demo) showOne(ctx context.Context) error {
	d.scene("A closer look at one of them")
	args := map[string]any{"contact": d.quiet.Rows[0][0]}
	d.called("get_contact", args)
	var contact json.RawMessage
	if err := d.agent.ask(ctx, "get_contact", args, &contact); err != nil {
		return err
	}
	d.quote(lines(contact))
	return nil
}

// proposal is the change that the agent wants: a plan, and a tag.
func proposal(tag string) map[string]any {
	return map[string]any{
		"where": quietPeople(),
		"set":   map[string]any{"custom_attributes": map[string]any{"plan": demoPlan}, "add_tags": []string{tag}},
	}
}

// propose has the agent ask for a change, and the user answer. Of the question
// the first lines are shown.
func (d *demo) propose(ctx context.Context, tag string, accept bool, shown int) (receipt, error) {
	args := proposal(tag)
	d.called("bulk_update_contacts", args)
	follow, done := d.follower()
	defer done()
	d.agent.listen(func(question string) bool {
		d.say("   %s", d.paint.bold("The server writes nothing yet. It asks the person in front of the agent:"))
		d.quoteFirst(question, shown)
		d.say("   %s %s", d.paint.bold("The person says:"), map[bool]string{true: "yes.", false: "no."}[accept])
		return accept
	}, follow)
	var r receipt
	err := d.agent.ask(ctx, "bulk_update_contacts", args, &r)
	return r, err
}

// receipt is what a write answers.
type receipt struct {
	Change    string `json:"change"`
	Status    string `json:"status"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Failed    int    `json:"failed"`
	Unknown   int    `json:"unknown"`
}

// decline has the user refuse the first proposal.
func (d *demo) decline(ctx context.Context) error {
	d.scene("The agent wants to change all of them, and the person refuses")
	before := d.state()
	r, err := d.propose(ctx, demoWrong, false, 20)
	if err != nil {
		return err
	}
	d.say("   The change is %s.", d.paint.bold(r.Status))
	d.check(before.same(d.state()), "nothing was changed")
	return nil
}

// accept has the user agree to the second proposal, and checks the receipt.
func (d *demo) accept(ctx context.Context) error {
	d.scene("The agent proposes another tag, and the person agrees")
	before := d.state()
	r, err := d.propose(ctx, demoTag, true, 3)
	if err != nil {
		return err
	}
	d.say("   The server read every contact back. Its receipt: %s, %d changed, %d already so, %d failed, %d unknown.",
		d.paint.bold(r.Status), r.Changed, r.Unchanged, r.Failed, r.Unknown)
	after := d.state()
	done := after.having(demoPlan, demoTag, before.quiet)
	d.check(done == r.Changed+r.Unchanged && done == len(before.quiet),
		"%d of %d people have plan %q and the tag %q", done, len(before.quiet), demoPlan, demoTag)
	d.check(before.sameExcept(after, before.quiet), "nobody else was touched")
	return nil
}

// mistake misspells an attribute.
func (d *demo) mistake(ctx context.Context) error {
	d.scene("The agent makes a mistake, and is told how to do better")
	before := d.state()
	args := map[string]any{
		"contact": d.quiet.Rows[0][0],
		"set":     map[string]any{"custom_attributes": map[string]any{"plna": "pro"}},
	}
	d.called("update_contact", args)
	answer, err := d.agent.call(ctx, "update_contact", args)
	if err != nil {
		return err
	}
	d.quote(answer.text)
	d.check(answer.failed && before.same(d.state()), "refused, nothing was changed")
	return nil
}

// readOnly starts the server in mode read, where there is nothing to write with.
func (d *demo) readOnly(ctx context.Context) error {
	d.scene("The same server started with --mode read")
	before := d.state()
	agent, err := d.startAgent(ctx, "read")
	if err != nil {
		return err
	}
	_, writes, err := agent.tools(ctx)
	if err != nil {
		return joinClose(err, agent)
	}
	d.say("   It offers %d tools that change anything. The agent tries all the same:", len(writes))
	args := proposal(demoTag)
	d.called("bulk_update_contacts", args)
	_, refusal := agent.call(ctx, "bulk_update_contacts", args)
	if refusal != nil {
		d.quote(refusal.Error())
	}
	d.check(refusal != nil && before.same(d.state()), "refused, nothing was changed")
	return agent.close()
}
