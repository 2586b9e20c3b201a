package sandbox

import (
	"bytes"
	"slices"
	"testing"
	"time"
	"unicode/utf8"
)

// TestSeedRepeats holds that a seed decides the workspace, and that ids do not
// even depend on the clock or on how many contacts there are.
func TestSeedRepeats(t *testing.T) {
	one, two := New(Options{Now: atNoon}), New(Options{Now: atNoon, Seed: 1})
	if !bytes.Equal(one.Snapshot(), two.Snapshot()) {
		t.Error("two workspaces of one seed differ")
	}
	if got := one.Contacts()[0].ID; got != "6467c612c4f5a58656010000" {
		t.Errorf("the first contact is %s: ids that recordings hold have changed", got)
	}
	other := New(Options{Now: atNoon, Seed: 2})
	if bytes.Equal(one.Snapshot(), other.Snapshot()) {
		t.Error("two seeds make the same workspace")
	}
	later := New(Options{Now: func() time.Time { return noon.AddDate(0, 3, 0) }, Contacts: 100})
	if got, want := later.Contacts()[99].ID, one.Contacts()[99].ID; got != want {
		t.Errorf("the hundredth contact is %s and not %s", got, want)
	}
}

// TestSnapshotSeesWrites holds that a snapshot tells a change, and not one
// that was taken back.
func TestSnapshotSeesWrites(t *testing.T) {
	c := newCaller(t, Options{})
	before, contact := c.Snapshot(), c.Contacts()[0]
	c.Advance(time.Hour)
	c.ok("PUT", "/contacts/"+contact.ID, `{"name":"Other"}`)
	if bytes.Equal(before, c.Snapshot()) {
		t.Error("a new name is not in the snapshot")
	}
	c.ok("PUT", "/contacts/"+contact.ID, `{"name":"`+contact.Name+`"}`)
	if !bytes.Equal(before, c.Snapshot()) {
		t.Error("the old name does not make the old snapshot")
	}
}

// TestSeededWorkspace holds what the default workspace is known for.
func TestSeededWorkspace(t *testing.T) {
	c := newCaller(t, Options{})
	if got := c.ok("GET", "/contacts", "").number("total_count"); got != 500 {
		t.Errorf("%d contacts", got)
	}
	if got := len(c.Companies()); got != 40 {
		t.Errorf("%d companies", got)
	}
	if got := len(c.Tags()); got < 14 {
		t.Errorf("%d tags", got)
	}
	acme := c.ok("GET", "/companies?company_id=acme", "")
	if got := acme.text("data.0.name"); got != "Acme Inc" {
		t.Errorf("acme is %q", got)
	}
	stale, trial := 0, 0
	tagged, employed, nameless := 0, 0, 0
	for _, contact := range c.Contacts() {
		if slices.Contains(contact.CompanyIDs, acme.text("data.0.id")) &&
			contact.LastSeenAt < noon.AddDate(0, 0, -90).Unix() {
			stale++
		}
		if contact.CustomAttributes["plan"] == "trial" {
			trial++
		}
		if contact.LastSeenAt > noon.Unix() || contact.LastSeenAt != 0 && contact.LastSeenAt < contact.CreatedAt {
			t.Errorf("%s was seen at %d", contact.ID, contact.LastSeenAt)
		}
		tagged = max(tagged, len(contact.TagIDs))
		employed = max(employed, len(contact.CompanyIDs))
		if utf8.RuneCountInString(contact.Name) > 300 || !utf8.ValidString(contact.Name) {
			t.Errorf("%s is called %q", contact.ID, contact.Name)
		}
		if contact.Email == "" && contact.Role == "user" {
			nameless++
		}
	}
	if stale < 20 || stale > 30 || trial <= 250 || tagged < 12 || employed < 12 || nameless == 0 {
		t.Errorf("stale at Acme %d, on trial %d, most tags %d, most companies %d, without e-mail %d", stale, trial, tagged,
			employed, nameless)
	}
	if got := c.search(`{"field":"email","operator":"=","value":"robin.vega@mail.example"}`); len(got) != 2 {
		t.Errorf("%d leads of one e-mail", len(got))
	}
	if got := c.search(`{"operator":"AND","value":[{"field":"email","operator":"=","value":"sam.ito@mail.example"},` +
		`{"field":"role","operator":"=","value":"user"}]}`); len(got) != 2 {
		t.Errorf("%d users of one e-mail", len(got))
	}
	c.ok("GET", "/contacts/find_by_external_id/crm%2FAcme%20Ltd@42%3Fx=1", "")
}

// TestSeedSizes holds that workspaces of all sizes can be made.
func TestSeedSizes(t *testing.T) {
	for _, size := range []int{-1, 1, 3, 65, 100, 12_000} {
		for _, firms := range []int{-1, 1, 2, 3, 100} {
			if size > 100 && firms < 100 {
				continue
			}
			s := New(Options{Contacts: size, Companies: firms, Now: atNoon})
			listed := 0
			ids := make(map[string]bool)
			for _, c := range s.Contacts() {
				if c.listed() {
					listed++
				}
				ids[c.ID] = true
			}
			if listed != max(size, 0) || len(s.Companies()) != max(firms, 0) || len(ids) != len(s.Contacts()) {
				t.Errorf("asked for %d contacts and %d companies, got %d and %d", size, firms, listed, len(s.Companies()))
			}
		}
	}
}
