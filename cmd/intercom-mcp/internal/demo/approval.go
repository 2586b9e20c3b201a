package demo

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// What waits for people in the console.
const (
	approvedPlan, approvedTag = "pro", "Onboarding"
	waitingPlan, waitingTag   = "trial", "At risk"
)

// decidedWithin bounds how long the demo waits for what was approved to be carried out, which takes seconds.
const decidedWithin = time.Minute

// desk is where an agent's change waits for a person, who decides in the console.
type desk struct {
	demo    *demo
	agent   *agent
	console *console
}

// approve has a person say yes in the console, to what the agent cannot confirm by itself.
func (k desk) approve(ctx context.Context) error {
	k.demo.heading("A policy asks for a yes that the agent cannot give: a person decides on a web page")
	before, people := k.demo.state(), k.some()
	proposed, err := k.propose(ctx, approvedPlan, approvedTag)
	if err != nil {
		return err
	}
	args := map[string]any{"change": proposed.Change}
	k.demo.called("confirm_change", args)
	if _, _, err := k.agent.call(ctx, "confirm_change", args); err != nil {
		return fmt.Errorf("calling confirm_change: %w", err)
	}
	still, err := k.agent.standing(ctx, proposed.Change)
	if err != nil {
		return err
	}
	k.demo.say("   The agent cannot say yes itself: the change is still %s.", k.demo.Style.Bold(still.Status))
	k.demo.check(still.Status == "awaiting" && before.same(k.demo.state()), "nothing was changed")
	if err := k.decide(ctx, proposed); err != nil {
		return err
	}
	r, err := k.agent.await(ctx, proposed.Change)
	if err != nil {
		return err
	}
	k.demo.say("   The server carried it out. The agent asks what became of it: %s.", k.demo.Style.Bold(r.Status))
	done := k.demo.changed(people, approvedPlan, approvedTag)
	k.demo.check(r.Status == "applied" && done == len(people), "%d of %d people have plan %q and the tag %q", done,
		len(people), approvedPlan, approvedTag)
	k.demo.check(before.sameExcept(k.demo.state(), people), "nobody else was touched")
	return nil
}

// some are the ids of a few of the people found: so few that the console's part takes no time to watch.
func (k desk) some() (ids []string) {
	for _, row := range k.demo.quiet.Rows[:min(8, len(k.demo.quiet.Rows))] {
		ids = append(ids, row[0])
	}
	return ids
}

// propose has the agent ask for a change that only a person in the console can agree to.
func (k desk) propose(ctx context.Context, plan, tag string) (r receipt, err error) {
	args := map[string]any{"contacts": k.some(),
		"set": map[string]any{"custom_attributes": map[string]any{"plan": plan}, "add_tags": []string{tag}}}
	k.demo.called("bulk_update_contacts", args)
	if err := k.agent.ask(ctx, "bulk_update_contacts", args, &r); err != nil {
		return r, err
	}
	if r.Status != "awaiting" || r.Level != "approver" {
		return r, fmt.Errorf("the change is %s at level %q and waits for nobody in the console", r.Status, r.Level)
	}
	k.demo.say("   The server writes nothing yet. The agent is told that the change is %s, and its code: %s.",
		k.demo.Style.Bold(r.Status), k.demo.Style.Bold(r.Code))
	return r, nil
}

// decide opens the page of a proposal, reads it, and approves it there.
func (k desk) decide(ctx context.Context, proposed receipt) error {
	b, err := newBrowser(k.console.address)
	if err != nil {
		return err
	}
	code, err := k.console.code(ctx)
	if err != nil {
		return err
	}
	if _, err := b.submit(ctx, k.console.address+"/console/sign-in", map[string][]string{"code": {code}}); err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	link := k.console.link(proposed.Change)
	k.demo.say("   %s %s", k.demo.Style.Bold("A person signs in with a code from the terminal, and opens"), link)
	page, err := b.open(ctx, link)
	if err != nil {
		return err
	}
	lines, rows := linesOf(page), rowsOf(page)
	for _, line := range append(lines, rows[:min(4, len(rows))]...) {
		k.demo.say("   %s %s", k.demo.Style.Faint("|"), line)
	}
	if len(rows) == 0 || !strings.Contains(strings.Join(lines, "\n"), "Proposal "+proposed.Code) {
		return fmt.Errorf("the page at %s does not show the proposal %s", link, proposed.Code)
	}
	path := "/console/changes/" + proposed.Change + "/decide"
	form, err := formOf(page, path)
	if err != nil {
		return err
	}
	k.demo.say("   %s", k.demo.Style.Bold(`The code is the one that the agent was told. The person presses "Approve".`))
	form.Set("decision", "approve")
	form.Set("reason", "Worth a try")
	if _, err := b.submit(ctx, k.console.address+path, form); err != nil {
		return fmt.Errorf("approving: %w", err)
	}
	return nil
}

// standing is how a change stands.
func (a *agent) standing(ctx context.Context, change string) (r receipt, err error) {
	err = a.ask(ctx, "get_change", map[string]any{"change": change}, &r)
	return r, err
}

// await waits until a change that was approved has ended.
func (a *agent) await(ctx context.Context, change string) (r receipt, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, decidedWithin, fmt.Errorf("nobody carried out %s within %s", change,
		decidedWithin))
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if r, err = a.standing(ctx, change); err != nil || r.ended() {
			return r, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return r, context.Cause(ctx)
		}
	}
}

// ended reports whether nothing more comes of the change.
func (r receipt) ended() bool {
	return r.Status != "awaiting" && r.Status != "approved" && r.Status != "applying"
}

// serve leaves a proposal to whoever watches the demo, and keeps the console and the server until ctx ends.
func (k desk) serve(ctx context.Context) error {
	k.demo.heading("Your turn")
	proposed, err := k.propose(ctx, waitingPlan, waitingTag)
	if err != nil {
		return err
	}
	k.demo.say("   Open it, sign in with the code, and decide: %s", k.demo.Style.Bold(k.console.link(proposed.Change)))
	k.demo.say("   Ctrl-C ends the demo, and nothing of it stays.")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	status := proposed.Status
	for {
		select {
		case code := <-k.console.codes:
			k.demo.say("   Code, which works once: %s", k.demo.Style.Bold(code))
		case <-tick.C:
			now, err := k.agent.standing(ctx, proposed.Change)
			switch {
			case ctx.Err() != nil:
				return nil
			case err != nil:
				return err
			case now.Status != status:
				k.demo.say("   The change is %s.", k.demo.Style.Bold(now.Status))
			}
			status = now.Status
		case <-k.console.ended: // gracefully, where whoever pressed Ctrl-C ended it as well
			return k.console.problem
		case <-ctx.Done():
			return nil
		}
	}
}
