//go:build conformance

package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// round is one step of a fixture that asks: the questions, by key.
type round map[string]mcp.InputRequest

// form is a question with an elicitation form of the given properties.
func form(message, properties string, required ...string) mcp.InputRequest {
	schema := map[string]any{"type": "object", "properties": json.RawMessage(properties)}
	if len(required) > 0 {
		schema["required"] = required
	}
	return mcp.NewElicitationInputRequest(mcp.ElicitationParams{Message: message, RequestedSchema: schema})
}

// sample is a question to the client's model.
func sample(prompt string) mcp.InputRequest {
	return mcp.NewSamplingInputRequest(mcp.CreateMessageParams{
		Messages:  []mcp.SamplingMessage{{Role: mcp.RoleUser, Content: mcp.NewTextContent(prompt)}},
		MaxTokens: 100,
	})
}

const (
	defaultsForm = `{"name":{"type":"string","default":"John Doe"},"age":{"type":"integer","default":30},
		"score":{"type":"number","default":95.5},
		"status":{"type":"string","enum":["active","inactive","pending"],"default":"active"},
		"verified":{"type":"boolean","default":true}}`
	enumsForm = `{"untitledSingle":{"type":"string","enum":["option1","option2","option3"]},
		"titledSingle":{"type":"string","oneOf":[{"const":"value1","title":"First Option"},
			{"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]},
		"legacyEnum":{"type":"string","enum":["opt1","opt2","opt3"],
			"enumNames":["Option One","Option Two","Option Three"]},
		"untitledMulti":{"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}},
		"titledMulti":{"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},
			{"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}}}`
	nameForm    = `{"name":{"type":"string"}}`
	okForm      = `{"ok":{"type":"boolean"}}`
	contactForm = `{"username":{"type":"string","description":"User's response"},
		"email":{"type":"string","description":"User's email address"}}`
)

// registerElicitations adds the tools that ask before they answer.
func (c set) registerElicitations() {
	askName := round{"user_name": form("What is your name?", nameForm, "name")}
	askOK := round{"confirm": form("Please confirm", okForm, "ok")}
	for name, rounds := range map[string][]round{
		"test_elicitation_sep1034_defaults":        {{"answer": form("Please review the defaults", defaultsForm)}},
		"test_elicitation_sep1330_enums":           {{"answer": form("Please choose", enumsForm)}},
		"test_streaming_elicitation":               {askOK},
		"test_input_required_result_elicitation":   {askName},
		"test_input_required_result_sampling":      {{"capital_question": sample("What is the capital of France?")}},
		"test_input_required_result_list_roots":    {{"client_roots": mcp.NewRootsInputRequest()}},
		"test_input_required_result_request_state": {askOK},
		"test_input_required_result_multiple_inputs": {{
			"user_name": form("What is your name?", nameForm, "name"), "greeting": sample("Generate a greeting"),
			"client_roots": mcp.NewRootsInputRequest(),
		}},
		"test_input_required_result_multi_round": {
			{"step1": form("Step 1: What is your name?", nameForm, "name")},
			{"step2": form("Step 2: What is your favorite color?", `{"color":{"type":"string"}}`, "color")},
		},
		"test_input_required_result_tampered_state": {askOK},
		"test_input_required_result_capabilities":   {{"a": form("Please confirm", okForm, "ok"), "b": sample("Say hello")}},
	} {
		c.add(name, `{"type":"object","properties":{},"additionalProperties":false}`,
			c.asking(func(mcp.CallToolRequest) []round { return rounds }))
	}
	c.add("test_elicitation", `{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}`,
		c.asking(func(r mcp.CallToolRequest) []round {
			return []round{{"answer": form(r.GetString("message", ""), contactForm, "username", "email")}}
		}))
	c.add("test_sampling", `{"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]}`,
		c.asking(func(r mcp.CallToolRequest) []round { return []round{{"answer": sample(r.GetString("prompt", ""))}} }))
}

// asking asks round after round, and then answers with what it heard. The sealed state says how many rounds are done.
func (c set) asking(script func(mcp.CallToolRequest) []round) fixture {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		principal, name, rounds, done := c.host.Principal(ctx), request.Params.Name, script(request), 0
		if sealed := request.Params.RequestState; sealed != "" {
			st, err := c.host.Seal().Open(principal, name, sealed, time.Now())
			if err != nil {
				return nil, c.host.Fail(ctx, &jsonrpc.Error{Code: mcp.INVALID_PARAMS, Message: err.Error()})
			}
			done = len(st.Change)
		}
		heard, complete := hear(rounds[done], request.Params.InputResponses)
		if complete {
			done++
		}
		if done == len(rounds) {
			return mcp.NewToolResultText(heard + " state-ok"), nil
		}
		sealed, err := c.host.Seal().Close(principal, name,
			auth.State{Change: "**********"[:done], Expires: time.Now().Add(time.Minute)})
		if err != nil {
			return nil, err
		}
		return &mcp.CallToolResult{
			Result: mcp.Result{ResultType: mcp.ResultTypeInputRequired},
			MultiRoundTripResult: mcp.MultiRoundTripResult{InputRequests: answerable(c.host.Capabilities(ctx), rounds[done]),
				RequestState: sealed},
		}, nil
	}
}

// answerable keeps the questions for which the client declared a capability.
func answerable(has mcp.ClientCapabilities, questions round) mcp.InputRequests {
	kept := make(mcp.InputRequests)
	for key, question := range questions {
		switch {
		case question.Method == mcp.MethodElicitationCreate && has.Elicitation == nil,
			question.Method == mcp.MethodSamplingCreateMessage && has.Sampling == nil,
			question.Method == mcp.MethodListRoots && has.Roots == nil:
		default:
			kept[key] = question
		}
	}
	return kept
}

// hear reports whether every question has an answer of the right kind, and what the answers say.
func hear(questions round, answers mcp.InputResponses) (heard string, complete bool) {
	for key, question := range questions {
		var answer any
		switch question.Method {
		case mcp.MethodElicitationCreate:
			if reply := server.ElicitationResponse(answers, key); reply != nil && reply.Action != "" {
				answer = fmt.Sprintf("action=%s, content=%v", reply.Action, reply.Content)
			}
		case mcp.MethodSamplingCreateMessage:
			if reply := server.SamplingResponse(answers, key); reply != nil {
				answer = reply.Content
			}
		case mcp.MethodListRoots:
			if reply := server.RootsResponse(answers, key); reply != nil {
				answer = reply.Roots
			}
		}
		if answer == nil {
			return "", false
		}
		heard += fmt.Sprintf("%s: %v; ", key, answer)
	}
	return heard, true
}

// promptThatAsks is a prompt that asks before it answers.
func promptThatAsks(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
	questions := round{"user_context": form("What context should the prompt use?", `{"context":{"type":"string"}}`,
		"context")}
	heard, complete := hear(questions, request.Params.InputResponses)
	if !complete {
		return server.NewInputRequestBuilder("").Elicit("user_context",
			*questions["user_context"].Elicitation).PromptResult(), nil
	}
	return mcp.NewGetPromptResult("", []mcp.PromptMessage{mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(heard))}),
		nil
}
