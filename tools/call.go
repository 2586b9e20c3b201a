package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/schemas"
	"intercom-mcp/schemas/strictjson"
	"intercom-mcp/tools/internal/directory"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/internal/text"
	"intercom-mcp/tools/toolerr"
)

// session is one call on its way through the pipeline. Its methods tell what holds of the call whatever it is about:
// how it is understood, worded and decided about, and in whose name. What a tool does, and each step of a change, is a
// function that takes the session after the context. It is for one goroutine, but for odd.
type session struct {
	parts  // as the pipeline's, but for a client that is strict where the tool writes
	call   Call
	tool   *Tool
	args   json.RawMessage // validated, coerced
	check  bool            // the answer is held against its schema
	offers offers

	inForce *policy.Policy // when the call came
	policy  *policy.Policy // the policy in force, as it binds the caller
	mask    *render.Mask
	view    *render.View
	dir     *directory.Resolver
	find    *search.Searcher

	// What is learned on the way.
	notes    []string         // what the agent should know about how its call was understood
	warnings []string         // what of it whoever decides about the change should know
	odd      unreadable       // what Intercom answered and nobody can read
	cleaner  text.Cleaner     // of the text that the answer shows
	lookedAt int              // contacts that planning looked at
	escaping *engine.Escaping // nil until a plan asks

	// What came of it.
	changeID string         // handle of the change that the call made, or whose work it began or joined
	joined   engine.Waited  // the work that it began or joined; zero where another server does it
	waits    string         // handle of the change of the answer, where that waits for approvers
	viewMay  map[string]any // what the view of the change that is answered with may do; nil: nothing
}

// offers are the other tools that an answer may speak of, where they are offered.
type offers struct {
	merge  bool // merge_contacts
	create bool // create_contact
}

// newSession begins a call of a tool under the policy in force.
func (p *Pipeline) newSession(call Call, tool *Tool) *session {
	s := &session{parts: p.parts, call: call, tool: tool, inForce: p.current()}
	s.call.Roles = countingRoles(call.Roles)
	s.policy = s.inForce.For(policy.Who{Roles: s.call.Roles, Mode: call.Mode})
	if tool.Effect != policy.Read {
		s.client = p.client.Strict()
	}
	_, s.offers.merge = p.tool("merge_contacts")
	_, s.offers.create = p.tool(createdBy)
	_, createTags := p.tool("create_tag")
	s.dir = &directory.Resolver{Client: s.client, Lists: p.lists, Mask: s.policy.Mask, Note: s.note,
		Warn: s.warn, CreatesTags: createTags}
	s.find = &search.Searcher{Dir: s.dir, Masks: s.policy.Masks}
	s.mask = &render.Mask{Policy: s.policy, FreeText: p.lists.FreeText}
	s.view = &render.View{Mask: s.mask, Rows: &render.Rows{Mask: s.mask, Owner: p.lists.OwnerEmail},
		Cost: func(c *change.Change) (int, time.Duration) { return p.engine.Cost(c, call.Agrees) }}
	return s
}

// note adds a remark to the answer, once.
func (s *session) note(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(s.notes, note) {
		s.notes = append(s.notes, note)
	}
}

// warn adds a remark to the answer, and to the preview of what the call plans, once.
func (s *session) warn(text string) {
	if !slices.Contains(s.warnings, text) {
		s.warnings = append(s.warnings, text)
		s.note("%s", text)
	}
}

// shown cleans a text that the answer shows, and cuts it to so many columns.
func (s *session) shown(str string, most int) string { return text.Clip(s.cleaner.Clean(str), most) }

// Call implements [Caller]. The steps: scan, validate, run (which for writes
// means plan, decide, confirm, apply, verify, record), shape, check.
func (p *Pipeline) Call(ctx context.Context, call Call) (result Result, err error) {
	started := time.Now()
	tool, ok := p.tool(call.Tool)
	if !ok {
		return Result{}, fmt.Errorf("%w %q", ErrUnknownTool, call.Tool)
	}
	ctx = intercom.ForPrincipal(ctx, call.Principal)
	bounded, done := withTimeOf(ctx, call, tool)
	defer done()
	s := p.newSession(call, tool)
	s.check = p.checks()
	defer func() {
		if caught := recover(); caught != nil {
			p.log.ErrorContext(ctx, "tool panicked", "tool", tool.Name, "principal", call.Principal, "panic", fmt.Sprint(caught),
				"stack", string(debug.Stack()))
			result, err = Result{Err: s.explain(ctx, toolerr.InternalError())}, nil
		}
		auditRefusal(ctx, s, result.Err)
		p.logCall(ctx, call, result, err, time.Since(started))
	}()
	answer, err := s.answer(bounded)
	return s.result(bounded, answer, err)
}

// answer takes the call up to the tool's own answer.
func (s *session) answer(ctx context.Context) (any, error) {
	if !s.policy.Offers(s.tool.Set.Name) {
		return nil, denied(s, s.policy.Decide(policy.Request{Tool: s.tool.Name, Effect: policy.Read,
			Toolset: s.tool.Set.Name}))
	}
	if err := s.validate(); err != nil {
		return nil, err
	}
	if err := takeBack(ctx, s); err != nil {
		return nil, err
	}
	answer, err := s.tool.Run.run(intercom.WithUnreadable(ctx, s.odd.add), s, s.args)
	if err == nil {
		handOut(callersOf(ctx), s, answer)
	}
	s.notes = append(s.notes, s.odd.notes()...)
	if note := s.cleaner.Note(); note != "" {
		s.note("%s", note)
	}
	if s.call.ByHand != "" {
		for i, note := range s.notes {
			s.notes[i] = withCommands(note)
		}
	}
	return answer, err
}

