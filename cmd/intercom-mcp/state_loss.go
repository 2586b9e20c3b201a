package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
)

// stateAcceptLossCmd accepts that a database lacks events that it had confirmed.
type stateAcceptLossCmd struct {
	actorFlags
	recordFlags
}

// Run implements the command.
func (c *stateAcceptLossCmd) Run(ctx context.Context, h *host) (err error) {
	if !postgres.IsURL(c.State) {
		return &usageError{problem: "nothing is lost in a file: this is for a database that failed over, or was restored",
			try: "intercom-mcp state accept-loss --state postgres://…"}
	}
	opened, err := toWrite.open(c.State)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	changes, losses, err := opened.(*postgres.Store).AcceptLoss(ctx, c.actor())
	switch {
	case errors.Is(err, change.ErrUnavailable):
		return err
	case err != nil:
		return fmt.Errorf("accepting the loss: %w", err)
	case losses == 0:
		_, err = fmt.Fprintln(h.stdout, "no server has noticed that anything is lost")
		return err
	}
	concerned := "no change is known to be concerned"
	if len(changes) > 0 {
		concerned = "concerned are " + strings.Join(changes, ", ") + ": look in Intercom what they wrote"
	}
	_, err = fmt.Fprintf(h.stdout, "accepted; servers write again; %s\n", concerned)
	return err
}
