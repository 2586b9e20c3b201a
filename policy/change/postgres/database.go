package postgres

import (
	"context"
	"errors"

	"intercom-mcp/policy/change/internal/stored"
)

// database runs the transactions of a store, which keep to the workspace that it is for, and put what they did at the
// end of the trail. It is safe for concurrent use.
type database struct {
	connections *connections
	lookup      *stored.WorkspaceLookup
	trail       *trail
	owner       *owner // of what is applied by its transactions
}

// newDatabase returns one by connections, for the workspace that is asked for.
func newDatabase(connected *connections, o *owner, ask func() stored.AskWorkspace) *database {
	d := &database{
		connections: connected, lookup: stored.NewWorkspaceLookup(ask), owner: o,
		trail: &trail{connections: connected, watch: &watch{connections: connected, store: o.name}},
	}
	d.trail.soon = stored.NewBacklog(func(ctx context.Context) error {
		return d.update(ctx, "recording events", func(*transaction) error { return nil }) // which takes along what waits
	})
	return d
}

// close records the events that wait for a write, and closes the connections.
func (d *database) close() error { return errors.Join(d.trail.soon.Close(), d.connections.close()) }

// view runs do in a transaction that reads one state of the schema.
func (d *database) view(ctx context.Context, doing string, do func(stored.Querier) error) error {
	c := d.connections
	return c.schema.failed(doing, func() error {
		if err := c.makeReady(ctx); err != nil {
			return err
		}
		conn, g, err := c.begin(ctx, c.pool, beginRead)
		if err != nil {
			return err
		}
		defer c.end(conn)
		if err := c.schema.checkVersion(g.version); err != nil {
			return err
		}
		if err := d.lookup.CheckRead(ctx, c.schema.place, g.workspace); err != nil {
			return err
		}
		return do(conn)
	}())
}

// update runs do in a transaction, which is in force when the error is nil. do must not use the store.
func (d *database) update(ctx context.Context, doing string, do func(*transaction) error) error {
	return d.connections.schema.failed(doing, d.write(ctx, false, do))
}

// urgent is update of what has to be recorded while other writes are refused, too: a freeze, a request to stop.
func (d *database) urgent(ctx context.Context, doing string, do func(*transaction) error) error {
	return d.connections.schema.failed(doing, d.write(ctx, true, do))
}

// write is what update and urgent have in common.
func (d *database) write(ctx context.Context, urgent bool, do func(*transaction) error) error {
	c := d.connections
	if c.schema.looking {
		return errLooking
	}
	if err := c.makeReady(ctx); err != nil {
		return err
	}
	workspace, err := d.lookup.ForWrite(ctx)
	if err != nil {
		return err
	}
	conn, g, err := c.begin(ctx, c.pool, beginWrite)
	if err != nil {
		return err
	}
	defer c.end(conn)
	if err := c.schema.checkWritable(g, urgent); err != nil {
		return err
	}
	tx := &transaction{place: c.schema.place, owner: d.owner, conn: conn}
	if workspace != "" {
		if err := tx.claim(ctx, g.workspace, workspace); err != nil {
			return err
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	return d.trail.commit(ctx, tx, urgent)
}