// validate scans and validates the arguments into s.args.
func (s *session) validate() error {
	args := s.call.Args
	if len(args) == 0 {
		args = json.RawMessage("{}")
	}
	if !s.call.Scanned {
		if err := scanned(args); err != nil {
			return err
		}
	}
	validated, problems, err := schemas.ValidateInput(s.tool.Name, args)
	if err != nil {
		return fmt.Errorf("validating the arguments of %s: %w", s.tool.Name, err)
	}
	if len(problems) > 0 {
		return s.invalidArguments(problems)
	}
	if len(validated.Coerced) > 0 { // text that was read as JSON has not been scanned
		if err := scanned(validated.Args); err != nil {
			return err
		}
	}
	for _, coerced := range validated.Coerced {
		s.note("%s", coerced)
	}
	s.args = validated.Args
	return nil
}

// scanned refuses arguments that do not pass [strictjson.Check].
func scanned(args json.RawMessage) error {
	if err := strictjson.Check(args); err != nil {
		return toolerr.New(toolerr.InvalidArgument, "The arguments are refused: "+err.Error()+".",
			"Send one plain JSON object.")
	}
	return nil
}

// maxProblems is how many problems one error spells out.
const maxProblems = 8

// invalidArguments lists every problem in one line.
func (s *session) invalidArguments(problems []schemas.Problem) *toolerr.Error {
	var lines []string
	for i, problem := range problems {
		if i == maxProblems {
			more := "and %d more"
			if len(problems) >= schemas.MaxProblems {
				more = "and at least %d more"
			}
			lines = append(lines, fmt.Sprintf(more, len(problems)-maxProblems))
			break
		}
		lines = append(lines, problem.Message)
	}
	return toolerr.New(toolerr.InvalidArgument, text.Sentence(strings.Join(lines, "; ")), "Nothing was sent.").OrByHand(
		"Nothing was sent; 'intercom-mcp tools " + s.tool.Name + "' shows its arguments.")
}

// result shapes what the tool answered, and checks it against the schema.
func (s *session) result(ctx context.Context, answer any, err error) (Result, error) {
	if errors.Is(err, ErrBadAnswer) {
		return Result{}, err
	}
	if err != nil {
		return Result{Err: s.odd.about(s.explain(ctx, err))}, nil
	}
	if ask, ok := answer.(*Ask); ok {
		return Result{Ask: ask}, nil
	}
	if noted, ok := answer.(interface{ AddNote(string) }); ok && len(s.notes) > 0 {
		noted.AddNote(strings.Join(s.notes, "; "))
	}
	shaped, err := strictjson.Encode(answer)
	if err != nil {
		return Result{Err: s.explain(ctx, err)}, nil
	}
	if s.check {
		if err := schemas.ValidateOutput(s.tool.Name, shaped); err != nil {
			return Result{Err: s.explain(ctx, fmt.Errorf("the answer breaks its schema: %w", err))}, nil
		}
	}
	result := Result{JSON: shaped, Waits: s.waits}
	result.Meta = make(map[string]any)
	if len(s.notes) > 0 {
		result.Meta["notes"] = s.notes
	}
	if s.viewMay != nil {
		result.Meta[ViewMeta] = s.viewMay
	}
	return result, nil
}

// explain words an error for whoever makes the call, as the policy in force masks it.
func (s *session) explain(ctx context.Context, err error) *toolerr.Error {
	told := s.translator().Explain(ctx, err)
	if s.call.ByHand != "" {
		return forPerson(told)
	}
	return told
}

// listBinding ties the cursors of a list to this call.
func (s *session) listBinding(arguments any) string {
	return render.Binding(s.tool.Name, s.call.Principal, arguments)
}

// translator words errors for this call.
func (s *session) translator() *toolerr.Translator {
	return &toolerr.Translator{Client: s.client, Redact: s.mask.Redact, MergeOffered: s.offers.merge, Log: s.log,
		Tool: s.tool.Name, Principal: s.call.Principal, Others: s.storeError, Given: given(s.lists, func() givenTexts {
			return givenByCall(s.call.Args)
		})}
}

// logCall writes one line per call: never arguments or customer data.
func (p *Pipeline) logCall(ctx context.Context, call Call, result Result, err error, took time.Duration) {
	outcome := "ok"
	switch {
	case err != nil:
		outcome = "refused"
	case result.Err != nil && ctx.Err() != nil:
		outcome = string(toolerr.Cancelled)
	case result.Err != nil:
		outcome = string(result.Err.Code)
	case result.Ask != nil:
		outcome = "asked"
	}
	p.log.LogAttrs(ctx, slog.LevelInfo, "call", slog.String("tool", call.Tool), slog.String("principal", call.Principal),
		slog.String("outcome", outcome), slog.Int64("took_ms", took.Milliseconds()))
}
