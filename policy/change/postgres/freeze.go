package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/internal/stored"
)

// Freeze implements [change.Stops].
func (s stops) Freeze(ctx context.Context, by change.Actor, reason string) error {
	by.By, reason = plain(by.By), plain(reason)
	return s.database.urgent(ctx, "freezing writes", func(tx *transaction) error {
		const lock = `SELECT pg_advisory_xact_lock(hashtextextended('freeze ' || current_schema(), 0))`
		if _, err := tx.exec(ctx, lock); err != nil {
			return err
		}
		if err := checkFrozen(ctx, tx); err != nil {
			return err
		}
		f := change.Freeze{By: by.By, Reason: reason, At: time.Now()}
		const insert = `INSERT INTO frozen (by, reason, at) VALUES ($1, $2, $3)`
		if _, err := tx.exec(ctx, insert, f.By, f.Reason, f.At.UnixNano()); err != nil {
			return err
		}
		heads, err := queryHeads(ctx, tx, selectHead+`WHERE status IN ('approved', 'applying') AND status = 'applying'
			AND stop_by IS NULL ORDER BY seq FOR UPDATE`)
		if err != nil {
			return err
		}
		applying, seqs := make([]change.Change, len(heads)), make([]int64, len(heads))
		for i, h := range heads {
			applying[i], seqs[i] = h.change, h.seq
		}
		tx.append(change.FreezeEvents(f, by, applying)...)
		list, err := jsonOf(seqs)
		if err != nil {
			return err
		}
		const update = `UPDATE changes SET stop_by = $1, stop_reason = $2
			WHERE seq IN (SELECT value::bigint FROM json_array_elements_text($3::json) AS value)`
		_, err = tx.exec(ctx, update, f.By, f.Stop().Reason, list)
		return err
	})
}

// Unfreeze implements [change.Stops].
func (s stops) Unfreeze(ctx context.Context, by change.Actor) (lifted bool, err error) {
	err = s.database.update(ctx, "lifting a freeze", func(tx *transaction) error {
		n, err := tx.exec(ctx, `DELETE FROM frozen`)
		if lifted = n > 0; lifted {
			tx.append(change.UnfreezeEvent(by))
		}
		return err
	})
	return lifted && err == nil, err
}

// Frozen implements [change.Stops].
func (s stops) Frozen(ctx context.Context) (f change.Freeze, frozen bool, err error) {
	err = s.database.view(ctx, "looking for a freeze", func(tx stored.Querier) error {
		f, frozen, err = readFreeze(ctx, tx)
		return err
	})
	return f, frozen, err
}

// checkFrozen returns a [change.FrozenError] while writes are frozen.
func checkFrozen(ctx context.Context, tx stored.Querier) error {
	f, frozen, err := readFreeze(ctx, tx)
	if err == nil && frozen {
		err = &change.FrozenError{Freeze: f}
	}
	return err
}

// readFreeze reads the freeze in force.
func readFreeze(ctx context.Context, tx stored.Querier) (f change.Freeze, frozen bool, err error) {
	var at int64
	err = tx.QueryRowContext(ctx, `SELECT by, reason, at FROM frozen`).Scan(&f.By, &f.Reason, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return change.Freeze{}, false, nil
	}
	f.At = time.Unix(0, at)
	return f, err == nil, err
}
