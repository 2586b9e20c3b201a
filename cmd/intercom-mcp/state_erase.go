package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/exports"
	"intercom-mcp/policy/change/sqlite"
)

// stateEraseCmd erases one contact.
type stateEraseCmd struct {
	Contact string `arg:"" help:"The contact's id or e-mail, or what changes call it."`
	actorFlags
	recordFlags
}

// Run implements the command.
func (c *stateEraseCmd) Run(ctx context.Context, h *host) (err error) {
	store, err := c.open(h, "state erase CONTACT", "there are no changes yet", toWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	contact := strings.TrimSpace(c.Contact)
	done, err := store.Erase(ctx, contact, c.actor())
	switch {
	case errors.Is(err, change.ErrNotFound):
		return errors.Join(fmt.Errorf("nothing is kept of %q: name it by its id in Intercom, or by its e-mail", contact),
			warnExports(ctx, h, store, contact))
	case errors.Is(err, change.ErrInUse):
		return fmt.Errorf("%w; let it end, or stop it by intercom-mcp changes stop, and erase then", err)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(h.stdout, "erased %s from %d changes and %d events of the trail; ids and outcomes stay, and "+
		"audit verify tells it from tampering\n", strings.Join(done.IDs, ", "), done.Changes, done.Events)
	if len(done.Mentioned) > 0 {
		fmt.Fprintf(h.stderr, "intercom-mcp: these changes to others name the person in what they wrote, and keep it: %s\n",
			strings.Join(done.Mentioned, ", "))
	}
	if err == nil {
		err = warnExports(ctx, h, store, append(done.IDs, contact)...)
	}
	if file, ok := store.(*sqlite.Store); ok {
		if copies, _ := filepath.Glob(file.Path() + ".v*"); len(copies) > 0 {
			fmt.Fprintf(h.stderr, "intercom-mcp: copies from before an update still hold it, as backups do: %s\n",
				strings.Join(copies, ", "))
		}
	} else {
		fmt.Fprintln(h.stderr, "intercom-mcp: the database keeps it until VACUUM has passed, as its log and backups do")
	}
	return err
}

// warnExports names the files that hold what was cut off and names a contact, which no command erases from them.
func warnExports(ctx context.Context, h *host, store change.Durable, names ...string) error {
	files, err := exports.Naming(ctx, store, names...)
	if len(files) > 0 {
		fmt.Fprintf(h.stderr, "intercom-mcp: these exports of older changes name it, and are yours to erase: %s\n",
			strings.Join(files, ", "))
	}
	if err != nil {
		return fmt.Errorf("whether exports of older changes name it is not known: %w", err)
	}
	return nil
}
