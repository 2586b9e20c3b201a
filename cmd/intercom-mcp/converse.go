package main

import (
	"context"
	"errors"

	"intercom-mcp/tools"
)

// principal is who asks when someone runs the program for themselves.
const principal = "local"

// answerer puts a question to whoever may answer it.
type answerer func(context.Context, tools.Ask) (tools.Action, error)

// converse runs call to its end: each question that it comes back with is put
// to answer, and the call repeated with what was said. A nil answer means that
// nobody can be asked. via goes into the record of an answer that no person
// gave; empty where one did.
func converse(ctx context.Context, caller tools.Caller, call tools.Call, answer answerer, via string) (tools.Result, error) {
	call.CanAsk = answer != nil
	for {
		result, err := caller.Call(ctx, call)
		if err != nil || result.Ask == nil {
			return result, err
		}
		if answer == nil {
			return result, errors.New("the tool asks a question though nobody can be asked")
		}
		action, err := answer(ctx, *result.Ask)
		if err != nil {
			return result, err
		}
		call.Answer = &tools.Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: action, Via: via}
	}
}
