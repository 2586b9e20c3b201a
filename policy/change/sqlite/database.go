package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"intercom-mcp/policy/change/internal/stored"
)

// database runs the transactions of a store, which keep to the workspace that it is for. It is safe for concurrent use.
type database struct {
	file   *file
	writer *writer
	lookup *stored.WorkspaceLookup
}

// newDatabase returns the one in the file at a path, for the workspace that is asked for.
func newDatabase(path string, ask func() stored.AskWorkspace) *database {
	file := newFile(path)
	d := &database{file: file, writer: &writer{file: file}, lookup: stored.NewWorkspaceLookup(ask)}
	d.writer.soon = stored.NewBacklog(func(ctx context.Context) error {
		return d.update(ctx, "recording events", func(*connection) error { return nil }) // which takes along what waits
	})
	return d
}

// close records the events that wait for a write, and closes the file.
func (d *database) close() error {
	failed := d.writer.soon.Close()
	d.writer.stop()
	return errors.Join(failed, d.file.close())
}

// view runs do in a transaction that reads one state of the file.
func (d *database) view(ctx context.Context, doing string, do func(*sql.Tx) error) error {
	db, err := d.file.reader(ctx)
	if err != nil {
		return d.file.failed(doing, err)
	}
	if err := d.checkWorkspace(ctx, db); err != nil {
		return d.file.failed(doing, err)
	}
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return d.file.failed(doing, err)
	}
	defer tx.Rollback() // nothing to lose: it only read
	return d.file.failed(doing, do(tx))
}

// update runs do in a transaction that holds the file's only write lock from its start, after those that came before.
// It is on the disk when the error is nil. The goroutine of the writer runs do, which must not use the store.
func (d *database) update(ctx context.Context, doing string, do func(*connection) error) error {
	err := d.file.ready(ctx)
	var workspace string
	if err == nil {
		workspace, err = d.lookup.ForWrite(ctx)
	}
	if err == nil {
		err = d.writer.carryOut(ctx, workspace, do)
	}
	return d.file.failed(doing, err)
}
