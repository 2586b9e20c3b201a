package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolerr"
)

// changesCmd is what an operator does with the changes of anyone. All but undo works by the state file alone: without
// an access token, and with Intercom out of reach.
type changesCmd struct {
	List changesListCmd `cmd:"" default:"withargs" help:"List changes, newest first."`
	Show changesShowCmd `cmd:"" help:"Show a change, and what became of each item."`
	Stop changesStopCmd `cmd:"" help:"Stop changes that run, and take back those that wait."`
	Undo changesUndoCmd `cmd:"" help:"Put back what changes wrote, where it is still so."`
}

// whoseFlags say whose changes are meant.
type whoseFlags struct {
	Principal string `placeholder:"NAME" help:"Whose: a principal, or a person's e-mail."`
}

// changesListCmd lists changes.
type changesListCmd struct {
	whoseFlags
	Status string `placeholder:"STATUS" help:"Only these, such as awaiting, applying or applied."`
	Limit  int    `default:"50" help:"At most so many."`
	JSON   bool   `help:"Print the rows as JSON."`
	serviceFlags
}

// Run implements the command.
func (c *changesListCmd) Run(ctx context.Context, h *host) (err error) {
	if c.Limit < 1 {
		return &usageError{problem: "--limit is at least 1"}
	}
	o, err := c.serviceFlags.operate(h, "changes list")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.service.close(ctx)) }()
	list, err := o.list(ctx, c.Principal, change.Status(c.Status), c.Limit)
	if err != nil {
		return h.refuse(err)
	}
	if c.JSON {
		return json.NewEncoder(h.stdout).Encode(list)
	}
	return h.tabulate(list, "There are no such changes.")
}

// tabulate prints rows under their columns; where there are none, it says so to the person alone.
func (h *host) tabulate(list changeRows, none string) error {
	if len(list.Rows) == 0 {
		fmt.Fprintln(h.stderr, none)
		return nil
	}
	table := tabwriter.NewWriter(h.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.ToUpper(strings.Join(list.Columns, "\t")))
	for _, row := range list.Rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// changesShowCmd shows one change.
type changesShowCmd struct {
	ID string `arg:"" name:"change" help:"Handle, chg_…"`
	serviceFlags
}

// Run implements the command.
func (c *changesShowCmd) Run(ctx context.Context, h *host) (err error) {
	o, err := c.operate(h, "changes show CHANGE")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.service.close(ctx)) }()
	result, err := o.call(ctx, "get_change", map[string]any{"change": c.ID, "limit": listPage}, false)
	if err != nil {
		return h.refuse(err)
	}
	return h.show(result)
}

// changesStopCmd stops changes.
type changesStopCmd struct {
	IDs []string `arg:"" optional:"" name:"change" help:"Handles, chg_…"`
	whoseFlags
	actorFlags
	serviceFlags
}

// Run implements the command.
func (c *changesStopCmd) Run(ctx context.Context, h *host) (err error) {
	if err := checkNamed(c.IDs, c.Principal, "stop"); err != nil {
		return err
	}
	o, err := c.operate(h, "changes stop")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.service.close(ctx)) }()
	o.by = c.actor().By
	ids, err := o.named(ctx, c.IDs, c.Principal, time.Time{}, change.StatusAwaiting, change.StatusApproved,
		change.StatusApplying)
	if err != nil {
		return h.refuse(err)
	}
	return o.each(ctx, ids, cancelChange, false)
}

// changesUndoCmd undoes changes.
type changesUndoCmd struct {
	IDs []string `arg:"" optional:"" name:"change" help:"Handles, chg_…"`
	whoseFlags
	Since string `placeholder:"WHEN" help:"With --principal: only changes since then, such as 24h or 2026-11-01."`
	Yes   bool   `help:"Say yes to each undo; the record names this flag."`
	actorFlags
	serviceFlags
}

// Run implements the command.
func (c *changesUndoCmd) Run(ctx context.Context, h *host) (err error) {
	if err := checkNamed(c.IDs, c.Principal, "undo"); err != nil {
		return err
	}
	since, err := parseTime("--since", c.Since, time.Now())
	if err != nil {
		return err
	}
	log := c.logger(h, logDefaults{level: slog.LevelWarn, format: "text"})
	service, err := c.open(h, "changes undo", log, nil)
	if err != nil {
		return err
	}
	o := &operation{h, service, c.actor().By}
	defer func() { err = errors.Join(err, service.close(ctx)) }()
	ids, err := o.named(ctx, c.IDs, c.Principal, since, change.StatusApplied, change.StatusPartial, change.StatusUnknown,
		change.StatusStopped)
	if err != nil {
		return h.refuse(err)
	}
	return o.each(ctx, ids, "undo_change", c.Yes)
}

// checkNamed refuses a command that names no changes, or names them in two ways.
func checkNamed(ids []string, whose, verb string) error {
	if (len(ids) == 0) != (whose == "") {
		return nil
	}
	return &usageError{problem: "name the changes, or whose they are",
		try: "intercom-mcp changes " + verb + " chg_…, or --principal NAME"}
}

