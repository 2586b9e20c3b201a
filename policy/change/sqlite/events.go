package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"strings"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Events implements [change.Durable].
func (s *Store) Events(ctx context.Context, query change.EventQuery) iter.Seq2[change.Event, error] {
	return func(yield func(change.Event, error) bool) {
		err := s.database.view(ctx, "reading the audit trail", func(tx *sql.Tx) error {
			condition, args := eventCondition(query)
			order := ` ORDER BY seq`
			if query.Newest > 0 {
				order, args = ` ORDER BY seq DESC LIMIT ?`, append(args, query.Newest)
			}
			rows, err := tx.QueryContext(ctx, `SELECT body, hash FROM events `+condition+order, args...)
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

// ofChange selects the events of a change, by their index.
const ofChange = `json_valid(body) AND body ->> 'change' = ?`

// eventCondition selects the events that a query may select. What is asked of an event's change is asked of the
// changes, since an event tells its own facts alone.
func eventCondition(query change.EventQuery) (condition string, args []any) {
	var all []string
	add := func(text string, values ...any) { all, args = append(all, text), append(args, values...) }
	if !query.Since.IsZero() || !query.Until.IsZero() {
		until := "~" // after all times
		if !query.Until.IsZero() {
			until = query.Until.UTC().Format(change.EventTime)
		}
		add(`json_valid(body) AND body ->> 'time' >= ? AND body ->> 'time' < ?`,
			query.Since.UTC().Format(change.EventTime), until)
	}
	if query.Before > 0 {
		add(`seq < ?`, query.Before)
	}
	if query.Kind != "" {
		add(`json_valid(body) AND body ->> 'kind' = ?`, string(query.Kind))
	}
	if query.Change != "" {
		add(ofChange, query.Change)
	}
	if query.Gone {
		add(`json_valid(body) AND body ->> 'change' NOT IN (SELECT id FROM changes)`)
	}
	if query.Principal != "" {
		add(`(body ->> 'principal' = ? OR body ->> 'change' IN (SELECT id FROM changes WHERE principal = ?
			OR `+ofEmail+`))`, query.Principal, query.Principal, strings.ToLower(query.Principal))
	}
	if query.Tool != "" {
		add(`(body ->> '$.facts.tool' = ? OR body ->> 'change' IN (SELECT id FROM changes WHERE body ->> '$.Tool' = ?))`,
			query.Tool, query.Tool)
	}
	if query.Target != "" {
		add(`body ->> 'change' IN (SELECT id FROM changes WHERE seq IN (SELECT change FROM items
			WHERE target = ? OR fold(body ->> '$.Label') = fold(?)))`, query.Target, query.Target)
	}
	if len(all) == 0 {
		return "", nil
	}
	return `WHERE ` + strings.Join(all, ` AND `), args
}
