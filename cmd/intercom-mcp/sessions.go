package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"intercom-mcp/policy/change"
)

// sessionsCmd is what an operator does with the sign-ins of people to the console. It works by the state alone.
type sessionsCmd struct {
	List sessionsListCmd `cmd:"" default:"withargs" help:"List who is signed in, latest used first."`
	End  sessionsEndCmd  `cmd:"" help:"Sign a person out, on every server."`
}

// sessionsListCmd lists sessions.
type sessionsListCmd struct {
	JSON bool `help:"Print the rows as JSON."`
	recordFlags
}

// Run implements the command.
func (c *sessionsListCmd) Run(ctx context.Context, h *host) (err error) {
	store, err := c.open(h, "sessions list", "nobody has signed in yet", toRead)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	list, err := store.Shared().Sessions.List(ctx)
	if err != nil {
		return err
	}
	all := changeRows{Columns: []string{"principal", "name", "email", "roles", "method", "signed_in", "until"},
		Rows: make([][]string, len(list))}
	for i := range list {
		all.Rows[i] = sessionRow(&list[i])
	}
	if c.JSON {
		return json.NewEncoder(h.stdout).Encode(all)
	}
	return h.tabulate(all, "Nobody is signed in.")
}

// sessionRow is a session as the list has it. What an identity provider says is printed without control characters.
func sessionRow(k *change.KeptSession) []string {
	row := []string{k.Session.Principal, k.Session.Person.Name, k.Session.Person.ShownEmail(),
		strings.Join(k.Session.Roles, ","), k.Session.Method}
	for i := range row {
		row[i] = recordText(row[i])
	}
	return append(row, k.Session.StartedAt.UTC().Format(time.RFC3339), k.Until.UTC().Format(time.RFC3339))
}

// sessionsEndCmd ends the sessions of a person.
type sessionsEndCmd struct {
	Person string `required:"" placeholder:"EMAIL|ID" help:"Whose: a person's e-mail or id, or a principal as listed."`
	actorFlags
	recordFlags
}

// Run implements the command.
func (c *sessionsEndCmd) Run(ctx context.Context, h *host) (err error) {
	whose := strings.TrimSpace(c.Person)
	if whose == "" {
		return &usageError{problem: "--person is empty", try: "intercom-mcp sessions list"}
	}
	store, err := c.open(h, "sessions end --person EMAIL", "nobody has signed in yet", toWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	n, err := store.Shared().Sessions.End(ctx, whose, c.actor())
	if err != nil {
		return err
	}
	told := fmt.Sprintf("%q is not signed in, and has to begin a sign-in under way again; "+
		"intercom-mcp sessions list tells who is", whose)
	if n > 0 {
		told = fmt.Sprintf("sessions that were ended: %d; roles are read anew at the next sign-in", n)
	}
	_, err = fmt.Fprintln(h.stdout, told)
	return err
}
