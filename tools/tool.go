package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// Tool is one thing an agent can do. All else derives from this value: the
// schemas, the MCP hints, the modes, the toolsets and the documentation.
type Tool struct {
	Name       string // verb_noun, at most 32 characters
	Title      string // for people
	Set        Set    // the toolset it belongs to
	Effect     policy.Effect
	Idempotent bool   // calling it twice with the same arguments does no more than calling it once
	Doc        string // what the model reads before it chooses
	Run        Runner

	// BriefWith are the tools to whose arguments the short form of the input's schema refers: a list that has them all
	// has that form. Empty: there is none.
	BriefWith []string
}

// Controls reports whether the tool acts on a change that was judged when it was proposed, so that no rule of a policy
// applies to the tool.
func (t *Tool) Controls() bool { return t.Effect != policy.Read && t.Run.plan == nil }

// Runner is a tool's typed handler behind an untyped door, built by reads, plans or controls.
type Runner struct {
	Input, Output reflect.Type // Go structs, from which the schemas are generated
	run           func(ctx context.Context, s *session, args json.RawMessage) (any, error)
	plan          func(ctx context.Context, s *session, args json.RawMessage) (*draft, error) // of plans alone
}

// reads makes a Runner of a handler that only reads.
func reads[In, Out any](handler func(context.Context, *session, In) (*Out, error)) Runner {
	return answers(reflect.TypeFor[Out](), func(ctx context.Context, s *session, in In) (any, error) {
		return handler(ctx, s, in)
	})
}

// answers makes a Runner of a handler whose answer is of type output.
func answers[In any](output reflect.Type, handler func(context.Context, *session, In) (any, error)) Runner {
	return Runner{
		Input: reflect.TypeFor[In](), Output: output,
		run: func(ctx context.Context, s *session, args json.RawMessage) (any, error) {
			in, err := decode[In](args)
			if err != nil {
				return nil, err
			}
			return handler(ctx, s, in)
		},
	}
}

// plans makes a Runner of a planner: a function that works out what would be written, and writes nothing. Deciding,
// confirming, applying, verifying and recording are the pipeline's, so that no tool can skip one of them.
func plans[In any](planner func(context.Context, *session, In) (*draft, error)) Runner {
	plan := func(ctx context.Context, s *session, args json.RawMessage) (*draft, error) {
		in, err := decode[In](args)
		if err != nil {
			return nil, err
		}
		return inTime(ctx, s, func(ctx context.Context) (*draft, error) { return planner(ctx, s, in) })
	}
	run := func(ctx context.Context, s *session, args json.RawMessage) (any, error) {
		if s.call.Answer != nil {
			return answered(ctx, s, *s.call.Answer, "")
		}
		d, err := plan(ctx, s, args)
		var first *sameAs
		switch {
		case errors.As(err, &first):
			return answerDuplicate(ctx, s, first.change)
		case err != nil:
			return nil, err
		}
		return propose(ctx, s, d)
	}
	return Runner{Input: reflect.TypeFor[In](), Output: reflect.TypeFor[render.ChangeResult](), run: run, plan: plan}
}

// controls makes a Runner of a handler that moves a change on. It answers with
// a ChangeResult, or with the *Ask that has to be put to the user first.
func controls[In any](handler func(context.Context, *session, In) (any, error)) Runner {
	return answers(reflect.TypeFor[render.ChangeResult](), handler)
}

// decode reads validated arguments into the tool's input, numbers exactly.
func decode[In any](args json.RawMessage) (In, error) {
	var in In
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.UseNumber()
	if err := decoder.Decode(&in); err != nil {
		return in, toolerr.New(toolerr.InvalidArgument, "the arguments do not fit the tool: "+err.Error(),
			"Check them against the tool's input schema.")
	}
	return in, nil
}
