package sqlite

import (
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestDeclinesKeepNothing holds no value of a contact in what is kept of a no.
func TestDeclinesKeepNothing(t *testing.T) {
	s := openTemp(t)
	for _, at := range []time.Time{changetest.Epoch, changetest.Epoch.Add(time.Hour)} {
		no := changetest.Create(t, s, changetest.Updating(map[string]any{"email": "ann@example.com", "name": "Ann"},
			"507f1f77bcf86cd799439011"))
		changetest.Advance(t, s, no.ID, change.Step{To: change.StatusDeclined, At: at})
	}
	var rows, plain int
	err := s.database.file.write.QueryRowContext(t.Context(),
		`SELECT count(*), coalesce(sum(place || value LIKE '%ann%@%' OR place LIKE '%507f%'), 0) FROM declines`).Scan(&rows,
		&plain)
	if err != nil || rows != 3 || plain != 0 {
		t.Errorf("%d rows, %d of them tell whom they are about, %v", rows, plain, err)
	}
}

// TestDecideAtOnce has callers in many stores decide at the same time, that
// there may be one change of an effect: one of them finds that there is none.
func TestDecideAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "changes.db")
	errTaken := errors.New("there is one")
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		s := openAt(t, path)
		for range 4 {
			wg.Go(func() {
				c, err := s.Create(t.Context(), changetest.Planned(change.StatusAwaiting, 1),
					func(c *change.Change, recent change.Recent) error {
						if recent.Latest != nil {
							return errTaken
						}
						c.Status, c.Verb = change.StatusApproved, "decided"
						return nil
					})
				switch {
				case err == nil && c.Status == change.StatusApproved && c.Verb == "decided":
					made.Add(1)
				case !errors.Is(err, errTaken) || c.ID != "":
					t.Error(c, err)
				}
			})
		}
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d changes", made.Load())
	}
}

// TestStopElsewhere requests in one store the end of what another applies.
func TestStopElsewhere(t *testing.T) {
	s := openTemp(t)
	c := applyingIn(t, s)
	if err := openAt(t, s.Path()).Shared().Stops.Request(t.Context(), c.ID, change.Actor{By: "an operator"},
		"why"); err != nil {
		t.Fatal(err)
	}
	if stop, requested, err := s.Shared().Stops.Requested(t.Context(),
		c.ID); stop != (change.StopRequest{By: "an operator",
		Reason: "why"}) || !requested || err != nil {
		t.Error(stop, requested, err)
	}
	if _, err := s.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWrittenIsCheap counts what was written in the window by indexes, since every decision does that in a file of ever
// more items.
func TestWrittenIsCheap(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusApproved, 1))
	plan := strings.Join(explain(t, s, selectWritten, "ann", 1, "", "[]"), "; ")
	for _, want := range []string{"SEARCH changes USING INDEX changes_started (principal=? AND started_at>?)",
		"SEARCH items USING COVERING INDEX items_by_target (change=?)"} {
		if !strings.Contains(plan, want) {
			t.Errorf("%s; want %s", plan, want)
		}
	}
}

// TestListOfPersonIsCheap finds a person's changes, and the events of these, by an index.
func TestListOfPersonIsCheap(t *testing.T) {
	s := openTemp(t)
	changetest.Create(t, s, changetest.Planned(change.StatusApproved, 1))
	condition, args := listCondition("", change.Query{Email: "ann@example.com"})
	list := strings.Join(explain(t, s, selectHead+condition+` AND seq < 9 ORDER BY seq DESC LIMIT 9`, args...), "; ")
	condition, args = eventCondition(change.EventQuery{Principal: "ann@example.com"})
	events := strings.Join(explain(t, s, `SELECT body FROM events `+condition, args...), "; ")
	for _, plan := range []string{list, events} {
		if want := "USING INDEX changes_of_email (email=?"; !strings.Contains(plan, want) {
			t.Errorf("%s; want %s", plan, want)
		}
	}
}

// explain lists how SQLite runs a query.
func explain(t *testing.T, s *Store, query string, args ...any) (steps []string) {
	t.Helper()
	rows, err := s.database.file.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var step string
		if err := rows.Scan(new(any), new(any), new(any), &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
