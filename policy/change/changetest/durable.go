package changetest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy/change"
)

// testErase erases a contact from a store that outlives the process: nothing of it is left, the rest is as it was, and
// the trail is intact.
func testErase(t *testing.T, s change.Store) {
	durable, ok := s.(change.Durable)
	if !ok {
		t.Skip("it keeps nothing for long")
	}
	c := Planned(change.StatusAwaiting, 2)
	c.Items[0].Label, c.Items[1].Label = "ada@example.com", "bob@example.com"
	c.Items[0].Patch.Set = map[string]any{"email": "ada@example.com", "external_id": "u-1", "name": `Ada "R&D"`}
	c.Notes = []string{"ada@example.com is one of two"}
	Create(t, s, c)
	Advance(t, s, c.ID, change.Step{To: change.StatusDeclined, At: time.Now()})
	other := Planned(change.StatusAwaiting, 1)
	other.Items[0].TargetID, other.Items[0].Patch.Set = "9", map[string]any{"name": `friend of ADA "r&d"`}
	other.Items[0].Before.Set = map[string]any{"email": "", "external_id": ""}
	Create(t, s, other)
	Advance(t, s, other.ID, change.Step{To: change.StatusCancelled, At: time.Now()})
	open := Planned(change.StatusAwaiting, 1) // of the first contact, too
	open.Items[0].Label = "Éve Ünal"
	Create(t, s, open)

	by := change.Actor{By: "ops"}
	refusesToErase(t, durable, change.ErrNotFound, "nobody@example.com", "external_id:", "")
	refusesToErase(t, durable, change.ErrInUse, "ADA@example.com", "éVE üNAL") // while one waits
	Advance(t, s, open.ID, change.Step{To: change.StatusCancelled, At: time.Now()})
	done, err := durable.Erase(t.Context(), "external_id:u-1", by)
	if err != nil || !slices.Equal(done.IDs, []string{"0"}) || done.Changes != 2 || done.Events == 0 ||
		!slices.Equal(done.Mentioned, []string{other.ID}) {
		t.Errorf("%+v, %v", done, err)
	}
	kept, err := s.Get(t.Context(), "ann", c.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(&kept)
	if err != nil || strings.Contains(string(text), "ada@") || strings.Contains(string(text), "u-1") ||
		!kept.Items[0].Erased || kept.Items[1].Label != "bob@example.com" {
		t.Errorf("kept: %s, %v", text, err)
	}
	told := 0
	for _, err := range durable.Events(t.Context(), change.EventQuery{Target: "bob@example.com"}) {
		if err != nil {
			t.Fatal(err)
		}
		told++
	}
	if told != 2 {
		t.Errorf("%d events are of the other contact", told)
	}
	found, err := durable.VerifyAudit(t.Context())
	if err != nil || found.Erased != done.Events {
		t.Errorf("%+v, %v", found, err)
	}
}

// refusesToErase makes sure that no contact of some names is erased, for a reason.
func refusesToErase(t *testing.T, s change.Durable, want error, names ...string) {
	t.Helper()
	for _, name := range names {
		if done, err := s.Erase(t.Context(), name, change.Actor{By: "ops"}); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v; want %v", name, done, err, want)
		}
	}
}

// testEvents selects events by each of their facts.
func testEvents(t *testing.T, s change.Store) {
	durable, ok := s.(change.Durable)
	if !ok {
		t.Skip("it keeps no trail")
	}
	ann, bob := Planned(change.StatusApproved, 1), Planned(change.StatusApproved, 2)
	bob.Principal, bob.Tool, bob.Person.Email, bob.Items[1].Label = "bob", "add_note", "Bob@example.com", "åda@x.com"
	Create(t, s, ann)
	Create(t, s, bob)
	called := change.Event{Kind: change.KindCall, Principal: "eve", Time: Epoch.Add(time.Hour),
		Facts: map[string]string{"tool": "get_contact", "reason": "a\x00b"}}
	if err := s.Append(t.Context(), called); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		query change.EventQuery
		want  []int64
	}{
		"all":          {change.EventQuery{}, []int64{1, 2, 3}},
		"a kind":       {change.EventQuery{Kind: change.KindCall}, []int64{3}},
		"a change":     {change.EventQuery{Change: bob.ID}, []int64{2}},
		"a principal":  {change.EventQuery{Principal: "bob"}, []int64{2}},
		"a person":     {change.EventQuery{Principal: "bob@example.com"}, []int64{2}},
		"a call's":     {change.EventQuery{Principal: "eve"}, []int64{3}},
		"a tool":       {change.EventQuery{Tool: "add_note"}, []int64{2}},
		"a call":       {change.EventQuery{Tool: "get_contact"}, []int64{3}},
		"a target":     {change.EventQuery{Target: "0"}, []int64{1, 2}},
		"its label":    {change.EventQuery{Target: "ÅDA@x.com"}, []int64{2}},
		"since":        {change.EventQuery{Since: Epoch.Add(time.Hour)}, []int64{3}},
		"until":        {change.EventQuery{Until: Epoch.Add(time.Hour)}, []int64{1, 2}},
		"two together": {change.EventQuery{Until: Epoch.Add(time.Hour), Principal: "ann"}, []int64{1}},
	} {
		var got []int64
		for e, err := range durable.Events(t.Context(), test.query) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Seq)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	verifyTrail(t, s)
}
