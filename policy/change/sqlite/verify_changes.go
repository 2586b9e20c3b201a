package sqlite

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strconv"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// account is what the trail tells of one change.
type expectedState struct {
	status    change.Status
	approval  string // level of the yes that it got
	by        string // who gave it
	plan      string // hash of the change without its items; empty where a version planned it that kept none
	batches   []batch
	digest    string    // of its items; empty where a version planned it that kept none
	state     string    // hash of where it stands; empty where a version took it there that kept none
	declined  time.Time // when a person said no; zero where nobody did, and where a version kept none of it
	forgotten bool
	stopped   bool   // somebody asked to stop it
	outcomes  []byte // of its items: indexes in outcomesTold
}

// batch is outcomes that were recorded together, with their hash.
type batch struct {
	items   []int
	digest  string
	reasons string // empty where a version recorded it that kept none
}

// outcomesTold are the outcomes of items, in the order by which they are kept.
var outcomesTold = []change.Outcome{change.Pending, change.Changed, change.Unchanged, change.Failed, change.Unknown}

// follow learns what an event tells of a change.
func (v *verifier) replay(e *change.Event) {
	if e.Kind == change.KindPlanned {
		items, err := strconv.Atoi(e.Facts["items"])
		if err != nil || items < 0 || items > maxItems {
			v.problem("event %d tells of %q items", e.Seq, e.Facts["items"])
			return
		}
		v.changes[e.Change] = &expectedState{
			status: change.Status(e.Facts["status"]), approval: policy.LevelNone.String(), plan: e.Facts["head"], digest: e.Facts["digest"], state: e.Facts["state"],
			outcomes: make([]byte, items),
		}
	}
	t := v.changes[e.Change]
	if t == nil {
		return
	}
	switch {
	case e.Kind == change.KindPlanned, e.Kind == change.KindRecorded:
		b := batch{digest: e.Facts["digest"], reasons: e.Facts["reasons"]}
		for code, outcome := range outcomesTold[1:] {
			err := change.EachInRanges(e.Facts[string(outcome)], len(t.outcomes), func(i int) {
				t.outcomes[i] = byte(code + 1)
				b.items = append(b.items, i)
			})
			if err != nil {
				v.problem("event %d: %v", e.Seq, err)
			}
		}
		if e.Kind == change.KindRecorded {
			t.batches = append(t.batches, b)
		}
	case e.Kind == change.KindApproved:
		t.approval, t.by = e.Facts["level"], e.Facts["by"]
	case e.Kind == change.KindForgotten:
		t.forgotten = true
	case e.Kind == change.KindCancelAsked:
		t.stopped = true
	case slices.Contains(change.Statuses(), change.Status(e.Kind)):
		t.status, t.state = change.Status(e.Kind), e.Facts["state"]
		if t.status == change.StatusDeclined && t.state != "" {
			t.declined = e.Time
		}
	}
}

// maxItems bounds what is believed of an event: more than any change has.
const maxItems = 1 << 20

// row is a change with the columns by which it is found.
type row struct {
	change.Change
	seq, created     int64
	id               string
	principal        string
	effect, approval string
	undoes           string
	status           change.Status
	started          sql.NullInt64
	forgotten        bool
	cancelAsked      bool
}

const selectRows = `SELECT seq, id, principal, effect, status, created_at, started_at, approval, undoes, forgotten, cancel_asked, body FROM changes ORDER BY seq`

func scanRow(rows *sql.Rows) (row, error) {
	var r row
	var body []byte
	err := rows.Scan(&r.seq, &r.id, &r.principal, &r.effect, &r.status, &r.created, &r.started, &r.approval, &r.undoes, &r.forgotten, &r.cancelAsked, &body)
	if err != nil {
		return r, err
	}
	return r, decode(body, &r.Change)
}

// columnsAgree reports whether the columns tell what the change does.
func (r *row) columnsAgree() bool {
	return r.id == r.ID && r.principal == r.Principal && r.effect == r.Fingerprint && r.status == r.Status && r.created == r.CreatedAt.UnixNano() &&
		r.started == nanoseconds(r.StartedAt()) && r.approval == approvalLevel(&r.Change) && r.undoes == r.Undoes && r.forgotten == r.Purged
}

