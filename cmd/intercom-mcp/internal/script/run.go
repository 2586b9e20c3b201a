package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"intercom-mcp/tools"
)

// unknownTool is the code by which scripts expect a tool that is not offered.
const unknownTool = "unknown_tool"

// failed describes the failure of a step as a whole.
func (s *Step) failed(format string, args ...any) error { return problemAt(s.node, format, args...) }

// run makes the step's call, compares what comes back, and saves from it into vars. The error is a *problem where the
// step did not go as expected.
func (s *Step) run(ctx context.Context, caller tools.Caller, principal string, vars variables) error {
	args, err := json.Marshal(vars.fill(s.With))
	if err != nil {
		return fmt.Errorf("encoding the arguments: %w", err)
	}
	call := tools.Call{Tool: s.Call, Args: args, Principal: principal, CanAsk: s.Answer != ""}
	s.As.make(&call)
	result, err := caller.Call(ctx, call)
	if err == nil && result.Ask != nil {
		call.Answer = &tools.Answer{
			Change: result.Ask.Change, Binding: result.Ask.Binding, Action: tools.Action(s.Answer), Via: "script",
		}
		result, err = caller.Call(ctx, call)
	}
	switch {
	case errors.Is(err, tools.ErrUnknownTool):
		return s.compareError(unknownTool, err.Error())
	case err != nil:
		return err
	case result.Err != nil:
		return s.compareError(string(result.Err.Code), result.Err.Error())
	case s.Answer != "" && call.Answer == nil:
		return s.failed("no question was asked that %q could answer", s.Answer)
	case s.ExpectError != "":
		return s.failed("the error %s was expected, but the call succeeded: %s", s.ExpectError, result.JSON)
	}
	return s.compareAnswer(result.JSON, vars)
}

// compareError compares an error's code and text with what the step expects.
func (s *Step) compareError(code, text string) error {
	switch {
	case s.ExpectError == "":
		return s.failed("the call failed with %s: %s", code, text)
	case s.ExpectError != code:
		return s.failed("the error %s was expected, but it is %s: %s", s.ExpectError, code, text)
	}
	return s.compareText(text)
}

// compareText compares what the model reads with expect_text.
func (s *Step) compareText(text string) error {
	if !s.text.MatchString(text) {
		return s.failed("the text does not match %q: %s", s.ExpectText, text)
	}
	return nil
}

// compareAnswer compares an answer with the step's expectation, and saves from it.
func (s *Step) compareAnswer(text json.RawMessage, vars variables) error {
	if err := s.compareText(string(text)); err != nil {
		return err
	}
	answer, err := decodeTree(text)
	if err != nil {
		return fmt.Errorf("decoding the answer: %w", err)
	}
	if s.Expect != nil {
		if err := compare(s.Expect, answer, vars); err != nil {
			return err
		}
	}
	for name, path := range s.Save {
		value, err := lookUp(answer, path)
		if err != nil {
			return s.failed("save %s: %v: %s", name, err, text)
		}
		vars[name] = value
	}
	return nil
}
