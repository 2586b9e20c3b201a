package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the state file's
)

// writeRows are the rows of tools that write, under a policy that asks for nothing.
func writeRows() []row {
	const unit = "calls a second"
	var rows []row
	for _, r := range []struct {
		atOnce int
		least  float64
	}{{1, 500}, {8, 800}, {32, 800}} {
		rows = append(rows, row{fmt.Sprintf("update_contact with read-back, %d at once", r.atOnce), unit,
			goal{least: r.least},
			updating(r.atOnce, 0)})
	}
	const many = 100_000
	return append(rows,
		row{fmt.Sprintf("update_contact, 8 at once, %d changes in the window", many), unit, goal{least: 800},
			updating(8, many)},
		row{"resident, update_contact, 32 at once", "MB", goal{most: 32}, residentUpdating},
		row{"bulk of 10000, no limit", "s", goal{most: 6}, inBulk("1000000000", seconds)},
		row{"bulk of 10000, the usual limit", "s", goal{most: 7}, inBulk("1667", seconds)},
		row{"resident, bulk of 10000", "MB", goal{most: 64}, inBulk("1000000000", resident)},
	)
}

// unruled is a policy that lets through whatever no limit forbids.
const unruled = "rules: []\nlimits: {contacts_per_10m: 1000000}\n"

// newWriter starts our server with a state file that holds so many changes of the last minutes, or the floor.
func (w *world) newWriter(ctx context.Context, program string, changes int) (*stdioClient, error) {
	if program != "intercom-mcp" {
		return w.newStdio(ctx, program, "stdio")
	}
	dir, err := os.MkdirTemp(w.dir, "state")
	if err != nil {
		return nil, err
	}
	rules, state := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "state.db")
	if err := os.WriteFile(rules, []byte(unruled), 0o600); err != nil {
		return nil, err
	}
	start := func() (*stdioClient, error) {
		return w.newStdio(ctx, program, "stdio", "--state", state, "--policy", rules, "--log-level", "error")
	}
	c, err := start()
	if err != nil || changes == 0 {
		return c, err
	}
	if _, err := c.each(0, 1, func() string { return renaming(w.contact) }); err != nil {
		return nil, err
	}
	if err := w.stopServers(); err != nil {
		return nil, err
	}
	if err := multiply(ctx, state, changes); err != nil {
		return nil, err
	}
	return start()
}

// multiply puts copies of a file's only change in it, each of a contact of its own.
func multiply(ctx context.Context, state string, changes int) error {
	db, err := sql.Open("sqlite", state)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO changes (id, principal, effect, status, created_at, started_at, approval, body)
		SELECT id || i, principal, effect || i, status, created_at, started_at, approval, body FROM changes, n`, changes)
	if err == nil {
		_, err = db.ExecContext(ctx, `INSERT INTO items (change, idx, outcome, target, body)
			SELECT seq, 0, 'changed', seq, (SELECT body FROM items) FROM changes WHERE seq > 1`)
	}
	return errors.Join(err, db.Close())
}

var renamed atomic.Int64

// renaming are the params of a call that gives a contact a new name.
func renaming(contact string) string {
	return fmt.Sprintf(`{"name":"update_contact","arguments":{"contact":%q,"set":{"name":"Name %d"}}}`, contact,
		renamed.Add(1))
}

// updating prepares a row of updates a second, so many at once, with so many changes in the window.
func updating(atOnce, changes int) func(context.Context, *world) (sample, sample, error) {
	return both(func(ctx context.Context, w *world, program string) (sample, error) {
		c, err := w.newWriter(ctx, program, changes)
		if err != nil {
			return nil, err
		}
		next, err := w.renamings(ctx)
		if err != nil {
			return nil, err
		}
		if _, err := c.each(w.span/4, atOnce, next); err != nil {
			return nil, err
		}
		return func(context.Context) (float64, error) {
			began := time.Now()
			n, err := c.each(w.span, atOnce, next)
			return float64(n) / time.Since(began).Seconds(), err
		}, nil
	})
}

// renamings returns the params of a call that renames the next contact.
func (w *world) renamings(ctx context.Context) (func() string, error) {
	contacts, err := contactIDs(ctx, w.url)
	if err != nil {
		return nil, err
	}
	return func() string { return renaming(contacts[int(renamed.Load())%len(contacts)]) }, nil
}

// contactIDs lists some contacts of a workspace.
func contactIDs(ctx context.Context, url string) ([]string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/contacts?per_page=150", nil)
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var list struct{ Data []struct{ ID string } }
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range list.Data {
		ids = append(ids, c.ID)
	}
	if len(ids) == 0 {
		return nil, errors.New("the embedded Intercom has no contacts")
	}
	return ids, nil
}

// residentUpdating prepares the row of the most memory that updates at once have held.
func residentUpdating(ctx context.Context, w *world) (own, floor sample, err error) {
	return both(func(ctx context.Context, w *world, program string) (sample, error) {
		c, err := w.newWriter(ctx, program, 0)
		if err != nil {
			return nil, err
		}
		next, err := w.renamings(ctx)
		if err != nil {
			return nil, err
		}
		return func(context.Context) (float64, error) {
			if _, err := c.each(w.span, 32, next); err != nil {
				return 0, err
			}
			return c.process.resident("VmHWM")
		}, nil
	})(ctx, w)
}

// seconds and resident are what a row of bulk tells.
func seconds(_ *process, took time.Duration) (float64, error) { return took.Seconds(), nil }
func resident(p *process, _ time.Duration) (float64, error)   { return p.resident("VmHWM") }

// inBulk prepares a row of a change of 10,000 contacts, in a workspace of a rate limit whose bulk jobs end at once.
func inBulk(
	limit string, tell func(*process, time.Duration) (float64, error),
) func(context.Context, *world) (sample, sample, error) {
	return func(ctx context.Context, w *world) (own, floor sample, err error) {
		address, err := freeAddress()
		if err != nil {
			return nil, nil, err
		}
		if _, err := w.serve(ctx, "intercom-mcp", "sandbox", "--addr", address, "--contacts", "10000", "--bulk-delay", "1ms",
			"--rate-limit", limit, "--log-level", "error"); err != nil {
			return nil, nil, err
		}
		if err := await(ctx, address); err != nil {
			return nil, nil, err
		}
		before := w.url
		w.url = "http://" + address
		defer func() { w.url = before }()
		c, err := w.newWriter(ctx, "intercom-mcp", 0)
		if err != nil {
			return nil, nil, err
		}
		plans := []string{"enterprise", "pro"}
		return func(context.Context) (float64, error) {
			plans[0], plans[1] = plans[1], plans[0]
			began := time.Now()
			err := c.send("tools/call", `{"name":"bulk_update_contacts","arguments":{"where":[{"field":"created_at",`+
				`"operator":">","value":"2000-01-01"}],"set":{"custom_attributes":{"plan":"`+plans[0]+`"}}}}`)
			if err != nil {
				return 0, err
			}
			answer, err := c.read()
			if err == nil && !strings.Contains(string(answer), `\"status\":\"applied\"`) {
				err = fmt.Errorf("answered %.300s", answer)
			}
			if err != nil {
				return 0, err
			}
			return tell(c.process, time.Since(began))
		}, nil, nil
	}
}
