package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

const (
	// mostToCatchUp is how many events the sums are behind at most, before they are made anew.
	mostToCatchUp = 2_000
	// mostSummed bounds of how many principals there are sums; beyond, those of all are made anew when they ask.
	mostSummed = 1_000
)

// sums are those of the principals that have asked, as of an event of the trail: whatever changes them is told there,
// by whichever process. They are nil where they may hold what was not committed.
type sums struct {
	at      int64               // number of the event
	touched map[string]struct{} // ids of changes of which the events up to there tell, and which are to be counted anew
	of      map[summed]*change.Sums
}

// follow notes that this connection has appended events after one.
func (s *sums) follow(after int64, events []change.Event) {
	if s == nil || s.at != after {
		return // events of others come first
	}
	s.at += int64(len(events))
	for i := range events {
		if id := events[i].Change; id != "" {
			s.touched[id] = struct{}{}
		}
	}
}

// summed is what is counted.
type summed struct {
	principal string
	items     string // a condition on items
}

// The items that count: any, or those that add notes.
const (
	whatever = `TRUE`
	notes    = `items.body ->> '$.Patch.Note' IS NOT NULL`
)

// written counts what [change.Recent] tells of the targets in a window. The sums have caught up.
func (c *connection) written(
	ctx context.Context, about *change.Change, since time.Time, items string,
) (unconfirmed, all int, err error) {
	counted := summed{about.Principal, items}
	if of := c.sums.of[counted]; of != nil {
		if unconfirmed, all, known := of.Count(about, since); known {
			return unconfirmed, all, nil
		}
	}
	of := change.NewSums(since)
	err = c.eachShare(ctx, items, `principal = ? AND started_at >= ?`, func(id, _ string, s share) {
		of.Set(id, s.at, s.level, s.targets)
	}, about.Principal, since.UnixNano())
	if err != nil {
		return 0, 0, err
	}
	if len(c.sums.of) >= mostSummed {
		clear(c.sums.of)
	}
	c.sums.of[counted] = of
	unconfirmed, all, _ = of.Count(about, since)
	return unconfirmed, all, nil
}

// catchUp brings the sums up to the end of the trail.
func (c *connection) catchUp(ctx context.Context) error {
	head := c.head
	if c.sums == nil || head.Seq-c.sums.at > mostToCatchUp {
		c.sums = &sums{at: head.Seq, touched: make(map[string]struct{}), of: make(map[summed]*change.Sums)}
	}
	if head.Seq > c.sums.at {
		const query = `SELECT DISTINCT body ->> '$.change' FROM events NOT INDEXED WHERE seq > ? AND body ->> '$.change' <> ''`
		err := stored.EachRow(ctx, c, query, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			c.sums.touched[id] = struct{}{}
			return err
		}, c.sums.at)
		if err != nil {
			return err
		}
		c.sums.at = head.Seq
	}
	for id := range c.sums.touched {
		if err := c.resum(ctx, id); err != nil {
			return err
		}
	}
	clear(c.sums.touched)
	return nil
}

// resum tells the sums what a change writes as of now.
func (c *connection) resum(ctx context.Context, id string) error {
	for _, items := range []string{whatever, notes} {
		err := c.eachShare(ctx, items, `id = ?`, func(id, principal string, s share) {
			if of := c.sums.of[summed{principal, items}]; of != nil {
				of.Set(id, s.at, s.level, s.targets)
			}
		}, id)
		if err != nil {
			return err
		}
		if !c.sums.counts(notes) {
			return nil
		}
	}
	return nil
}

// counts reports whether there are sums of certain items.
func (s *sums) counts(items string) bool {
	for counted := range s.of {
		if counted.items == items {
			return true
		}
	}
	return false
}

// share is what a change that is stored adds to the sums.
type share struct {
	at      time.Time // when it started; zero where it has not
	level   policy.Level
	targets []string
}

// eachShare calls do for each change that a condition selects.
func (c *connection) eachShare(
	ctx context.Context, items, where string, do func(id, principal string, s share), args ...any,
) error {
	query := `SELECT id, principal, started_at, approval, (SELECT json_group_array(target) FROM items
		WHERE change = changes.seq AND outcome NOT IN ('unchanged', 'failed', 'not_sent') AND ` + items + `)
		FROM changes WHERE ` + where
	return stored.EachRow(ctx, c, query, func(rows *sql.Rows) error {
		var id, principal string
		var s share
		var started sql.NullInt64
		var level, targets []byte
		if err := rows.Scan(&id, &principal, &started, &level, &targets); err != nil {
			return err
		}
		if started.Valid {
			s.at = time.Unix(0, started.Int64)
		}
		if err := s.level.UnmarshalText(level); err != nil {
			return err
		}
		if err := json.Unmarshal(targets, &s.targets); err != nil {
			return err
		}
		do(id, principal, s)
		return nil
	}, args...)
}
