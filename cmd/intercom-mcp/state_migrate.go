package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres"
	"intercom-mcp/policy/change/sqlite"
)

// stateMigrateCmd moves what a file keeps into a database.
type stateMigrateCmd struct {
	To string `required:"" type:"state" placeholder:"URL" help:"@state_migrate_to"`
	actorFlags
	recordFlags
}

// endWithin is how long running changes get to stop.
const endWithin = 30 * time.Second

// Run implements the command. The file stays, and takes no writes any more, so that nothing runs twice.
func (c *stateMigrateCmd) Run(ctx context.Context, h *host) (err error) {
	if err := c.needFile("state migrate"); err != nil {
		return err
	}
	if !postgres.IsURL(c.To) {
		return &usageError{problem: "--to names no database", try: "--to 'postgres://user@host/database?search_path=schema'"}
	}
	opened, err := c.open(h, "state migrate --to URL", "there are no changes yet", toWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	target, err := postgres.Open(c.To)
	if err != nil {
		return &usageError{problem: err.Error()}
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if _, err := opened.VerifyAudit(ctx); err != nil {
		return fmt.Errorf("the file is not moved as it is: %w", err)
	}
	if err := target.Receive(ctx, func(change.Receiver) error { return errTry }); !errors.Is(err, errTry) {
		return err
	}
	moved, err := c.move(ctx, opened.(*sqlite.Store), target)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(h.stdout, "moved %d events with all changes to %s, intact at both ends\nhead: %s\n"+
		"the file takes no writes any more: start the servers with the database as their --state\n",
		moved.Seq, target.Place(), moved)
	return err
}

// errTry ends a transfer that is only tried.
var errTry = errors.New("only tried")

// move freezes the file, lets what runs stop, and moves all of it; it returns the head of the trail. Where it fails,
// the file takes writes again.
func (c *stateMigrateCmd) move(ctx context.Context, file *sqlite.Store, target *postgres.Store) (
	head change.Head, err error) {
	by, before := c.actor(), false
	var frozen *change.FrozenError
	switch err := file.Shared().Stops.Freeze(ctx, by, "the changes move to "+target.Place()); {
	case errors.As(err, &frozen):
		before = true // and stays so
	case err != nil:
		return head, err
	}
	defer func() {
		if err != nil && !before {
			_, lifted := file.Shared().Stops.Unfreeze(context.WithoutCancel(ctx), by)
			err = errors.Join(err, lifted)
		}
	}()
	if err := c.allStopped(ctx, file); err != nil {
		return head, err
	}
	var sent change.Head
	err = target.Receive(ctx, func(into change.Receiver) (err error) {
		sent, err = file.Transfer(ctx, into)
		return err
	})
	if err != nil {
		return head, err
	}
	found, err := target.VerifyAudit(ctx, sent)
	if err != nil || before {
		return found.Head, err
	}
	_, err = target.Shared().Stops.Unfreeze(ctx, by)
	return found.Head, err
}

// allStopped waits until no server applies a change of the file.
func (c *stateMigrateCmd) allStopped(ctx context.Context, file *sqlite.Store) error {
	for deadline := time.Now().Add(endWithin); ; {
		list, err := file.List(ctx, "", change.Query{Status: change.StatusApplying, Limit: 100})
		if err != nil {
			return err
		}
		running := ""
		for i := range list {
			_, owned, err := file.Status(ctx, list[i].Change.Principal, list[i].Change.ID)
			if err != nil {
				return err
			}
			if owned {
				running = list[i].Change.ID
			}
		}
		switch {
		case running == "":
			return nil
		case time.Now().After(deadline):
			return fmt.Errorf("%s does not come to its end: stop the servers on the file, and move it then", running)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}
