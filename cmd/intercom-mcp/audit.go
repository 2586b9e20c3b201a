package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// auditCmd reads the trail of what was planned, decided, sent and recorded.
type auditCmd struct {
	List   auditListCmd   `cmd:"" default:"withargs" help:"Print the audit trail, oldest first."`
	Verify auditVerifyCmd `cmd:"" help:"Check that the audit trail is as it was written, and print its head."`
}

// recordFlags say with whose changes and trail a command works, which asks Intercom nothing.
type recordFlags struct {
	Token     string `variable:"INTERCOM_ACCESS_TOKEN" placeholder:"TOKEN" help:"Access token whose changes are meant."`
	TokenFile string `variable:"INTERCOM_TOKEN_FILE" type:"path" placeholder:"FILE" help:"File that holds it."`
	endpointFlags
	stateFlags
}

// open opens, by open, the store, which must exist.
func (f recordFlags) open(h *host, command, missing string, open func(path string) (*sqlite.Store, error)) (*sqlite.Store,
	error) {
	workspace := workspaceFlags{Token: f.Token, TokenFile: f.TokenFile, endpointFlags: f.endpointFlags}
	return f.stateFlags.openExisting(h, workspace, command, missing, open)
}

// openTrail opens the store of a trail to read it.
func (f recordFlags) openTrail(h *host) (*sqlite.Store, error) {
	return f.open(h, "audit", "there is no audit trail yet", sqlite.Look)
}

// auditListCmd prints the trail.
type auditListCmd struct {
	Since string `placeholder:"WHEN" help:"Only events since then: 24h, 2026-11-01 or 2026-11-01T09:00:00Z."`
	JSON  bool   `help:"Print one JSON object per line: the event, and the SHA-256 of the event's JSON."`
	recordFlags
}

// Run implements the command.
func (c *auditListCmd) Run(ctx context.Context, h *host) (err error) {
	since, err := parseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	store, err := c.openTrail(h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	show := showEvent
	if c.JSON {
		show = showEventJSON
	}
	for event, err := range store.Events(ctx, since) {
		if err != nil {
			return err
		}
		if err := show(h.stdout, event); err != nil {
			return err
		}
	}
	return nil
}

// parseSince reads a time span before now, a date or a time. Empty is ever.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if span, err := time.ParseDuration(text); err == nil && span >= 0 {
		return now.Add(-span), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &usageError{
		problem: fmt.Sprintf("--since %q is neither a time span nor a time", text),
		try:     "--since 24h, --since 2026-11-01 or --since 2026-11-01T09:00:00Z",
	}
}

// showEvent prints an event for a person, on one line.
func showEvent(w io.Writer, e change.Event) error {
	facts := make([]string, 0, len(e.Facts))
	for _, name := range slices.Sorted(maps.Keys(e.Facts)) {
		facts = append(facts, fmt.Sprintf("%s=%q", name, e.Facts[name]))
	}
	_, err := fmt.Fprintf(w, "%6d  %s  %-9s  %-30s  %s  %s\n",
		e.Seq, e.Time.Local().Format(time.DateTime), e.Kind, e.Change, e.Principal, strings.Join(facts, " "))
	return err
}

// showEventJSON prints an event and its hash for a program, on one line.
func showEventJSON(w io.Writer, e change.Event) error {
	body, err := e.Body()
	if err != nil {
		return err
	}
	line, err := json.Marshal(struct {
		Hash  string          `json:"hash"`
		Event json.RawMessage `json:"event"`
	}{e.Hash, body})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", line)
	return err
}

// auditVerifyCmd checks the trail.
type auditVerifyCmd struct {
	Head []string `placeholder:"SEQ:SHA256" help:"Head that an earlier check printed; the trail must still hold it."`
	recordFlags
}

// Run implements the command.
func (c *auditVerifyCmd) Run(ctx context.Context, h *host) (err error) {
	noted := make([]change.Head, len(c.Head))
	for i, text := range c.Head {
		if noted[i], err = change.ParseHead(text); err != nil {
			return &usageError{problem: err.Error()}
		}
	}
	store, err := c.openTrail(h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	head, err := store.VerifyAudit(ctx, noted...)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(h.stdout, "intact: %d events\nhead: %s\n", head.Seq, head)
	return err
}
