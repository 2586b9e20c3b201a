package change

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"intercom-mcp/policy"
)

// account is what the trail tells of one change.
type account struct {
	status    Status
	approval  string // level of the yes that it got
	by        string // who gave it
	plan      string // hash of the change without its items; empty where a version planned it that kept none
	batches   []batch
	digest    string // of its items; empty where a version planned it that kept none
	forgotten bool
	outcomes  []byte // of its items: indexes in outcomesTold
}

// batch is outcomes that were recorded together, with their hash.
type batch struct {
	items  []int
	digest string
}

// outcomesTold are the outcomes of items, in the order by which they are kept.
var outcomesTold = []Outcome{Pending, Changed, Unchanged, Failed, Unknown}

// follow learns what an event tells of a change.
func (v *verifier) follow(e *Event) {
	if e.Kind == KindPlanned {
		items, err := strconv.Atoi(e.Facts["items"])
		if err != nil || items < 0 || items > maxItems {
			v.problem("event %d tells of %q items", e.Seq, e.Facts["items"])
			return
		}
		v.changes[e.Change] = &account{
			status: Status(e.Facts["status"]), approval: policy.LevelNone.String(), plan: e.Facts["head"], digest: e.Facts["digest"], outcomes: make([]byte, items),
		}
	}
	t := v.changes[e.Change]
	if t == nil {
		return
	}
	switch {
	case e.Kind == KindPlanned, e.Kind == KindRecorded:
		b := batch{digest: e.Facts["digest"]}
		for code, outcome := range outcomesTold[1:] {
			err := eachInRanges(e.Facts[string(outcome)], len(t.outcomes), func(i int) {
				t.outcomes[i] = byte(code + 1)
				b.items = append(b.items, i)
			})
			if err != nil {
				v.problem("event %d: %v", e.Seq, err)
			}
		}
		if e.Kind == KindRecorded {
			t.batches = append(t.batches, b)
		}
	case e.Kind == KindApproved:
		t.approval, t.by = e.Facts["level"], e.Facts["by"]
	case e.Kind == KindForgotten:
		t.forgotten = true
	case slices.Contains(Statuses(), Status(e.Kind)):
		t.status = Status(e.Kind)
	}
}

// maxItems bounds what is believed of an event: more than any change has.
const maxItems = 1 << 20

// checkChanges compares the changes with what the trail tells of them.
func (v *verifier) checkChanges(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT seq, id, principal, status, approval, body FROM changes ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var id, principal, approval string
		var status Status
		var body []byte
		if err := rows.Scan(&seq, &id, &principal, &status, &approval, &body); err != nil {
			return err
		}
		var c Change
		if err := decode(body, &c); err != nil {
			return err
		}
		t := v.changes[id]
		if t == nil {
			v.problem("change %s is not in the trail", id)
			continue
		}
		delete(v.changes, id)
		if status != c.Status || c.Status != t.status {
			v.problem("change %s is %s, the trail tells %q", id, c.Status, t.status)
		}
		if err := v.checkHead(&c, t, principal, approval); err != nil {
			return err
		}
		if err := v.checkItems(ctx, tx, seq, id, t); err != nil {
			return err
		}
	}
	for id := range v.changes {
		v.problem("change %s is gone", id)
	}
	return rows.Err()
}

// checkHead compares who asked for a change, and who allowed it, with what the
// trail tells, and how it was planned, unless that was forgotten.
func (v *verifier) checkHead(c *Change, t *account, principal, approval string) error {
	by := ""
	if c.Approval != nil {
		by = c.Approval.By
	}
	if level := approvalLevel(c); approval != level || level != t.approval || by != t.by {
		v.problem("change %s is confirmed at level %s by %q, the trail tells %s by %q", c.ID, level, by, t.approval, t.by)
	}
	plan, err := c.planHash()
	if err != nil {
		return err
	}
	if principal != c.Principal || t.plan != "" && !t.forgotten && plan != t.plan {
		v.problem("change %s is not the one that was planned", c.ID)
	}
	return nil
}

// checkItems compares the items of a change with what the trail tells of them.
// Of a forgotten change only the outcomes are left.
func (v *verifier) checkItems(ctx context.Context, tx *sql.Tx, seq int64, id string, t *account) error {
	rows, err := tx.QueryContext(ctx, `SELECT outcome, body FROM items WHERE change = ? ORDER BY idx`, seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	hash, other := newItemsHash(), 0
	var items []Item // without what was planned
	for rows.Next() {
		var outcome Outcome
		var body []byte
		if err := rows.Scan(&outcome, &body); err != nil {
			return err
		}
		var item Item
		if err := decode(body, &item); err != nil {
			return err
		}
		if n := len(items); n >= len(t.outcomes) || outcome != item.Outcome || outcome != outcomesTold[t.outcomes[n]] ||
			item.asPlanned().Contact != item.Contact && item.Contact != item.Created {
			other++
		}
		if err := hash.add(&item); err != nil {
			return err
		}
		items = append(items, Item{Outcome: item.Outcome, Failure: Failure{Code: item.Code}, Created: item.Created})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	switch {
	case len(items) != len(t.outcomes):
		v.problem("change %s has %d items, the trail tells %d", id, len(items), len(t.outcomes))
	case t.digest != "" && !t.forgotten && hash.sum() != t.digest:
		v.problem("the items of change %s are not those that were planned", id)
	case t.digest != "" && (other > 0 || !t.holds(items)):
		v.problem("items of change %s did not come to what the trail tells", id)
	}
	return nil
}

// holds reports whether items came to what was recorded of them. What was
// recorded again later counts no more.
func (t *account) holds(items []Item) bool {
	last := make([]int, len(items)) // the batch that told of an item last, from 1
	for n, b := range t.batches {
		for _, i := range b.items {
			last[i] = n + 1
		}
	}
	for n, b := range t.batches {
		hash, whole := newOutcomesHash(), b.digest != ""
		for _, i := range slices.Sorted(slices.Values(b.items)) {
			whole = whole && last[i] == n+1
			hash.add(i, items[i].Outcome, items[i].Code, items[i].Created)
		}
		if whole && hash.sum() != b.digest {
			return false
		}
	}
	return true
}
