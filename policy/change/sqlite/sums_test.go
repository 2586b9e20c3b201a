package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestSums has two stores write to one file at random, and count in each of them what is in the window: as the queries
// do that look at all of it.
func TestSums(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "changes.db")
	stores := []*Store{openAt(t, path), openAt(t, path)}
	random := rand.New(rand.NewPCG(3, 4))
	now := changetest.Epoch
	type running struct {
		store *Store
		id    string
	}
	var applying []running
	for range 400 {
		now = now.Add(time.Duration(random.IntN(8)) * time.Second)
		s := stores[random.IntN(2)]
		switch n := random.IntN(10); {
		case n < 5 || len(applying) == 0:
			c := changetest.Planned(change.StatusApproved, 0)
			c.CreatedAt, c.Principal = now, []string{"ann", "ann", "bob"}[random.IntN(3)]
			for range 1 + random.IntN(3) {
				c.Items = append(c.Items, change.Item{TargetID: []string{fmt.Sprint(random.IntN(40)), ""}[random.IntN(2)]})
				if random.IntN(2) == 0 {
					c.Items[len(c.Items)-1].Patch.Note = &change.Note{}
				}
			}
			refuse := random.IntN(4) == 0
			_, err := s.Create(t.Context(), c, func(c *change.Change, _ change.Recent) error {
				if refuse {
					return errRefused
				}
				return c.Take(change.Step{To: change.StatusApplying, At: now})
			})
			switch {
			case refuse && !errors.Is(err, errRefused), !refuse && err != nil:
				t.Fatal(err)
			case !refuse:
				applying = append(applying, running{s, c.ID})
			}
		case n < 8:
			r := applying[len(applying)-1]
			outcome := []change.Outcome{change.Changed, change.Failed, change.Unknown, change.NotSent}[random.IntN(4)]
			if err := r.store.Record(t.Context(), r.id, []change.Recorded{{Outcome: outcome, TargetID: "made"}}); err != nil {
				t.Fatal(err)
			}
		default:
			r := applying[len(applying)-1]
			applying = applying[:len(applying)-1]
			to := []change.Status{change.StatusStale, change.StatusApplied}[random.IntN(2)]
			changetest.Advance(t, r.store, r.id, change.Step{To: to, At: now})
		}
		about := changetest.Planned(change.StatusAwaiting, random.IntN(3))
		if len(about.Items) > 0 && random.IntN(2) == 0 {
			about.Items[0].Patch.Note = &change.Note{}
		}
		if random.IntN(4) == 0 && len(applying) > 0 {
			about.ID = applying[0].id
		}
		for _, s := range stores {
			err := s.database.update(t.Context(), "comparing", func(tx *connection) error {
				got, err := tx.recent(context.Background(), &about, now)
				if err != nil {
					return err
				}
				want, err := readRecent(context.Background(), tx, &about, now)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return err
			})
			if err != nil || t.Failed() {
				t.Fatal(err)
			}
		}
	}
}

var errRefused = errors.New("refused")

// TestSumsLost loses a transaction that others have counted by: what it held is not counted.
func TestSumsLost(t *testing.T) {
	s := openTemp(t)
	count := func() (n int) {
		t.Helper()
		err := s.database.update(t.Context(), "counting", func(tx *connection) error {
			r, err := tx.recent(context.Background(), &change.Change{Principal: "ann"}, changetest.Epoch)
			n = r.Written
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	changetest.Create(t, s, changetest.Planned(change.StatusApproved, 2))
	if n := count(); n != 2 {
		t.Errorf("%d were written", n)
	}
	conn := s.database.file.write
	if err := conn.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	lost := changetest.Planned(change.StatusApproved, 5)
	if _, err := s.owner.insertHead(t.Context(), conn, &lost); err != nil {
		t.Fatal(err)
	}
	planned, err := lost.NewEvents()
	if err != nil {
		t.Fatal(err)
	}
	if err := appendEvents(t.Context(), conn, planned...); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.recent(t.Context(), &change.Change{Principal: "ann"}, changetest.Epoch); err != nil {
		t.Fatal(err)
	}
	conn.rollback()
	changetest.Create(t, s, changetest.Planned(change.StatusApproved, 3))
	if n := count(); n != 3 {
		t.Errorf("%d were written, want 3 different ones", n)
	}
}

// BenchmarkDecide decides about a change and starts it, with ever more changes in the window.
func BenchmarkDecide(b *testing.B) {
	for _, changes := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(changes, " in the window"), func(b *testing.B) {
			s := openTemp(b)
			c := changetest.Planned(change.StatusApproved, 1)
			if _, err := s.Create(b.Context(), c, nil); err != nil {
				b.Fatal(err)
			}
			// The rest are copies of it that the file makes itself.
			execRaw(b, s.Path(), fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
				INSERT INTO changes (id, principal, effect, status, created_at, started_at, approval, body)
				SELECT id || i, principal, effect || i, 'applied', created_at, started_at, approval, body FROM changes, n;
				INSERT INTO items (change, idx, outcome, target, body) SELECT seq, 0, 'changed', seq, (SELECT body FROM items) FROM changes WHERE seq > 1`, changes))
			written := 0
			decide := func(c *change.Change, recent change.Recent) error {
				written = recent.Written
				return c.Take(change.Step{To: change.StatusApplying, At: changetest.Epoch})
			}
			create := func() {
				c := changetest.Planned(change.StatusApproved, 1)
				c.Fingerprint = c.ID
				if _, err := s.Create(b.Context(), c, decide); err != nil {
					b.Fatal(err)
				}
			}
			create() // counts all of them
			for b.Loop() {
				create()
			}
			if written <= changes {
				b.Errorf("%d were written", written)
			}
		})
	}
}
