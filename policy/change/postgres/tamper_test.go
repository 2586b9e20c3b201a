package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
	"intercom-mcp/policy/change/postgres/postgrestest"
)

// TestTampering edits each kind of thing that a schema keeps, by hand: verifying finds it.
func TestTampering(t *testing.T) {
	t.Parallel()
	const open = `ALTER TABLE events DISABLE TRIGGER USER; `
	for name, test := range map[string]struct{ edit, want string }{
		"nothing": {`SELECT 1`, ""},
		"an event": {open + `UPDATE events SET body = replace(body, '"ann"', '"bob"') WHERE seq = 1`,
			"event 1 was edited"},
		"an event's column": {open + `UPDATE events SET principal = 'bob' WHERE seq = 1`, "event 1 is found by other facts"},
		"an event is gone":  {open + `DELETE FROM events WHERE seq = 2`, "events 2 to 2 are missing"},
		"the end is gone": {open + `DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)`,
			"the trail ends at event"},
		"the end with the tip": {open + `DELETE FROM events WHERE seq = (SELECT max(seq) FROM events);
			UPDATE tip SET seq = e.seq, hash = e.hash FROM (SELECT * FROM events ORDER BY seq DESC LIMIT 1) AS e`,
			"the freeze of writes is not as the trail tells"},
		"a status": {`UPDATE changes SET status = 'failed' WHERE status = 'applied'`, "is found by other facts"},
		"a change's body": {`UPDATE changes SET body = replace(body, '"update_contact"', '"other_tool"')`,
			"is not the one that was planned"},
		"a tool":            {`UPDATE changes SET tool = 'other'`, "is found by other facts"},
		"an e-mail":         {`UPDATE changes SET email = 'eve@example.com'`, "is found by other facts"},
		"a stop":            {`UPDATE changes SET stop_by = 'eve', stop_reason = ''`, "is found by other facts"},
		"an item's outcome": {`UPDATE items SET outcome = 'failed' WHERE outcome = 'changed'`, "items of change"},
		"an item's target":  {`UPDATE items SET target = 'x'`, "items of change"},
		"an item's names":   {`UPDATE items SET names = '{x}'`, "items of change"},
		"what an item wrote": {`UPDATE items SET body = replace(body, '"name":"x"', '"name":"y"')`,
			"are not those that were planned"},
		"an item is gone": {`DELETE FROM items WHERE idx = 1`, "items, the trail tells"},
		"a decline":       {`DELETE FROM declines`, "what was declined"},
		"the freeze":      {`DELETE FROM frozen`, "the freeze of writes"},
		"the workspace":   {`INSERT INTO workspace (name) VALUES ('x')`, "workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := postgrestest.Schema(t)
			s := openAt(t, at)
			c := changetest.Create(t, s, changetest.Planned(change.StatusApproved, 2))
			changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: time.Now()})
			changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplied, At: time.Now(), Outcomes: []change.Recorded{
				{Index: 0, Outcome: change.Changed}, {Index: 1, Outcome: change.Unchanged}}})
			no := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
			changetest.Advance(t, s, no.ID, change.Step{To: change.StatusDeclined, At: time.Now()})
			if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "why"); err != nil {
				t.Fatal(err)
			}
			execIn(t, at, test.edit)
			_, err := s.VerifyAudit(t.Context())
			if (test.want == "") != (err == nil) || err != nil && (!errors.Is(err, change.ErrTampered) ||
				!strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestAppendOnly lets nobody edit or remove events, but an erasure.
func TestAppendOnly(t *testing.T) {
	t.Parallel()
	at := postgrestest.Schema(t)
	changetest.Create(t, openAt(t, at), changetest.Planned(change.StatusAwaiting, 1))
	for _, edit := range []string{`UPDATE events SET body = ''`, `DELETE FROM events`, `TRUNCATE events`} {
		err := postgrestest.Shared(t).Exec(schemaIn(t, at), edit)
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", edit, err)
		}
	}
}
