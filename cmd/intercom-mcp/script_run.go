package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"intercom-mcp/tools"
)

// stepFailure is a step that did not go as its script expects.
type stepFailure struct {
	at   place  // what is not fulfilled
	text string // what was expected and what was got; perhaps several lines
}

// Error implements error.
func (f *stepFailure) Error() string { return f.text }

// failed builds the failure of a step as a whole.
func (s *scriptStep) failed(format string, args ...any) error {
	return &stepFailure{s.at, fmt.Sprintf(format, args...)}
}

// run makes the step's call, compares what comes back, and saves from it into
// vars. The error is a *stepFailure where the step did not go as expected.
func (s *scriptStep) run(ctx context.Context, caller tools.Caller, vars variables) error {
	args, err := json.Marshal(vars.fill(s.With))
	if err != nil {
		return fmt.Errorf("encoding the arguments: %w", err)
	}
	asked := false
	var answer answerer
	if s.Answer != "" {
		answer = func(context.Context, tools.Ask) (tools.Action, error) {
			asked = true
			return tools.Action(s.Answer), nil
		}
	}
	result, err := converse(ctx, caller, tools.Call{Tool: s.Call, Args: args, Principal: principal}, answer, "script")
	switch {
	case errors.Is(err, tools.ErrUnknownTool):
		return s.compareError(unknownTool, err.Error())
	case err != nil:
		return err
	case result.Err != nil:
		return s.compareError(string(result.Err.Code), result.Err.Error())
	case s.Answer != "" && !asked:
		return s.failed("no question was asked that %q could answer", s.Answer)
	case s.ExpectError != "":
		return s.failed("the error %s was expected, but the call succeeded: %s", s.ExpectError, result.JSON)
	}
	return s.compareAnswer(result.JSON, vars)
}

// unknownTool is the code by which scripts expect a tool that is not offered.
const unknownTool = "unknown_tool"

// compareError compares an error's code and text with what the step expects.
func (s *scriptStep) compareError(code, text string) error {
	switch {
	case s.ExpectError == "":
		return s.failed("the call failed with %s: %s", code, text)
	case s.ExpectError != code:
		return s.failed("the error %s was expected, but it is %s: %s", s.ExpectError, code, text)
	}
	return s.compareText(text)
}

// compareText compares what the model reads with expect_text.
func (s *scriptStep) compareText(text string) error {
	if !s.text.MatchString(text) {
		return s.failed("the text does not match %q: %s", s.ExpectText, text)
	}
	return nil
}

// compareAnswer compares an answer with the step's expectation, and saves from it.
func (s *scriptStep) compareAnswer(text json.RawMessage, vars variables) error {
	if err := s.compareText(string(text)); err != nil {
		return err
	}
	answer, err := decodeTree(text)
	if err != nil {
		return fmt.Errorf("decoding the answer: %w", err)
	}
	if s.expectation != nil {
		if d := s.expectation.unexpected(answer, vars); d != nil {
			return &stepFailure{d.at, "the answer is not as expected (-expected +got):\n" + d.String()}
		}
	}
	for name, path := range s.paths {
		value, err := path.in(answer)
		if err != nil {
			return s.failed("save %s: %v: %s", name, err, text)
		}
		vars[name] = value
	}
	return nil
}
