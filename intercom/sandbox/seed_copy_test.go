package sandbox

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// TestSeedCopies holds that a workspace which is copied is the one that its seed makes, and shares nothing with others.
func TestSeedCopies(t *testing.T) {
	opts := Options{Now: atNoon, Seed: 77, Contacts: 100}.withDefaults()
	fresh := newWorkspace(opts, time.UTC)
	fresh.admins, fresh.tags = seedAdmins(), seedTags()
	fresh.seedObjects(opts, noon.Unix()/day*day)
	var before, after []byte
	for i := range 4 {
		c := newCaller(t, opts)
		if got, want := c.space.plans, fresh.plans; len(got) != len(want) || got[0] != want[0] {
			t.Errorf("workspace %d has the plans %v, want %v", i, got, want)
		}
		for n, made := range c.space.contacts.all {
			if want := fresh.contacts.all[n]; string(encoded(made.Contact)) != string(encoded(want.Contact)) ||
				fmt.Sprint(made.taggings, made.merges) != fmt.Sprint(want.taggings, want.merges) ||
				string(encoded(c.space.notes.of[made.ID])) != string(encoded(fresh.notes.of[want.ID])) {
				t.Fatalf("contact %d of workspace %d is %+v, want %+v", n, i, made, want)
			}
		}
		if before == nil {
			before = c.Snapshot()
		} else if !bytes.Equal(before, c.Snapshot()) {
			t.Errorf("workspace %d differs from the first", i)
		}
		change(c, c.Contacts())
		if bytes.Equal(before, c.Snapshot()) {
			t.Error("nothing changed")
		}
		if after == nil {
			after = c.Snapshot()
		} else if !bytes.Equal(after, c.Snapshot()) {
			t.Errorf("the same requests leave another workspace than the first: %d", i)
		}
	}
}

// change writes to everything that workspaces could share: attributes, tags, companies, notes, and contacts as such.
func change(c *caller, contacts []Contact) {
	for _, contact := range contacts[:30] {
		path := "/contacts/" + contact.ID
		c.ok("PUT", path, `{"custom_attributes":{"plan":"changed","seats":9}}`)
		c.ok("POST", path+"/notes", `{"body":"changed"}`)
		c.ok("POST", path+"/tags", `{"id":"`+c.Tags()[15].ID+`"}`)
		for _, id := range contact.TagIDs {
			c.ok("DELETE", path+"/tags/"+id, "")
		}
	}
	c.ok("DELETE", "/tags/"+c.Tags()[3].ID, "")
	c.ok("POST", "/companies", `{"company_id":"acme","plan":"New plan","custom_attributes":{"licences":1}}`)
	c.ok("DELETE", "/companies/"+c.Companies()[2].ID, "")
	c.ok("DELETE", "/contacts/"+contacts[40].ID, "")
}
