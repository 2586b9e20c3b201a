package changetest

import (
	"encoding/json"
	"testing"

	"intercom-mcp/policy/change"
)

// to is a change of contact a.
func to(patch change.Patch) change.Change {
	c := Planned(change.StatusAwaiting, 0)
	c.Items = []change.Item{{TargetID: "a", Patch: patch}}
	return c
}

// someone is a change that creates a contact.
func someone(set map[string]any) change.Change {
	c := to(change.Patch{Op: change.Create, Set: set})
	c.Items[0].TargetID, c.Items[0].Label = "", "x"
	return c
}

// company is a change that creates a company of an industry.
func company(key, industry string) change.Change {
	c := someone(map[string]any{"industry": industry})
	c.Items[0].Patch.Op, c.Items[0].Patch.Key = change.SaveCompany, key
	return c
}

// declineCase asks for one thing after a person declined another.
type declineCase struct {
	declined, again change.Change
	want            string // what a decision is told; "" for nothing
}

const declined, contested = "declined", "contested"

func declineCases() map[string]declineCase {
	pro, basic := map[string]any{"custom_attributes.plan": "pro"}, map[string]any{"custom_attributes.plan": "basic"}
	done := Updating(pro, "a")
	done.Items[0].Outcome = change.Unchanged
	vip := []change.Ref{{ID: "1", Name: "VIP"}}
	relabelled := to(change.Patch{Op: change.Archive})
	relabelled.Items[0].Label = "other words"
	return map[string]declineCase{
		"the same":    {Updating(pro, "a", "b"), Updating(pro, "b", "a"), declined},
		"a part":      {Updating(pro, "a", "b"), Updating(pro, "b"), declined},
		"and another": {Updating(pro, "a"), Updating(pro, "a", "z"), contested},
		"one more field": {Updating(pro, "a"), Updating(map[string]any{"custom_attributes.plan": "pro", "name": "x"},
			"a"), contested},
		"one field less": {Updating(map[string]any{"custom_attributes.plan": "pro", "name": "x"}, "a"),
			Updating(pro, "a"), declined},
		"another value":      {Updating(pro, "a"), Updating(basic, "a"), contested},
		"cleared":            {Updating(pro, "a"), Updating(map[string]any{"custom_attributes.plan": nil}, "a"), contested},
		"another field":      {Updating(pro, "a"), Updating(map[string]any{"name": "pro"}, "a"), ""},
		"another contact":    {Updating(pro, "a"), Updating(pro, "b"), ""},
		"what is so already": {Updating(pro, "a"), done, ""},
		"nothing was to do":  {done, Updating(pro, "a"), ""},
		"a number": {Updating(map[string]any{"owner_id": json.Number("1")}, "a"),
			Updating(map[string]any{"owner_id": json.Number("1")}, "a"), declined},
		"a tag": {to(change.Patch{AddTags: vip}),
			to(change.Patch{AddTags: append([]change.Ref{{ID: "2"}}, vip...)}), contested},
		"off again":           {to(change.Patch{AddTags: vip}), to(change.Patch{RemoveTags: vip}), contested},
		"another tag":         {to(change.Patch{AddTags: vip}), to(change.Patch{AddTags: []change.Ref{{ID: "2"}}}), ""},
		"a company's id":      {to(change.Patch{AddTags: vip}), to(change.Patch{AddCompanies: vip}), ""},
		"a company off":       {to(change.Patch{AddCompanies: vip}), to(change.Patch{RemoveCompanies: vip}), contested},
		"a company again":     {to(change.Patch{RemoveCompanies: vip}), to(change.Patch{RemoveCompanies: vip}), declined},
		"a new company":       {company("acme", "Retail"), company("acme", "Retail"), declined},
		"of another industry": {company("acme", "Retail"), company("acme", "Toys"), contested},
		"another company":     {company("acme", ""), company("umbrella", ""), ""},
		"nameless contacts": {someone(map[string]any{"email": "a@x.com", "name": ""}),
			someone(map[string]any{"email": "b@x.com", "name": ""}), ""},
		"a note": {to(change.Patch{Note: &change.Note{Body: "n", Admin: "1"}}),
			to(change.Patch{Note: &change.Note{Body: "n", Admin: "2"}}), declined},
		"another note": {to(change.Patch{Note: &change.Note{Body: "n"}}),
			to(change.Patch{Note: &change.Note{Body: "m"}}), contested},
		"to archive":         {to(change.Patch{Op: change.Archive}), relabelled, declined},
		"to delete":          {to(change.Patch{Op: change.Archive}), to(change.Patch{Op: change.Delete}), contested},
		"to archive instead": {to(change.Patch{Op: change.Delete}), to(change.Patch{Op: change.Archive}), contested},
		"a merge": {to(change.Patch{Op: change.Merge, Into: &change.Ref{ID: "b", Name: "B"}}),
			to(change.Patch{Op: change.Merge, Into: &change.Ref{ID: "b"}}), declined},
		"another merge": {to(change.Patch{Op: change.Merge, Into: &change.Ref{ID: "b"}}),
			to(change.Patch{Op: change.Merge, Into: &change.Ref{ID: "c"}}), contested},
		"someone new": {someone(map[string]any{"email": "a@x.com", "name": "a"}),
			someone(map[string]any{"email": "a@x.com", "name": "a"}), declined},
		"in capitals": {someone(map[string]any{"email": "a@x.com"}), someone(map[string]any{"email": "A@x.com"}), contested},
		"someone by name": {someone(map[string]any{"email": "a@x.com", "name": "Dec"}),
			someone(map[string]any{"role": "lead", "name": "Dec"}), contested},
		"by another id": {someone(map[string]any{"email": "a@x.com", "name": "Dec"}),
			someone(map[string]any{"external_id": "d", "name": "Dec"}), contested},
		"their e-mail": {someone(map[string]any{"email": "a@x.com", "name": "Dec"}),
			Updating(map[string]any{"email": "A@x.com"}, "z"), contested},
		"somebody's phone": {Updating(map[string]any{"phone": "+1555"}, "a"), Updating(map[string]any{"phone": "+1555"}, "b"),
			contested},
		"someone else": {someone(map[string]any{"email": "a@x.com"}), someone(map[string]any{"email": "b@x.com"}), ""},
	}
}

// testDeclined asks, in parts and with other things, for what a person declined.
func testDeclined(t *testing.T, s change.Store) {
	for name, test := range declineCases() {
		t.Run(name, func(t *testing.T) {
			test.declined.Principal, test.again.Principal = name, name
			no := Create(t, s, test.declined)
			Advance(t, s, no.ID, change.Step{To: change.StatusDeclined, At: Epoch})
			got := recent(t, s, test.again, Epoch.Add(change.DeclineHolds))
			if got.Declined != (test.want == declined) || got.Contested != (test.want == contested) {
				t.Errorf("%+v", got)
			}
			if late := recent(t, s, test.again, Epoch.Add(change.DeclineHolds+1)); late.Declined || late.Contested {
				t.Errorf("half an hour later: %+v", late)
			}
			other := test.again
			other.Principal = "bob"
			if bobs := recent(t, s, other, Epoch); bobs.Declined || bobs.Contested {
				t.Errorf("somebody else: %+v", bobs)
			}
		})
	}
}
