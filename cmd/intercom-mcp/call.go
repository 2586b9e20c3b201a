package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode/utf8"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolerr"
)

// callHelp are the help texts of callCmd.
var callHelp = helpTexts{
	"call_json":     "Its arguments, a JSON object; - reads them from stdin.",
	"call_operator": "Act as an operator: with cancel_change, stop a change of any principal, by the state file alone.",
}

// callCmd makes one call through the same pipeline as the servers.
type callCmd struct {
	Tool     string `arg:"" help:"Name of the tool; 'intercom-mcp tools' lists them."`
	Args     string `arg:"" optional:"" name:"json" default:"{}" help:"@call_json"`
	Yes      bool   `help:"Say yes to the change that this call asks to confirm; the record names this flag."`
	Operator bool   `help:"@call_operator"`
	serviceFlags
}

// maxArgs bounds the arguments read from stdin, in bytes. It lies above what the pipeline takes, whose error says more.
const maxArgs = 1 << 20

// Run implements the command: the answer goes to stdout, an error to stderr.
func (c *callCmd) Run(ctx context.Context, h *host) (err error) {
	args, err := c.arguments(h)
	if err != nil {
		return err
	}
	call := h.callOf(c.Tool, args, c.Yes)
	if c.Operator {
		if err := actAsOperator(&call); err != nil {
			return err
		}
	}
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	service, err := c.openFor(h, call, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	result, err := h.carryOut(ctx, service, call, c.Yes)
	if errors.Is(err, tools.ErrUnknownTool) {
		return &usageError{problem: err.Error(), try: c.offering(service)}
	}
	if err != nil {
		return err
	}
	if err := h.show(result); err != nil {
		return err
	}
	flags, kept := c.repeated()
	return h.judge(c.Tool, result.JSON, flags, kept)
}

// callOf is a call by hand, which may be asked where a person is at the terminal, or has said yes beforehand.
func (h *host) callOf(tool string, args []byte, yes bool) tools.Call {
	call := tools.Call{Tool: tool, Args: args, Principal: policy.LocalPrincipal, CanAsk: yes || h.canAsk(), Agrees: yes,
		ByHand: "call"}
	if h.canAsk() {
		call.ByHand = "terminal"
	}
	return call
}

// carryOut makes a call with its progress on the terminal, and answers its question.
func (h *host) carryOut(ctx context.Context, service *service, call tools.Call, yes bool) (tools.Result, error) {
	progress := &terminal.ProgressBar{Out: h.stderr}
	if terminal.Is(h.stderr) {
		call.Progress = showOn(progress)
	}
	defer progress.Clear()
	result, err := service.pipeline.Call(ctx, call)
	if err == nil && result.Ask != nil {
		progress.Clear()
		call.Answer = h.answer(ctx, *result.Ask, yes)
		result, err = service.pipeline.Call(ctx, call)
	}
	return result, err
}

// showOn shows the progress of a call on a bar.
func showOn(bar *terminal.ProgressBar) func(tools.Progress) {
	return func(p tools.Progress) { bar.Show(terminal.Progress{Done: p.Done, Total: p.Total, Message: p.Message}) }
}

// openFor opens the service that makes a call.
func (c *callCmd) openFor(h *host, call tools.Call, log *slog.Logger) (*service, error) {
	if call.Operator {
		return c.openOffline(h, "call "+call.Tool+" --operator", log)
	}
	return c.open(h, "call "+call.Tool, log, nil)
}

// arguments reads the call's arguments, and checks that they are JSON; what they may be is the pipeline's to say.
func (c *callCmd) arguments(h *host) ([]byte, error) {
	args := []byte(c.Args)
	if c.Args == "-" {
		var err error
		if args, err = io.ReadAll(io.LimitReader(h.stdin, maxArgs+1)); err != nil {
			return nil, fmt.Errorf("reading the arguments: %w", err)
		}
		if len(args) > maxArgs {
			return nil, &usageError{problem: "the arguments are longer than 1 MiB"}
		}
	}
	if len(bytes.TrimSpace(args)) == 0 {
		return nil, &usageError{problem: "the arguments are empty, and have to be a JSON object",
			try: "intercom-mcp tools " + c.Tool + " (shows an example)"}
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(args, new(json.RawMessage)); errors.As(err, &syntax) {
		return nil, &usageError{problem: "the arguments are no JSON: " + pointAt(args, syntax),
			try: "intercom-mcp tools " + c.Tool + " (shows an example)"}
	}
	return args, nil
}

// pointAt says where JSON is broken: line, column, and the place with a caret below it.
func pointAt(text []byte, err *json.SyntaxError) string {
	at := min(max(int(err.Offset)-1, 0), len(text))
	begin := bytes.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(string(text[begin:]), "\n")
	column := utf8.RuneCount(text[begin:at])
	shown, from := []rune(line), max(column-40, 0)
	shown = shown[from:min(len(shown), from+80)]
	return fmt.Sprintf("line %d, column %d: %v\n  %s\n  %s^", bytes.Count(text[:at], []byte("\n"))+1, column+1, err,
		string(shown), strings.Repeat(" ", column-from))
}

// canAsk reports whether a person is at the terminal.
func (h *host) canAsk() bool { return terminal.Is(h.stdin) && terminal.Is(h.stderr) }

// answer answers the question of a call: by --yes, which shows what it says yes to, else by the person at the terminal.
func (h *host) answer(ctx context.Context, ask tools.Ask, yes bool) *tools.Answer {
	answer := &tools.Answer{Change: ask.Change, Binding: ask.Binding, Action: tools.Accept, Via: "--yes"}
	if yes {
		fmt.Fprintln(h.stderr, ask.Message)
	} else {
		answer.Action, answer.Via = h.confirm(ctx, ask), "terminal"
	}
	return answer
}

// confirm puts ask to the person at the terminal. Only a clear yes accepts.
func (h *host) confirm(ctx context.Context, ask tools.Ask) tools.Action {
	fmt.Fprintf(h.stderr, "%s\n%s ", ask.Message, h.style(h.stderr).Bold("Apply this change? [y/N]"))
	line, err := terminal.ReadLine(ctx, bufio.NewReader(h.stdin))
	switch {
	case err != nil || line == "": // interrupted, or the terminal is gone: nobody has answered
		return tools.Cancel
	case isYes(line):
		return tools.Accept
	}
	return tools.Decline
}

// isYes reports whether a line that a person typed is a clear yes.
func isYes(line string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	return line == "y" || line == "yes"
}

// refuse prints the error of a tool; another error it passes on.
func (h *host) refuse(err error) error {
	var known *toolerr.Error
	if !errors.As(err, &known) {
		return err
	}
	fmt.Fprintf(h.stderr, "%s %s\n", h.style(h.stderr).Red(string(known.Code)+":"), known.Error())
	return errFailed
}

// show prints the result of a call.
func (h *host) show(result tools.Result) error {
	if result.Err != nil {
		return h.refuse(result.Err)
	}
	text := string(result.JSON)
	if terminal.Is(h.stdout) {
		text = readable(result.JSON, "")
	}
	_, err := fmt.Fprintf(h.stdout, "%s\n", text)
	return err
}

// judge decides whether the answer of a write is a success for a shell: the change, if it is one, must have come to
// pass as a whole, or have been stopped as the call wanted. Of one that waits it says how to go on: by a command with
// the same flags, where changes are kept.
func (h *host) judge(tool string, answer json.RawMessage, flags string, kept bool) error {
	var result struct {
		Change string        `json:"change"`
		Status change.Status `json:"status"`
		Level  string        `json:"level"`
		Code   string        `json:"code"`
		Link   string        `json:"link"`
		Tool   string        `json:"tool"` // of a change that was only looked at
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if result.Change == "" || result.Tool != "" {
		return nil
	}
	switch result.Status {
	case change.StatusAwaiting:
		if result.Level == policy.LevelApprover.String() {
			fmt.Fprintf(h.stderr, "intercom-mcp: nothing was written. The change waits for somebody else's yes in the console: "+
				"code %s, %s\n", result.Code, cmp.Or(result.Link, "intercom-mcp console"))
			return errFailed
		}
		fmt.Fprint(h.stderr, "intercom-mcp: nothing was written. The change waits for a confirmation: repeat the command "+
			"at a terminal or with --yes")
		if !kept {
			fmt.Fprintln(h.stderr, "; with --state FILE, a command of its own can confirm it, too")
			return errFailed
		}
		fmt.Fprintf(h.stderr, ", or run\n  intercom-mcp call confirm_change '{\"change\":\"%s\"}'%s\n", result.Change, flags)
		return errFailed
	case change.StatusApplied, change.StatusApplying, change.StatusCancelled:
		return nil
	case change.StatusStopped:
		if tool == cancelChange {
			return nil
		}
	}
	fmt.Fprintf(h.stderr, "intercom-mcp: the change is %s\n", result.Status)
	return errFailed
}