// checkChanges compares the changes with what the trail tells of them.
func (v *verifier) checkChanges(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, selectRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return err
		}
		t := v.changes[r.id]
		if t == nil {
			v.problem("change %s is not in the trail", r.id)
			continue
		}
		delete(v.changes, r.id)
		if !t.declined.IsZero() {
			v.declined = append(v.declined, no{r.seq, r.Principal, t.declined, t.forgotten})
		}
		if err := v.checkHead(&r, t); err != nil {
			return err
		}
		if err := v.checkItems(ctx, tx, r.seq, r.id, t); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.changes)) {
		v.problem("change %s is gone", id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var strays int
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM items WHERE change NOT IN (SELECT seq FROM changes)`).Scan(&strays)
	if err == nil && strays > 0 {
		v.problem("%d items are of no change", strays)
	}
	return err
}

// checkHead compares where a change stands, who asked for it, and who allowed it,
// with what the trail tells; and how it was planned and why it ended so, unless
// that was forgotten.
func (v *verifier) checkHead(r *row, t *expectedState) error {
	if r.Status != t.status {
		v.problem("change %s is %s, the trail tells %q", r.id, r.Status, t.status)
	}
	by := ""
	if r.Approval != nil {
		by = r.Approval.By
	}
	if level := approvalLevel(&r.Change); level != t.approval || by != t.by {
		v.problem("change %s is confirmed at level %s by %q, the trail tells %s by %q", r.id, level, by, t.approval, t.by)
	}
	if !r.columnsAgree() || r.Purged != t.forgotten || r.cancelAsked != t.stopped {
		v.problem("change %s is found by other facts than its own", r.id)
	}
	plan, err := r.PlanHash()
	if err != nil {
		return err
	}
	state, err := r.StateHash()
	if err != nil {
		return err
	}
	switch {
	case t.forgotten:
	case t.plan != "" && plan != t.plan:
		v.problem("change %s is not the one that was planned", r.id)
	case t.state != "" && state != t.state:
		v.problem("change %s did not come to where it stands as the trail tells", r.id)
	}
	return nil
}

// checkItems compares the items of a change with what the trail tells of them.
// Of a forgotten change only the outcomes are left.
func (v *verifier) checkItems(ctx context.Context, tx *sql.Tx, seq int64, id string, t *expectedState) error {
	rows, err := tx.QueryContext(ctx, `SELECT idx, outcome, body FROM items WHERE change = ? ORDER BY idx`, seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	hash, other := change.NewItemsHash(), 0
	var items []change.Item // without what was planned
	for rows.Next() {
		var index int
		var outcome change.Outcome
		var body []byte
		if err := rows.Scan(&index, &outcome, &body); err != nil {
			return err
		}
		var item change.Item
		if err := decode(body, &item); err != nil {
			return err
		}
		if n := len(items); n != index || n >= len(t.outcomes) || outcome != item.Outcome || outcome != outcomesTold[t.outcomes[n]] ||
			item.AsPlanned().TargetID != item.TargetID && item.TargetID != item.Created {
			other++
		}
		if err := hash.Add(&item); err != nil {
			return err
		}
		items = append(items, change.Item{Outcome: item.Outcome, Failure: item.Failure, Created: item.Created})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	switch {
	case len(items) != len(t.outcomes):
		v.problem("change %s has %d items, the trail tells %d", id, len(items), len(t.outcomes))
	case t.digest != "" && !t.forgotten && hash.Hex() != t.digest:
		v.problem("the items of change %s are not those that were planned", id)
	case t.digest == "":
	default:
		holds, err := t.outcomesMatch(items)
		if err != nil {
			return err
		}
		if other > 0 || !holds {
			v.problem("items of change %s did not come to what the trail tells", id)
		}
	}
	return nil
}

// holds reports whether items came to what was recorded of them, and why, unless
// that was forgotten. What was recorded again later counts no more.
func (t *expectedState) outcomesMatch(items []change.Item) (bool, error) {
	last := make([]int, len(items)) // the batch that told of an item last, from 1
	for n, b := range t.batches {
		for _, i := range b.items {
			last[i] = n + 1
		}
	}
	for i, n := range last {
		if item := &items[i]; n == 0 && (item.Code != "" || item.Reason != "" || len(item.Facts) > 0 || item.Created != "") {
			return false, nil // nothing was recorded of it
		}
	}
	for n, b := range t.batches {
		hash, reasons, whole := change.NewOutcomesHash(), change.NewReasonsHash(), b.digest != ""
		for _, i := range slices.Sorted(slices.Values(b.items)) {
			whole = whole && last[i] == n+1
			hash.Add(i, items[i].Outcome, items[i].Code, items[i].Created)
			if err := reasons.Add(i, items[i].Failure); err != nil {
				return false, err
			}
		}
		if whole && (hash.Hex() != b.digest || !t.forgotten && b.reasons != "" && reasons.Hex() != b.reasons) {
			return false, nil
		}
	}
	return true, nil
}
