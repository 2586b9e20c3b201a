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
	digest    string // of its items; empty where a version planned it that kept none
	forgotten bool
	outcomes  []byte // of its items: indexes in outcomesTold
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
			status: Status(e.Facts["status"]), approval: policy.LevelNone.String(), digest: e.Facts["digest"], outcomes: make([]byte, items),
		}
	}
	t := v.changes[e.Change]
	if t == nil {
		return
	}
	switch {
	case e.Kind == KindPlanned, e.Kind == KindRecorded:
		for code, outcome := range outcomesTold[1:] {
			err := eachInRanges(e.Facts[string(outcome)], len(t.outcomes), func(i int) { t.outcomes[i] = byte(code + 1) })
			if err != nil {
				v.problem("event %d: %v", e.Seq, err)
			}
		}
	case e.Kind == KindApproved:
		t.approval = e.Facts["level"]
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
	rows, err := tx.QueryContext(ctx, `SELECT seq, id, status, body ->> 'Status', approval, coalesce(body ->> '$.Approval.Level', 'none') FROM changes ORDER BY seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var id, approval, approvalBody string
		var status, statusBody Status
		if err := rows.Scan(&seq, &id, &status, &statusBody, &approval, &approvalBody); err != nil {
			return err
		}
		t := v.changes[id]
		if t == nil {
			v.problem("change %s is not in the trail", id)
			continue
		}
		delete(v.changes, id)
		if status != statusBody || statusBody != t.status {
			v.problem("change %s is %s, the trail tells %q", id, statusBody, t.status)
		}
		if approval != approvalBody || approvalBody != t.approval {
			v.problem("change %s is confirmed at level %s, the trail tells %s", id, approvalBody, t.approval)
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

// checkItems compares the items of a change with what the trail tells of them.
// Of a forgotten change only the outcomes are left.
func (v *verifier) checkItems(ctx context.Context, tx *sql.Tx, seq int64, id string, t *account) error {
	rows, err := tx.QueryContext(ctx, `SELECT outcome, body FROM items WHERE change = ? ORDER BY idx`, seq)
	if err != nil {
		return err
	}
	defer rows.Close()
	hash, n, other := newItemsHash(), 0, 0
	for ; rows.Next(); n++ {
		var outcome Outcome
		var body []byte
		if err := rows.Scan(&outcome, &body); err != nil {
			return err
		}
		var item Item
		if err := decode(body, &item); err != nil {
			return err
		}
		if n >= len(t.outcomes) || outcome != item.Outcome || outcome != outcomesTold[t.outcomes[n]] {
			other++
		}
		if err := hash.add(&item); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	switch {
	case n != len(t.outcomes):
		v.problem("change %s has %d items, the trail tells %d", id, n, len(t.outcomes))
	case t.digest != "" && !t.forgotten && hash.sum() != t.digest:
		v.problem("the items of change %s are not those that were planned", id)
	case other > 0 && t.digest != "":
		v.problem("%d items of change %s did not come to what the trail tells", other, id)
	}
	return nil
}
