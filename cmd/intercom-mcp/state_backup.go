package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"intercom-mcp/policy/change/sqlite"
)

// stateBackupCmd copies the state file.
type stateBackupCmd struct {
	File string `arg:"" type:"path" help:"The copy, which must not be there yet."`
	recordFlags
}

// Run implements the command.
func (c *stateBackupCmd) Run(ctx context.Context, h *host) (err error) {
	store, err := c.openTrail(h, "state backup COPY")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	file, ok := store.(*sqlite.Store)
	if !ok {
		return &usageError{problem: "a database is copied by its own tools", try: "pg_dump --schema=SCHEMA"}
	}
	switch err := sqlite.Backup(ctx, file, c.File); {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s is there already, and no copy is written over anything; name another file", c.File)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(h.stdout, "copied %s to %s; intercom-mcp audit verify --state %s checks the copy\n", file.Path(),
		c.File, c.File)
	return err
}
