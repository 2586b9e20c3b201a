package engine

import (
	"errors"
	"slices"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestIsOurs holds whose contact a refused creation ran into: the change's own only where it was created since the work
// began.
func TestIsOurs(t *testing.T) {
	sb := sandbox.New(sandbox.Options{Contacts: -1})
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("eve@example.com")})
	if err != nil {
		t.Fatal(err)
	}
	_, conflict := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("eve@example.com")})
	if existingID(conflict) != created.ID {
		t.Fatalf("no conflict with it: %v", conflict)
	}
	_, invalid := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("nobody")})
	at := created.CreatedAt.Time()
	for name, test := range map[string]struct {
		began time.Time
		err   error
		want  bool
	}{
		"created since":                        {at.Add(-time.Minute), conflict, true},
		"created as it began":                  {at, conflict, true},
		"created within the skew of clocks":    {at.Add(clockSkew), conflict, true},
		"created before":                       {at.Add(clockSkew + time.Second), conflict, false},
		"created long before":                  {at.Add(24 * time.Hour), conflict, false},
		"no conflict":                          {at, invalid, false},
		"no error of Intercom's":               {at, errors.New("no"), false},
		"a conflict with who cannot be read":   {at, &intercom.Error{ConflictID: "6467c612c4f5a586560fffff"}, false},
		"a conflict with nobody in particular": {at, &intercom.Error{}, false},
	} {
		a := &applier{client: client, change: &change.Change{AppliedAt: test.began}}
		if got := isOurs(t.Context(), a, test.err); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// TestWrittenSince names what others have given a contact that was created.
func TestWrittenSince(t *testing.T) {
	planned := change.Patch{Op: change.Create, Set: map[string]any{"name": "Eve", "custom_attributes.plan": "pro",
		"phone": "+1"}, AddTags: refs("1"), AddCompanies: refs("2")}
	held := func() *intercom.Contact {
		return &intercom.Contact{ID: "63e35680c4f5a586566fffff", Role: "user", Name: "Eve", Phone: "+1",
			CustomAttributes: map[string]any{"plan": "pro"},
			Tags:             intercom.RefList{IDs: []string{"1"}}, Companies: intercom.RefList{IDs: []string{"2"}}}
	}
	for name, test := range map[string]struct {
		outcome change.Outcome
		edit    func(c *intercom.Contact)
		want    []string
	}{
		"nothing":                {change.Changed, func(*intercom.Contact) {}, nil},
		"another name":           {change.Changed, func(c *intercom.Contact) { c.Name = "Eva" }, []string{"name"}},
		"another name of a part": {change.Partly, func(c *intercom.Contact) { c.Name = "Eva" }, []string{"name"}},
		"a missing part, since":  {change.Partly, func(c *intercom.Contact) { c.Phone = "+2" }, nil},
		"another field": {change.Changed, func(c *intercom.Contact) { c.Email = "eve@example.com" },
			[]string{"email"}},
		"another field of a part": {change.Partly, func(c *intercom.Contact) { c.Email = "eve@example.com" },
			[]string{"email"}},
		"unsubscribed": {change.Changed, func(c *intercom.Contact) { c.UnsubscribedFromEmails = true },
			[]string{"unsubscribed_from_emails"}},
		"an external_id": {change.Changed, func(c *intercom.Contact) { c.ExternalID = "7" },
			[]string{"external_id"}},
		"a lead's external_id": {change.Changed, func(c *intercom.Contact) { c.ExternalID, c.Role = "7", "lead" }, nil},
		"another attribute": {change.Changed, func(c *intercom.Contact) { c.CustomAttributes["tier"] = "gold" },
			[]string{"custom_attributes.tier"}},
		"an attribute of nothing": {change.Changed, func(c *intercom.Contact) { c.CustomAttributes["tier"] = nil }, nil},
		"a tag more": {change.Changed, func(c *intercom.Contact) { c.Tags.IDs = []string{"1", "9"} },
			[]string{"tags"}},
		"a tag less": {change.Changed, func(c *intercom.Contact) { c.Tags.IDs = nil }, []string{"tags"}},
		"a company more": {change.Changed, func(c *intercom.Contact) { c.Companies.IDs = []string{"2", "9"} },
			[]string{"companies"}},
		"a note": {change.Changed, func(c *intercom.Contact) { c.Notes.IDs = []string{"9"} },
			[]string{"notes"}},
		"a tag more, and one lacks": {change.Changed, func(c *intercom.Contact) {
			c.Tags.IDs, c.Name = []string{"9", "8"},
				"Eva"
		}, []string{"name", "tags"}},
		"several": {change.Changed, func(c *intercom.Contact) {
			c.Email, c.CustomAttributes["tier"] = "eve@example.com", "gold"
		}, []string{"custom_attributes.tier", "email"}},
		"what cannot be read, of people": {change.Changed, func(c *intercom.Contact) {
			c.Odd = map[string]string{"email": "is no text", "custom_attributes.tier": "is an object", "role": "is no text",
				"last_seen_at": "is no number"}
		}, []string{"custom_attributes.tier", "email"}},
	} {
		c := held()
		test.edit(c)
		var missing []string
		if test.outcome == change.Partly {
			missing = []string{"phone"}
		}
		got, err := writtenSince(t.Context(), nil, &change.Item{Outcome: test.outcome, Patch: planned, Missing: missing}, c)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestNoteIDs asks for a contact's notes where it has more than it carries along.
func TestNoteIDs(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.note(0, "Called.")
	for i, want := range []int{1, 0} {
		c := &intercom.Contact{ID: f.user(i).ID, Notes: intercom.RefList{HasMore: true}}
		if ids, err := noteIDs(t.Context(), f.client, c); err != nil || len(ids) != want {
			t.Errorf("%d notes, want %d, %v", len(ids), want, err)
		}
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/notes", Status: 403})
	if _, err := noteIDs(t.Context(), f.client,
		&intercom.Contact{ID: f.user(0).ID, Notes: intercom.RefList{HasMore: true}}); err == nil {
		t.Error("notes that cannot be read are read")
	}
	if ids, err := noteIDs(t.Context(), f.client, &intercom.Contact{Notes: intercom.RefList{IDs: []string{"7"},
		HasMore: true}}); err != nil || len(ids) != 1 {
		t.Errorf("%v, %v", ids, err)
	}
}