// operation is the work of an operator with one service.
type operation struct {
	host    *host
	service *service
	by      string // who gives the order, for the record; empty for what only reads
}

// operate starts an operator's work by the state file alone.
func (f serviceFlags) operate(h *host, command string) (*operation, error) {
	service, err := f.openOffline(h, command, f.logger(h, logDefaults{level: slog.LevelWarn, format: "text"}))
	if err != nil {
		return nil, err
	}
	return &operation{host: h, service: service}, nil
}

// call makes a call as an operator. The error of a tool is returned as an error.
func (o *operation) call(ctx context.Context, tool string, args map[string]any, yes bool) (tools.Result, error) {
	encoded, err := json.Marshal(args)
	if err != nil {
		return tools.Result{}, err
	}
	call := o.host.callOf(tool, encoded, yes)
	call.Operator, call.Person.Name = true, o.by
	result, err := o.host.carryOut(ctx, o.service, call, yes)
	if err == nil && result.Err != nil {
		result.Err = mayBeCut(ctx, o.service.store, result.Err)
		err = result.Err
	}
	return result, err
}

// mayBeCut adds to an answer that there is no such change where those of its time went.
func mayBeCut(ctx context.Context, store change.Store, answer *toolerr.Error) *toolerr.Error {
	durable, ok := store.(change.Durable)
	if !ok || answer.Code != toolerr.NotFound {
		return answer
	}
	for e, err := range durable.Events(ctx, change.EventQuery{Kind: change.KindCut, Newest: 1}) {
		if cut, failed := e.Cut(); err == nil && failed == nil {
			return toolerr.New(answer.Code, answer.Message, fmt.Sprintf("Changes planned up to event %d were cut off on %s; "+
				"the files in %s hold them.", cut.To.Seq, cut.At.Format(time.DateOnly), cut.Exported.Folder))
		}
	}
	return answer
}

// listPage is how many rows one answer brings.
const listPage = 50

// changeRows are rows of list_changes.
type changeRows struct {
	Columns    []string   `json:"columns"`
	Rows       [][]string `json:"rows"`
	NextCursor string     `json:"next_cursor,omitempty"`
}

// list reads changes, newest first, up to so many.
func (o *operation) list(ctx context.Context, whose string, status change.Status, most int) (changeRows, error) {
	all := changeRows{Rows: [][]string{}}
	args := map[string]any{"of": "everyone"}
	if whose != "" {
		args["of"] = whose
	}
	if status != "" {
		args["status"] = string(status)
	}
	for {
		args["limit"] = min(most-len(all.Rows), listPage)
		result, err := o.call(ctx, "list_changes", args, false)
		if err != nil {
			return all, err
		}
		var page changeRows
		if err := json.Unmarshal(result.JSON, &page); err != nil {
			return all, fmt.Errorf("reading the list of changes: %w", err)
		}
		all.Columns, all.Rows = page.Columns, append(all.Rows, page.Rows...)
		if page.NextCursor == "" || len(all.Rows) >= most || len(page.Rows) == 0 {
			return all, nil
		}
		args["cursor"] = page.NextCursor
	}
}

// mostOperated is how many changes one command stops or undoes.
const mostOperated = 500

// named are the handles that were given, or those of a principal's changes of some statuses since a time, newest first.
func (o *operation) named(ctx context.Context, ids []string, whose string, since time.Time,
	statuses ...change.Status) ([]string, error) {
	if whose == "" {
		return ids, nil
	}
	list, err := o.list(ctx, whose, "", mostOperated+1)
	if err != nil {
		return nil, err
	}
	for _, row := range list.Rows {
		id, status, created := row[0], change.Status(row[3]), row[4]
		at, err := time.Parse(time.RFC3339, created)
		if err != nil {
			return nil, fmt.Errorf("reading when %s was made: %w", id, err)
		}
		for _, wanted := range statuses {
			if status == wanted && !at.Before(since) {
				ids = append(ids, id)
			}
		}
	}
	if len(list.Rows) > mostOperated {
		return nil, toolerr.New(toolerr.LimitReached, fmt.Sprintf("These are more than %d changes.", mostOperated),
			"Nothing was done: name them, or write to whoever asked for them.")
	}
	return ids, nil
}

// each calls a tool on each change, prints what became of it, and goes on where one fails.
func (o *operation) each(ctx context.Context, ids []string, tool string, yes bool) error {
	if len(ids) == 0 {
		_, err := fmt.Fprintln(o.host.stdout, "there is nothing to do")
		return err
	}
	failed := false
	for _, id := range ids {
		result, err := o.call(ctx, tool, map[string]any{"change": id}, yes)
		var known *toolerr.Error
		switch {
		case err != nil && (!errors.As(err, &known) || ctx.Err() != nil):
			return err
		case err != nil:
			fmt.Fprintf(o.host.stderr, "%s: ", id)
			failed = o.host.refuse(err) != nil || failed
			continue
		}
		if _, err := fmt.Fprintf(o.host.stdout, "%s\n", result.JSON); err != nil {
			return err
		}
		failed = o.host.judge(tool, result.JSON, "", true) != nil || failed
	}
	if failed {
		return errFailed
	}
	return nil
}
