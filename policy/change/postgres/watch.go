package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// mostRemembered bounds of how many events a store remembers that it has seen them.
const mostRemembered = 10_000

// remembered is an event that the database has confirmed.
type remembered struct {
	head   change.Head
	change string    // that it is about; "" for none, and for those of other stores
	at     time.Time // when it was confirmed, or seen
}

// watch looks whether the database loses what it had confirmed. It remembers what a store has seen of the trail: its
// own events, and the ends that it added to. It is safe for concurrent use.
type watch struct {
	connections *connections
	store       string // whose it is

	mu      sync.Mutex   // guards entries
	entries []remembered // by their places
}

// add remembers events.
func (w *watch) add(entries ...remembered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, entry := range entries {
		i, found := slices.BinarySearchFunc(w.entries, entry, byPlace)
		switch {
		case entry.head.Seq == 0:
		case !found:
			w.entries = slices.Insert(w.entries, i, entry)
		case w.entries[i].head == entry.head && entry.change == "":
		default:
			w.entries[i] = entry
		}
	}
	w.entries = w.entries[max(0, len(w.entries)-mostRemembered):]
}

func byPlace(a, b remembered) int { return cmp.Compare(a.head.Seq, b.head.Seq) }

// last is the end of the trail as far as the store has seen it; zero where it has seen nothing.
func (w *watch) last() change.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.entries) == 0 {
		return change.Head{}
	}
	return w.entries[len(w.entries)-1].head
}

// all lists what is remembered.
func (w *watch) all() []remembered {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.entries)
}

// forget drops some of what is remembered.
func (w *watch) forget(some []remembered) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entries = slices.DeleteFunc(w.entries, func(e remembered) bool { return slices.Contains(some, e) })
}

// loss is a row of losses: what a store had seen committed, and the database does not hold any more. It refuses writes
// until an operator accepts it.
type loss struct {
	After   int64  `json:"after"`
	Events  int64  `json:"events"`
	Changes string `json:"changes"` // ids, as JSON
}

// ids lists the changes that it is about.
func (l *loss) ids() (ids []string) {
	_ = json.Unmarshal([]byte(l.Changes), &ids) // which a store wrote
	return ids
}

// Error implements error.
func (l *loss) Error() string {
	about := "which is not known to be of any change"
	if ids := l.ids(); len(ids) > 0 {
		about = "of " + strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%v: the database does not hold %d events any more that it had confirmed, after event %d, %s: it "+
		"failed over to a standby that lacked them, or was restored. What they record may have been written to Intercom; "+
		"writes are refused until an operator has looked at these changes, and runs intercom-mcp state accept-loss",
		change.ErrUnavailable, l.Events, l.After, about)
}

// Unwrap lets errors.Is find [change.ErrUnavailable].
func (l *loss) Unwrap() error { return change.ErrUnavailable }

// check compares the trail with what the store remembers of it. It returns a loss that it notes for all stores; nil
// where an operator has accepted it since, or nothing is lost.
func (w *watch) check(ctx context.Context) error {
	c, known := w.connections, w.all()
	if len(known) == 0 {
		return nil // another call has forgotten what was lost
	}
	conn, _, err := c.begin(ctx, c.beat, beginWrite)
	if err != nil {
		return err
	}
	defer c.end(conn)
	lost, err := lostOf(ctx, conn, known)
	if len(lost) == 0 || err != nil {
		return err
	}
	var accepted sql.NullInt64
	const query = `SELECT (extract(epoch FROM max(accepted_at)) * 1000000000)::bigint FROM losses`
	if err := conn.QueryRowContext(ctx, query).Scan(&accepted); err != nil {
		return err
	}
	if accepted.Valid && lost[len(lost)-1].at.Before(time.Unix(0, accepted.Int64)) {
		w.forget(lost)
		return nil
	}
	found := loss{After: lost[0].head.Seq - 1, Events: int64(len(lost))}
	var ids []string
	for _, entry := range lost {
		if entry.change != "" && !slices.Contains(ids, entry.change) {
			ids = append(ids, entry.change)
		}
	}
	if found.Changes, err = jsonOf(ids); err != nil {
		return err
	}
	tx := &transaction{place: c.schema.place, conn: conn}
	const insert = `INSERT INTO losses (store, after, events, changes) VALUES ($1, $2, $3, $4)`
	if _, err := tx.exec(ctx, insert, w.store, found.After, found.Events, found.Changes); err != nil {
		return err
	}
	if err := tx.finish(ctx); err != nil {
		return err
	}
	return &found
}

// lostOf lists which of some events, in order, the trail does not hold any more though they were not cut off.
func lostOf(ctx context.Context, tx stored.Querier, known []remembered) ([]remembered, error) {
	hashes := make(map[int64]string)
	err := stored.EachRow(ctx, tx, `SELECT seq, hash FROM events WHERE seq >= $1`, func(rows *sql.Rows) error {
		var head change.Head
		err := rows.Scan(&head.Seq, &head.Hash)
		hashes[head.Seq] = head.Hash
		return err
	}, known[0].head.Seq)
	if err != nil {
		return nil, err
	}
	cut, err := readLastCut(ctx, tx)
	return slices.DeleteFunc(known, func(e remembered) bool {
		return cut != nil && e.head.Seq <= cut.To.Seq || hashes[e.head.Seq] == e.head.Hash
	}), err
}

// resolve finds out whether a transaction was committed that put head at the end of the trail, and of which the answer
// is lost; cause says how. It returns nil where it was, and [change.ErrUnsettled] where the database does not answer.
func (w *watch) resolve(ctx context.Context, head change.Head, cause error) error {
	ctx, enough := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer enough()
	for {
		found, err := w.holds(ctx, head)
		switch {
		case err == nil && found:
			return nil
		case err == nil:
			return cause
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w: %w", change.ErrUnavailable, change.ErrUnsettled, cause)
		case <-time.After(askAgain):
		}
	}
}

// holds reports whether the trail holds an event. It waits for whoever is about to append to the trail.
func (w *watch) holds(ctx context.Context, head change.Head) (bool, error) {
	conn, _, err := w.connections.begin(ctx, w.connections.beat, beginWrite)
	if err != nil {
		return false, err
	}
	defer w.connections.end(conn)
	if err := conn.QueryRowContext(ctx, `SELECT FROM tip FOR UPDATE`).Scan(); err != nil {
		return false, err
	}
	var found bool
	const query = `SELECT EXISTS (SELECT FROM events WHERE seq = $1 AND hash = $2)`
	err = conn.QueryRowContext(ctx, query, head.Seq, head.Hash).Scan(&found)
	return found, err
}

// AcceptLoss lets writes go on though the database lacks what it had confirmed, and returns the changes that are
// concerned, as far as they are known, and how many losses were accepted.
func (s *Store) AcceptLoss(ctx context.Context, by change.Actor) (changes []string, losses int, err error) {
	err = s.database.urgent(ctx, "accepting that events are lost", func(tx *transaction) error {
		const update = `UPDATE losses SET accepted_at = clock_timestamp() WHERE accepted_at IS NULL
			RETURNING after, events, changes`
		return stored.EachRow(ctx, tx, update, func(rows *sql.Rows) error {
			var l loss
			if err := rows.Scan(&l.After, &l.Events, &l.Changes); err != nil {
				return err
			}
			losses++
			changes = append(changes, l.ids()...)
			tx.append(change.LossEvent(by, l.After, l.Events, l.ids()))
			return nil
		})
	})
	slices.Sort(changes)
	return slices.Compact(changes), losses, err
}
