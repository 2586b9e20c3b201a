package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// What the story is about.
const (
	company  = "Acme Inc"
	plan     = "free"
	wrongTag = "VIP"     // of the proposal that is declined
	rightTag = "Churned" // of the one that is accepted
)

// quietFilter finds the contacts of the company that were not seen for 90 days.
var quietFilter = []map[string]string{
	{"field": "company", "operator": "=", "value": company},
	{"field": "last_seen_at", "operator": "<", "value": "-90d"},
}

// opening introduces the story.
func (d *demo) opening() {
	d.say(`%s

An AI agent works with other systems through tools, and MCP is the protocol between the two. Here this
program plays the agent, from a fixed script. It starts the server as a desktop assistant would, as a
child process, and speaks MCP to it over a pipe. The Intercom behind the server is the embedded one:
made-up people, and nothing leaves this machine.`,
		d.Style.Bold("intercom-mcp, the demo"))
}

// listTools asks the server what it offers.
func (d *demo) listTools(ctx context.Context, a *agent) error {
	d.heading("What can the agent do?")
	reads, writes, err := a.tools(ctx)
	if err != nil {
		return err
	}
	d.list("only look:", reads)
	d.list("change things:", writes)
	return nil
}

// findQuietPeople searches, and compares the result with the workspace.
func (d *demo) findQuietPeople(ctx context.Context, a *agent) error {
	d.heading("Who at " + company + " has not been seen for 90 days?")
	args := map[string]any{"where": quietFilter, "limit": 50}
	d.called("search_contacts", args)
	if err := a.ask(ctx, "search_contacts", args, &d.quiet); err != nil {
		return err
	}
	if len(d.quiet.Rows) == 0 {
		return fmt.Errorf("nobody at %s was found", company)
	}
	d.show(d.quiet, 6)
	var found []string
	for _, row := range d.quiet.Rows {
		found = append(found, row[0])
	}
	slices.Sort(found)
	people := d.quietPeople()
	d.check(slices.Equal(found, people), "%d people", len(people))
	return nil
}

// showOne looks at the first of them.
func (d *demo) showOne(ctx context.Context, a *agent) error {
	d.heading("A closer look at one of them")
	args := map[string]any{"contact": d.quiet.Rows[0][0]}
	d.called("get_contact", args)
	var contact json.RawMessage
	if err := a.ask(ctx, "get_contact", args, &contact); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, contact, "", "  "); err != nil {
		return fmt.Errorf("indenting the contact: %w", err)
	}
	d.quote(text.String(), 100)
	return nil
}

// proposal is the change that the agent wants: a plan, and a tag.
func proposal(tag string) map[string]any {
	return map[string]any{
		"where": quietFilter,
		"set":   map[string]any{"custom_attributes": map[string]any{"plan": plan}, "add_tags": []string{tag}},
	}
}

// receipt is what a write answers.
type receipt struct {
	Change    string `json:"change"`
	Level     string `json:"level"` // whose yes it waits for
	Code      string `json:"code"`  // that its page shows as well
	Status    string `json:"status"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Failed    int    `json:"failed"`
	Unknown   int    `json:"unknown"`
}

// propose has the agent ask for a change, and the person answer. Of the question the first lines are shown.
func (d *demo) propose(ctx context.Context, a *agent, tag string, accept bool, shown int) (r receipt, err error) {
	args := proposal(tag)
	d.called("bulk_update_contacts", args)
	follow, done := d.progress()
	defer done()
	a.person.Store(&person{follow: follow, answer: func(question string) bool {
		d.say("   %s", d.Style.Bold("The server writes nothing yet. It asks the person in front of the agent:"))
		d.quote(question, shown)
		d.say("   %s %s", d.Style.Bold("The person says:"), map[bool]string{true: "yes.", false: "no."}[accept])
		return accept
	}})
	defer a.person.Store(nil)
	err = a.ask(ctx, "bulk_update_contacts", args, &r)
	return r, err
}

// decline has the person refuse the first proposal.
func (d *demo) decline(ctx context.Context, a *agent) error {
	d.heading("The agent wants to change all of them, and the person refuses")
	before := d.state()
	r, err := d.propose(ctx, a, wrongTag, false, 20)
	if err != nil {
		return err
	}
	d.say("   The change is %s.", d.Style.Bold(r.Status))
	d.check(before.same(d.state()), "nothing was changed")
	return nil
}

// accept has the person agree to the second proposal, and checks the receipt.
func (d *demo) accept(ctx context.Context, a *agent) error {
	d.heading("The agent proposes another tag, and the person agrees")
	before, people := d.state(), d.quietPeople()
	r, err := d.propose(ctx, a, rightTag, true, 3)
	if err != nil {
		return err
	}
	d.say("   The server read every contact back. Its receipt: %s, %d changed, %d already so, %d failed, %d unknown.",
		d.Style.Bold(r.Status), r.Changed, r.Unchanged, r.Failed, r.Unknown)
	done := d.changed(people, plan, rightTag)
	d.check(done == r.Changed+r.Unchanged && done == len(people),
		"%d of %d people have plan %q and the tag %q", done, len(people), plan, rightTag)
	d.check(before.sameExcept(d.state(), people), "nobody else was touched")
	return nil
}

// mistake misspells an attribute.
func (d *demo) mistake(ctx context.Context, a *agent) error {
	d.heading("The agent makes a mistake, and is told how to do better")
	before := d.state()
	args := map[string]any{
		"contact": d.quiet.Rows[0][0],
		"set":     map[string]any{"custom_attributes": map[string]any{"plna": "pro"}},
	}
	d.called("update_contact", args)
	text, failed, err := a.call(ctx, "update_contact", args)
	if err != nil {
		return err
	}
	d.quote(text, 10)
	d.check(failed && before.same(d.state()), "refused, nothing was changed")
	return nil
}

// readOnly meets a server in mode read, where there is nothing to write with.
func (d *demo) readOnly(ctx context.Context, a *agent) error {
	d.heading("The same server started with --mode read")
	before := d.state()
	_, writes, err := a.tools(ctx)
	if err != nil {
		return err
	}
	d.say("   It offers %d tools that change anything. The agent tries all the same:", len(writes))
	args := proposal(rightTag)
	d.called("bulk_update_contacts", args)
	_, _, refusal := a.call(ctx, "bulk_update_contacts", args)
	if refusal != nil {
		d.quote(refusal.Error(), 10)
	}
	d.check(refusal != nil && before.same(d.state()), "refused, nothing was changed")
	return nil
}
