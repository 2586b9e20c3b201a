package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"intercom-mcp/tools"
)

// callCmd makes one call through the same pipeline as the servers.
type callCmd struct {
	Tool string `arg:"" help:"Name of the tool; 'intercom-mcp tools' lists them."`
	Args string `arg:"" optional:"" name:"json" default:"{}" help:"Its arguments as a JSON object; - reads them from stdin."`
	Yes  bool   `help:"Say yes to the change that this call asks to confirm; the record names this flag."`
	serviceFlags
}

// maxArgs bounds the arguments read from stdin, in bytes. It lies above what
// the pipeline takes, whose error says more.
const maxArgs = 1 << 20

// Run implements the command: the answer goes to stdout, an error to stderr.
func (c *callCmd) Run(ctx context.Context, h *host) (err error) {
	args := []byte(c.Args)
	if c.Args == "-" {
		if args, err = io.ReadAll(io.LimitReader(h.stdin, maxArgs+1)); err != nil {
			return fmt.Errorf("reading the arguments: %w", err)
		}
		if len(args) > maxArgs {
			return &usageError{problem: "the arguments are longer than 1 MiB"}
		}
	}
	if !json.Valid(args) {
		return &usageError{problem: "the arguments are no JSON", try: "intercom-mcp call " + c.Tool + " '{}'"}
	}
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	service, err := c.open(h, "call "+c.Tool, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.settle(ctx)) }()
	call := tools.Call{Tool: c.Tool, Args: args, Principal: principal}
	progress := &progressBar{out: h.stderr}
	if isTerminal(h.stderr) {
		call.Progress = progress.show
	}
	via := ""
	if c.Yes {
		via = "--yes"
	}
	result, err := converse(ctx, service, call, c.answerer(h), via)
	progress.clear()
	if errors.Is(err, tools.ErrUnknownTool) {
		return &usageError{problem: err.Error(), try: nearestTools(c.Tool, service.Tools())}
	}
	if err != nil {
		return err
	}
	return h.show(result)
}

// answerer tells who answers questions: --yes, whoever sits at the terminal,
// or nobody.
func (c *callCmd) answerer(h *host) answerer {
	switch {
	case c.Yes:
		return func(context.Context, tools.Ask) (tools.Action, error) { return tools.Accept, nil }
	case isTerminal(h.stdin) && isTerminal(h.stderr):
		return h.confirm
	}
	return nil
}

// confirm puts ask to the person at the terminal. Only a clear yes accepts.
func (h *host) confirm(ctx context.Context, ask tools.Ask) (tools.Action, error) {
	fmt.Fprintf(h.stderr, "%s\n%s ", ask.Message, paint{h.coloured(h.stderr)}.bold("Apply this change? [y/N]"))
	line := make(chan string, 1)
	// A terminal cannot be read with a context. When ctx ends first, the
	// reader is left to end with the process, which ends now.
	go func() {
		text, _ := bufio.NewReader(h.stdin).ReadString('\n')
		line <- text
	}()
	select {
	case <-ctx.Done():
		return tools.Cancel, nil
	case text := <-line:
		switch strings.ToLower(strings.TrimSpace(text)) {
		case "y", "yes":
			return tools.Accept, nil
		case "":
			if text == "" { // the terminal is gone, so nobody has answered
				return tools.Cancel, nil
			}
		}
		return tools.Decline, nil
	}
}

// show prints the result of a call.
func (h *host) show(result tools.Result) error {
	if result.Err != nil {
		p := paint{h.coloured(h.stderr)}
		fmt.Fprintf(h.stderr, "%s %s\n", p.red(string(result.Err.Code)+":"), result.Err.Error())
		return errFailed
	}
	text := []byte(result.JSON)
	if isTerminal(h.stdout) {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, text, "", "  "); err != nil {
			return fmt.Errorf("indenting the answer: %w", err)
		}
		text = pretty.Bytes()
	}
	if _, err := fmt.Fprintf(h.stdout, "%s\n", text); err != nil {
		return err
	}
	return h.judge(result.JSON)
}

// judge decides whether the answer of a write is a success for a shell: the
// change, if it is one, must have come to pass as a whole.
func (h *host) judge(answer json.RawMessage) error {
	var change struct {
		Change string `json:"change"`
		Status string `json:"status"`
		Tool   string `json:"tool"` // of a change that was only looked at
	}
	if err := json.Unmarshal(answer, &change); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if change.Change == "" || change.Tool != "" {
		return nil
	}
	switch change.Status {
	case "awaiting":
		fmt.Fprintln(h.stderr, "intercom-mcp: nothing was written. The change waits for a confirmation: repeat the call at a terminal or with --yes, or, where changes are kept (--state), call confirm_change.")
		return errFailed
	case "applied", "applying", "cancelled":
		return nil
	}
	fmt.Fprintf(h.stderr, "intercom-mcp: the change is %s\n", change.Status)
	return errFailed
}
