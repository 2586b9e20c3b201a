package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/user"
	"strings"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// freezeCmd keeps every server on a state file from writing.
type freezeCmd struct {
	Reason string `arg:"" help:"Why: it is told to all whose writes are refused."`
	actorFlags
	recordFlags
}

// Run implements the command.
func (c *freezeCmd) Run(ctx context.Context, h *host) (err error) {
	reason := strings.Join(strings.Fields(c.Reason), " ")
	if reason == "" {
		return &usageError{problem: "the reason is empty", try: "intercom-mcp freeze 'wrong tags are being written'"}
	}
	store, err := c.open(h, "freeze REASON", "there is no server that has written anything yet", toWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	actor := c.actor()
	if err := store.Shared().Stops.Freeze(ctx, actor, reason); err != nil {
		var frozen *change.FrozenError
		if errors.As(err, &frozen) {
			return fmt.Errorf("%w (since %s)", err, frozen.Freeze.At.Local().Format(time.DateTime))
		}
		return err
	}
	_, err = fmt.Fprintf(h.stdout,
		"writes are frozen by %s: %s\nwhat runs stops within a second or two; reading goes on\n",
		actor.By, reason)
	return err
}

// unfreezeCmd lifts a freeze.
type unfreezeCmd struct {
	actorFlags
	recordFlags
}

// Run implements the command.
func (c *unfreezeCmd) Run(ctx context.Context, h *host) (err error) {
	store, err := c.open(h, "unfreeze", "there is nothing to unfreeze", toWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	lifted, err := store.Shared().Stops.Unfreeze(ctx, c.actor())
	if err != nil {
		return err
	}
	told := "writes were not frozen"
	if lifted {
		told = "writes are allowed again; what was stopped stays stopped"
	}
	_, err = fmt.Fprintln(h.stdout, told)
	return err
}

// actorFlags say who gives an order by hand.
type actorFlags struct {
	By string `placeholder:"NAME" help:"Who gives the order, for the record; your user name when absent."`
}

// actor is that person, at a command line.
func (f actorFlags) actor() change.Actor {
	by := strings.TrimSpace(f.By)
	if by == "" {
		if known, err := user.Current(); err == nil {
			by = known.Username
		}
	}
	return change.Actor{By: cmp.Or(by, "an operator"), Level: policy.LevelUser, Method: "command"}
}
