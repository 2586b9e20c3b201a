package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"iter"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Append implements [change.Store].
func (s *Store) Append(ctx context.Context, events ...change.Event) error {
	return s.database.update(ctx, "recording events", func(tx *transaction) error {
		tx.append(events...)
		return nil
	})
}

// AppendSoon implements [change.Store].
func (s *Store) AppendSoon(events ...change.Event) error { return s.database.trail.soon.Add(events) }

// Events implements [change.Durable].
func (s *Store) Events(ctx context.Context, query change.EventQuery) iter.Seq2[change.Event, error] {
	return func(yield func(change.Event, error) bool) {
		err := s.database.view(ctx, "reading the audit trail", func(tx stored.Querier) error {
			where := eventCondition(query)
			order := ` ORDER BY seq`
			if query.Newest > 0 {
				order = fmt.Sprintf(` ORDER BY seq DESC LIMIT %d`, query.Newest)
			}
			rows, err := tx.QueryContext(ctx, `SELECT body, hash FROM events `+where.text()+order, where.args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			return stored.YieldEvents(rows, yield)
		})
		if err != nil {
			yield(change.Event{}, err)
		}
	}
}

// eventCondition selects the events that a query may select. What is asked of an event's change is asked of the
// changes, since an event tells its own facts alone.
func eventCondition(query change.EventQuery) (where condition) {
	if !query.Since.IsZero() {
		where.add(`at >= $%d`, query.Since.UnixNano())
	}
	if !query.Until.IsZero() {
		where.add(`at < $%d`, query.Until.UnixNano())
	}
	if query.Before > 0 {
		where.add(`seq < $%d`, query.Before)
	}
	switch query.Kind {
	case "":
	case change.KindCut:
		where.add(`kind = 'cut'`) // of which there is an index
	default:
		where.add(`kind = $%d`, string(query.Kind))
	}
	if query.Change != "" {
		where.add(`change = $%d`, query.Change)
	}
	if query.Gone {
		where.add(`change <> '' AND NOT EXISTS (SELECT FROM changes WHERE changes.id = events.change)`)
	}
	if query.Principal != "" {
		where.add(`(principal = $%d OR change IN (SELECT id FROM changes WHERE principal = $%d OR email = $%d))`,
			query.Principal, query.Principal, lower(query.Principal))
	}
	if query.Tool != "" {
		where.add(`(tool = $%d OR change IN (SELECT id FROM changes WHERE tool = $%d))`, query.Tool, query.Tool)
	}
	if query.Target != "" {
		where.add(`change IN (SELECT id FROM changes WHERE seq IN (SELECT change FROM items
			WHERE target = $%d OR $%d = ANY (names)))`, query.Target, lower(query.Target))
	}
	return where
}

// eachEvent calls do for each event with its columns, in order.
func eachEvent(ctx context.Context, tx stored.Querier, do func(found eventRow) error) error {
	const query = `SELECT seq, at, kind, change, principal, tool, body, hash FROM events ORDER BY seq`
	return stored.EachRow(ctx, tx, query, func(rows *sql.Rows) error {
		var e eventRow
		err := rows.Scan(&e.Seq, &e.At, &e.Kind, &e.Change, &e.Principal, &e.Tool, &e.Body, &e.Hash)
		if err != nil {
			return err
		}
		return do(e)
	})
}
