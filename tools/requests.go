package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// undoTool is the tool by which a change is undone that a person asks to undo.
const undoTool = "undo_change"

// undoPatience is how long an undo that a person asked for is waited for: what fails at once is told with the answer.
const undoPatience = 250 * time.Millisecond

// instance is this server as those see it who share its store, and whether it undoes what people ask to undo.
func (p *Pipeline) instance() (i change.Instance, undoes bool) {
	inForce := p.current()
	me, _ := p.lists.Me.Peek()
	_, undoes = p.tool(undoTool)
	return change.Instance{ID: p.id, Version: p.version, Workspace: me.App.ID, Mode: string(inForce.Mode),
		Revision: inForce.Revision}, undoes
}

// undoAsked plans the undo that a person asked for in the console, as a call of theirs, and begins it where the policy
// lets it, without waiting long for its end: the click is their yes at level user. Where an approver is to confirm it,
// it waits as every proposal does.
func (p *Pipeline) undoAsked(ctx context.Context, r change.Request) change.Answer {
	args, err := json.Marshal(ChangeInput{Change: r.Change})
	if err != nil {
		return change.Answer{Problem: err.Error()}
	}
	call := Call{Tool: undoTool, Args: args, Principal: r.By.By, Person: r.Person, Roles: r.Roles,
		Client: consoleClient, CanAsk: true, Patience: undoPatience}
	result, err := p.Call(ctx, call)
	if err == nil && result.Ask != nil {
		call.Answer = &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept, Via: consoleClient}
		result, err = p.Call(ctx, call)
	}
	switch {
	case err != nil:
		return change.Answer{Problem: err.Error()}
	case result.Err != nil:
		planned, _ := result.Err.Data["change"].(string)
		return change.Answer{Change: planned, Problem: result.Err.Message} // what to do next is for an agent
	}
	var planned struct {
		Change string `json:"change"`
	}
	if err := json.Unmarshal(result.JSON, &planned); err != nil {
		return change.Answer{Problem: fmt.Sprintf("the undo was planned, and its handle is lost: %v", err)}
	}
	return change.Answer{Change: planned.Change}
}

// consoleClient is what a person's program is called who clicks in the console, and how their yes was given.
const consoleClient = "console"
