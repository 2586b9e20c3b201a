package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// audited opens a store with the trail of one change of every kind of event.
func audited(t *testing.T) (s *Store, c change.Change) {
	t.Helper()
	s = openCopy(t, &auditedFile)
	if err := s.database.file.ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for e, err := range s.Events(t.Context(), change.EventQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		if c, err = s.Find(t.Context(), e.Change); err != nil {
			t.Fatal(err)
		}
		break
	}
	return s, c
}

// auditedFile is the file of audited.
var auditedFile = changetest.Template{Make: func(t testing.TB, path string) {
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	c := changetest.Create(t, s, changetest.Full())
	changetest.Advance(t, s, c.ID, change.Step{To: change.StatusApplying, At: changetest.Epoch.Add(time.Second),
		Approval: changetest.Yes})
	if err := s.Append(t.Context(), change.Event{Kind: change.KindCall, Change: c.ID,
		Facts: map[string]string{"route": "/contacts/{id}"}}); err != nil {
		t.Fatal(err)
	}
	err = s.Record(t.Context(), c.ID,
		[]change.Recorded{{Index: 0, Outcome: change.Failed, Failure: change.Failure{Code: "conflict",
			Reason: "ada@example.com", Facts: map[string]any{}}}, {Index: 1, Outcome: change.Changed}})
	if err != nil {
		t.Fatal(err)
	}
	changetest.Advance(t, s, c.ID, change.Step{To: change.StatusPartial, At: changetest.Epoch.Add(2 * time.Second),
		Reason: "because of ada@example.com"})
	err = errors.Join(s.Append(t.Context(), change.Event{Kind: change.KindRefused, Principal: "bob"}), s.Close())
	if err != nil {
		t.Fatal(err)
	}
}}

