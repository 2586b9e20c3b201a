package changetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// Epoch is when the changes of the suite are made.
var Epoch = time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)

// Planned is a change of principal ann with n items.
func Planned(status change.Status, n int) change.Change {
	c := change.Change{ID: change.NewID(), Principal: "ann", Tool: "update_contact", Binding: "b", Fingerprint: "b",
		Status: status, Verb: "update", CreatedAt: Epoch}
	for i := range n {
		c.Items = append(c.Items, change.Item{TargetID: fmt.Sprint(i), Patch: change.Patch{Set: map[string]any{"name": "x"}}})
	}
	return c
}

// Create records a change.
func Create(t testing.TB, s change.Store, c change.Change) change.Change {
	t.Helper()
	if _, err := s.Create(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// Advance takes a step that is allowed.
func Advance(t testing.TB, s change.Store, id string, step change.Step) change.Change {
	t.Helper()
	c, err := s.Advance(t.Context(), id, step)
	if err != nil {
		t.Fatalf("to %s: %v", step.To, err)
	}
	return c
}

// Yes is a user's.
var Yes = &change.Approval{Level: policy.LevelUser, By: "ann", At: Epoch}

// ways leads to each status: the one at creation, and the steps from there.
var ways = map[change.Status][]change.Status{
	change.StatusAwaiting:  {change.StatusAwaiting},
	change.StatusApproved:  {change.StatusApproved},
	change.StatusApplying:  {change.StatusApproved, change.StatusApplying},
	change.StatusApplied:   {change.StatusApproved, change.StatusApplying, change.StatusApplied},
	change.StatusPartial:   {change.StatusApproved, change.StatusApplying, change.StatusPartial},
	change.StatusFailed:    {change.StatusApproved, change.StatusApplying, change.StatusFailed},
	change.StatusUnknown:   {change.StatusApproved, change.StatusApplying, change.StatusUnknown},
	change.StatusStopped:   {change.StatusApproved, change.StatusApplying, change.StatusStopped},
	change.StatusDeclined:  {change.StatusAwaiting, change.StatusDeclined},
	change.StatusExpired:   {change.StatusAwaiting, change.StatusExpired},
	change.StatusCancelled: {change.StatusAwaiting, change.StatusCancelled},
	change.StatusStale:     {change.StatusAwaiting, change.StatusApplying, change.StatusStale},
	change.StatusUndone:    {change.StatusApproved, change.StatusApplying, change.StatusApplied, change.StatusUndone},
}

// Reach creates a change and takes it to a status.
func Reach(t *testing.T, s change.Store, status change.Status) change.Change {
	t.Helper()
	way := ways[status]
	c := Create(t, s, Planned(way[0], 1))
	for _, to := range way[1:] {
		Advance(t, s, c.ID, change.Step{To: to, At: Epoch, Approval: Yes})
	}
	return c
}

// Full is a change with something in every field.
func Full() change.Change {
	c := change.Change{
		ID: change.NewID(), Principal: "ann", Tool: "update_contact", Binding: "b", Fingerprint: "b",
		Status: change.StatusAwaiting, Level: policy.LevelUser,
		Decision: policy.Decision{
			Verdict: policy.Confirm, Level: policy.LevelUser, Fallback: true,
			Reasons: []policy.Reason{{Rule: "many", Verdict: policy.Confirm, Level: policy.LevelUser, Text: "more than 10"}},
		},
		Revision: "r1", Verb: "update <ada> & \u2028 co", SideEffects: []string{"a\nb"}, Irreversible: "why",
		Masked: []string{"phone"}, Conflicts: []string{"l"}, Notes: []string{"n1", "n2"},
		CreatedAt: Epoch.Add(123456789 * time.Nanosecond), ExpiresAt: Epoch.Add(time.Hour), Undoes: change.NewID(),
	}
	values := map[string]any{
		"name": "Ada \"O'Brien\" \x7f \U0001f600", "unsubscribed_from_emails": true, "phone": nil,
		"owner_id":            json.Number("12345678901234567890"),
		"custom_attributes.n": json.Number("0.10000000000000000555"), "custom_attributes.e": json.Number("-1E+400"),
		"custom_attributes.empty": "",
	}
	c.Items = []change.Item{
		{
			TargetID: "507f1f77bcf86cd799439011", Label: "ada@example.com",
			Patch: change.Patch{
				Set: values, AddTags: []change.Ref{{ID: "1", Name: "VIP"}}, RemoveTags: []change.Ref{{ID: "2"}},
				AddCompanies: []change.Ref{{ID: "3", Name: "Acme", Key: "acme"}}, RemoveCompanies: []change.Ref{{ID: "4"}},
				Note: &change.Note{Body: "<b>hi</b>", Admin: "5"},
			},
			Before: change.Image{Set: values, Tags: []string{"2"}, Companies: []string{"4"}, Notes: []string{"5"}},
		},
		{Label: "skipped", Outcome: change.Unchanged},
	}
	return c
}

// Updating is a change that gives contacts the same values.
func Updating(set map[string]any, contacts ...string) change.Change {
	c := Planned(change.StatusAwaiting, 0)
	for _, id := range contacts {
		c.Items = append(c.Items, change.Item{TargetID: id, Patch: change.Patch{Set: set}})
	}
	return c
}