func events(t *testing.T, s *Store, since time.Time) []change.Event {
	t.Helper()
	var list []change.Event
	for e, err := range s.Events(t.Context(), change.EventQuery{Since: since}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestTrail writes every kind of event, and nothing of a contact.
func TestTrail(t *testing.T) {
	t.Parallel()
	s, c := audited(t)
	got := events(t, s, time.Time{})
	want := []change.Event{
		{Kind: change.KindPlanned, Change: c.ID, Principal: "ann", Facts: map[string]string{
			"tool": "update_contact", "status": "awaiting", "verdict": "confirm", "level": "user",
			"reasons":  "many: more than 10",
			"revision": "r1", "items": "2", "unchanged": "1", "undoes": c.Undoes, "expires": "2026-11-01T10:00:00.000000000Z",
		}},
		{Kind: change.KindApproved, Change: c.ID, Principal: "ann", Facts: map[string]string{"level": "user", "by": "ann"}},
		{Kind: "applying", Change: c.ID, Principal: "ann"},
		{Kind: change.KindCall, Change: c.ID, Facts: map[string]string{"route": "/contacts/{id}"}},
		{Kind: change.KindRecorded, Change: c.ID, Principal: "ann", Facts: map[string]string{"failed": "0", "changed": "1"}},
		{Kind: "partial", Change: c.ID, Principal: "ann"},
		{Kind: change.KindRefused, Principal: "bob"},
	}
	for at, facts := range map[int][]string{0: {"digest", "head", "state"}, 2: {"state"}, 4: {"digest", "reasons"},
		5: {"state"}} {
		for _, fact := range facts {
			if len(got[at].Facts[fact]) != 64 {
				t.Errorf("event %d, %s: %q", at, fact, got[at].Facts[fact])
			}
			if want[at].Facts == nil {
				want[at].Facts = make(map[string]string)
			}
			want[at].Facts[fact] = got[at].Facts[fact]
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(change.Event{}, "Seq", "Time", "Previous", "Hash")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	previous := ""
	for i, e := range got {
		body, err := e.Body()
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if e.Seq != int64(i+1) || e.Previous != previous || e.Hash != hex.EncodeToString(sum[:]) {
			t.Errorf("event %d: %+v", i, e)
		}
		previous = e.Hash
		for _, secret := range []string{"ada@", "507f1f77bcf86cd799439011", "Brien", "hi</b>", "12345678901234567890"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("event %d tells %q: %s", i, secret, body)
			}
		}
	}
	if e := got[5]; !e.Time.Equal(changetest.Epoch.Add(2*time.Second)) || time.Since(got[3].Time) > time.Hour {
		t.Errorf("times: %v, %v", e.Time, got[3].Time)
	}
	told := make(map[change.Kind]bool)
	for _, e := range events(t, s, changetest.Epoch.Add(2*time.Second)) {
		told[e.Kind] = true
	}
	if !told["partial"] || told["applying"] || told[change.KindPlanned] {
		t.Errorf("since the end of the work: %v", told)
	}
	for e, err := range s.Events(t.Context(), change.EventQuery{}) { // and no more
		if err != nil || e.Seq != 1 {
			t.Errorf("%+v, %v", e, err)
		}
		break
	}
}

// TestAppendOnly cannot change events by accident.
func TestAppendOnly(t *testing.T) {
	s, _ := audited(t)
	for _, statement := range []string{"UPDATE events SET hash = ''", "DELETE FROM events"} {
		if _, err := s.database.file.write.ExecContext(t.Context(), statement); err == nil ||
			!strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if found, err := s.VerifyAudit(t.Context()); err != nil || found.Head.Seq != 7 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestTampering does to the file what can be done to it past the store.
func TestTampering(t *testing.T) {
	t.Parallel()
	const free = "DROP TRIGGER events_are_not_updated; DROP TRIGGER events_are_not_deleted; "
	for name, test := range map[string]struct{ statement, problem string }{
		"edited": {"UPDATE events SET body = replace(body, 'ann', 'bob') WHERE seq = 2",
			"event 2 was edited"},
		"a blank": {"UPDATE events SET body = body || ' ' WHERE seq = 3", "event 3 was edited"},
		"edited and hashed": {"UPDATE events SET body = replace(body, 'ann', 'bob') WHERE seq = 2",
			"event 3 does not follow"},
		"hash": {"UPDATE events SET hash = replace(hash, substr(hash, 1, 4), '0000') WHERE seq = 7",
			"event 7 was edited"},
		"first removed": {"DELETE FROM events WHERE seq = 1", "events 1 to 1 are missing"},
		"some removed":  {"DELETE FROM events WHERE seq IN (4, 5)", "events 4 to 5 are missing"},
		"closed the gap": {"DELETE FROM events WHERE seq = 4; UPDATE events SET seq = seq - 1 WHERE seq > 4",
			"event 4 is not in its place"},
		"swapped": {"UPDATE events SET seq = 100 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; UPDATE events " +
			"SET seq = 5 WHERE seq = 100", "event 4 is not in its place"},
		"inserted": {"INSERT INTO events (body, hash) SELECT body, hash FROM events WHERE seq = 7",
			"event 8 is not in its place"},
		"end cut off": {"DELETE FROM events WHERE seq = 7", "the trail ends at event 6, there was an event 7"},
		"all removed": {"DELETE FROM events", "the trail ends at event 0"},
		"end cut off softly": {"DELETE FROM events WHERE seq >= 6; UPDATE sqlite_sequence SET seq = 5",
			"is partial, the trail tells \"applying\""},
		"status": {"UPDATE changes SET status = 'declined'", "is found by other facts than its own"},
		"status within": {"UPDATE changes SET body = replace(body, '\"partial\"', '\"applied\"')",
			"is applied, the trail tells \"partial\""},
		"change removed": {"DELETE FROM items; DELETE FROM changes", "is gone"},
		"change smuggled in": {"INSERT INTO changes SELECT 99, 'chg_x', principal, effect, status, created_at, " +
			"started_at, approval, owner, lease_until, body, forgotten, undoes, stop_by, " +
			"stop_reason, size, expires_at, level, email FROM changes",
			"change chg_x is not in the trail"},
		"when it began": {"UPDATE changes SET started_at = started_at - 1000000000000",
			"is found by other facts than its own"},
		"when it came":            {"UPDATE changes SET created_at = created_at + 1", "is found by other facts than its own"},
		"its effect":              {"UPDATE changes SET effect = 'other'", "is found by other facts than its own"},
		"what it is said to undo": {"UPDATE changes SET undoes = ''", "is found by other facts than its own"},
		"forgotten":               {"UPDATE changes SET forgotten = 1", "is found by other facts than its own"},
		"forgotten within": {"UPDATE changes SET forgotten = 1, body = json_set(body, '$.Forgotten', json('true'))",
			"is found by other facts than its own"},
		"numbered anew": {"UPDATE items SET idx = idx + 1000", "did not come to what the trail tells"},
		"stopped":       {"UPDATE changes SET stop_by = 'eve'", "is found by other facts than its own"},
		"why it was stopped": {"UPDATE changes SET stop_by = 'ann', stop_reason = 'x'",
			"is found by other facts than its own"},
		"what an item counts as": {"UPDATE items SET target = 'other' WHERE idx = 0", "did not come to what the trail tells"},
		"a stray item": {"PRAGMA foreign_keys = 0; INSERT INTO items SELECT 99, idx, outcome, body, target " +
			"FROM items", "2 items are of no change"},
		"why it is so": {"UPDATE changes SET body = json_set(body, '$.Reason', 'none')",
			"did not come to where it stands"},
		"when it ended": {"UPDATE changes SET body = json_set(body, '$.EndedAt', '2020-01-01T00:00:00Z')",
			"did not come to where it stands"},
		"the yes's policy": {"UPDATE changes SET body = json_set(body, '$.Approval.Revision', 'r9')",
			"did not come to where it stands"},
		"why an item failed": {"UPDATE items SET body = json_set(body, '$.Reason', 'none') WHERE idx = 0",
			"did not come to what the trail tells"},
		"what is missing": {"UPDATE items SET body = json_set(body, '$.Missing', json('[\"a\"]')) WHERE idx = 0",
			"did not come to what the trail tells"},
		"an item's facts": {"UPDATE items SET body = json_set(body, '$.Facts', json('{\"a\":1}')) WHERE idx = 0",
			"did not come to what the trail tells"},
		"a before-image": {"UPDATE items SET body = json_set(body, '$.Before.Set.name', 'Eve') WHERE idx = 0",
			"are not those that were planned"},
		"a patch": {"UPDATE items SET body = json_set(body, '$.Patch.Set.phone', '1') WHERE idx = 0",
			"are not those that were planned"},
		"a target": {"UPDATE items SET body = json_set(body, '$.Contact', 'other') WHERE idx = 0",
			"are not those that were planned"},
		"items swapped": {"UPDATE items SET idx = 9 WHERE idx = 0; UPDATE items SET idx = 0 WHERE idx = 1; UPDATE " +
			"items SET idx = 1 WHERE idx = 9", "are not those that were planned"},
		"an item removed": {"DELETE FROM items WHERE idx = 1", "has 1 items, the trail tells 2"},
		"an outcome": {"UPDATE items SET outcome = 'changed', body = json_set(body, '$.Outcome', 'changed') " +
			"WHERE idx = 0", "did not come to what the trail tells"},
		"an outcome outside": {"UPDATE items SET outcome = 'changed' WHERE idx = 0", "did not come to what the trail tells"},
		"the yes": {"UPDATE changes SET approval = 'approver', body = json_set(body, '$.Approval.Level', " +
			"'approver')", "is confirmed at level approver by \"ann\", the trail tells user"},
		"who said yes": {"UPDATE changes SET body = json_set(body, '$.Approval.By', 'eve')",
			"by \"eve\", the trail tells user by \"ann\""},
		"who asked":    {"UPDATE changes SET principal = 'eve'", "is found by other facts than its own"},
		"their e-mail": {"UPDATE changes SET email = 'eve@example.com'", "is found by other facts than its own"},
		"a tool": {"UPDATE changes SET body = json_set(body, '$.Tool', 'other')",
			"is not the one that was planned"},
		"what it undoes": {"UPDATE changes SET body = json_set(body, '$.Undoes', 'chg_other')",
			"is not the one that was planned"},
		"a reason": {"UPDATE changes SET body = json_set(body, '$.Decision.Reasons[0].Text', 'none')",
			"is not the one that was planned"},
		"an event that says it was erased": {"UPDATE events SET body = json_set(body, '$.facts.erased', 'yes') WHERE seq = 2",
			"event 2 was edited"},
		"what was created": {"UPDATE items SET body = json_set(body, '$.Created', 'other') WHERE idx = 0",
			"did not come to what the trail tells"},
		"a code": {"UPDATE items SET body = json_set(body, '$.Code', 'busy') WHERE idx = 0",
			"did not come to what the trail tells"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := audited(t)
			execRaw(t, s.Path(), free+test.statement)
			if name == "edited and hashed" {
				body := strings.Replace(bodyOf(t, s, 2), "ann", "bob", 1)
				execRaw(t, s.Path(), fmt.Sprintf("UPDATE events SET hash = '%s' WHERE seq = 2", change.HashBody([]byte(body))))
			}
			_, err := s.VerifyAudit(t.Context())
			if !errors.Is(err, change.ErrTampered) || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%v, want %q", err, test.problem)
			}
		})
	}
}

// TestTamperingWithHeld does it to what the file holds against later changes.
func TestTamperingWithHeld(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ statement, problem string }{
		"nothing": {"", ""},
		"whose it is": {"UPDATE workspace SET name = 'b'",
			"the file is of workspace \"b\", the trail tells \"a\""},
		"whose it was":           {"DELETE FROM workspace", "the file is of workspace \"\", the trail tells \"a\""},
		"a freeze lifted":        {"DELETE FROM freeze", "the freeze of writes is not as the trail tells"},
		"another's freeze":       {"UPDATE freeze SET by = 'eve'", "the freeze of writes is not as the trail tells"},
		"a freeze for no reason": {"UPDATE freeze SET reason = ''", "the freeze of writes is not as the trail tells"},
		"a no removed": {"DELETE FROM declines WHERE rowid = (SELECT max(rowid) FROM declines)",
			"what was declined is not what is held"},
		"a no moved": {"UPDATE declines SET at = at - 1 WHERE rowid = (SELECT max(rowid) FROM declines)",
			"what was declined is not what is held"},
		"a no smuggled in": {"INSERT INTO declines SELECT principal, at, place, 'x' FROM declines LIMIT 1",
			"what was declined is not what is held"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ofWorkspace(t, filepath.Join(t.TempDir(), "changes.db"), "a")
			for i := range 3 {
				c := changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
				changetest.Advance(t, s, c.ID,
					change.Step{To: change.StatusDeclined, At: changetest.Epoch.Add(time.Duration(i) * change.DeclineHolds)})
			}
			if err := s.Shared().Stops.Freeze(t.Context(), change.Actor{By: "ops"}, "wrong tags"); err != nil {
				t.Fatal(err)
			}
			execRaw(t, s.Path(), test.statement)
			_, err := openAt(t, s.Path()).VerifyAudit(t.Context())
			if (err == nil) != (test.problem == "") || err != nil &&
				(!errors.Is(err, change.ErrTampered) || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("%v, want %q", err, test.problem)
			}
		})
	}
}

// TestTamperingWithPlanned forges what became of items before anything did.
func TestTamperingWithPlanned(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"Code", "Reason", "Created", "Missing[0]", "Facts.a"} {
		s := openTemp(t)
		changetest.Create(t, s, changetest.Full())
		execRaw(t, s.Path(), "UPDATE items SET body = json_set(body, '$."+field+"', 'forged')")
		if _, err := s.VerifyAudit(t.Context()); !errors.Is(err, change.ErrTampered) {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// bodyOf reads an event as it is kept.
func bodyOf(t *testing.T, s *Store, seq int) (body string) {
	t.Helper()
	reader, err := s.database.file.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.QueryRowContext(t.Context(), "SELECT body FROM events WHERE seq = ?", seq).Scan(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

// TestNotedHead finds what only a head that was noted elsewhere can find: a
// file that was put back to an earlier state, and one that was written anew.
func TestNotedHead(t *testing.T) {
	t.Parallel()
	s, _ := audited(t)
	verified, err := s.VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	noted := verified.Head
	if again, err := change.ParseHead(noted.String()); err != nil || again != noted {
		t.Errorf("%v, %v", again, err)
	}
	changetest.Create(t, s, changetest.Planned(change.StatusAwaiting, 1))
	if _, err := s.VerifyAudit(t.Context(), noted, change.Head{}); err != nil {
		t.Errorf("the same trail, longer: %v", err)
	}
	path := filepath.Join(t.TempDir(), "anew.db")
	auditedFile.Make(t, path)
	if _, err := openAt(t, path).VerifyAudit(t.Context(), noted); !errors.Is(err, change.ErrTampered) ||
		!strings.Contains(err.Error(), "event 7 is not the one that was noted") {
		t.Errorf("another trail: %v", err)
	}
	earlier := openAt(t, filepath.Join(t.TempDir(), "changes.db"))
	changetest.Create(t, earlier, changetest.Planned(change.StatusAwaiting, 1))
	if _, err := earlier.VerifyAudit(t.Context(), noted); !errors.Is(err, change.ErrTampered) ||
		!strings.Contains(err.Error(), "ends at event 1, there was an event 7") {
		t.Errorf("an earlier state: %v", err)
	}
	for _, bad := range []string{"", "7", "x:" + noted.Hash, "7:abc", "-1:" + noted.Hash} {
		if _, err := change.ParseHead(bad); err == nil {
			t.Errorf("%q passes for a head", bad)
		}
	}
}

// TestForgottenDecline forgets what was declined long ago: what is held of it still
// is no sign of tampering.
func TestForgottenDecline(t *testing.T) {
	s := openTemp(t)
	for i := range 2 {
		c := changetest.Planned(change.StatusAwaiting, 1)
		c.CreatedAt = changetest.Epoch.Add(time.Duration(i) * time.Minute)
		c = changetest.Create(t, s, c)
		changetest.Advance(t, s, c.ID, change.Step{To: change.StatusDeclined, At: c.CreatedAt})
		if _, err := s.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for i := range 2 {
		if n, err := s.PurgeValues(t.Context(), changetest.Epoch.Add(time.Duration(i+1)*time.Minute)); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if _, err := s.VerifyAudit(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
