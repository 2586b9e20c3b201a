package sandbox

import (
	"testing"
)

// TestEmbeddedReferences holds that a contact shows ten of each relation and
// tells how many there are.
func TestEmbeddedReferences(t *testing.T) {
	c := newCaller(t, Options{})
	for _, relation := range []string{"tags", "companies", "notes"} {
		found := false
		for _, contact := range c.Contacts() {
			n := map[string]int{"tags": len(contact.TagIDs), "companies": len(contact.CompanyIDs),
				"notes": len(c.Notes(contact.ID))}[relation]
			if n <= 10 || !contact.reachable() {
				continue
			}
			found = true
			a := c.ok("GET", "/contacts/"+contact.ID, "")
			refs, _ := a.at(relation + ".data").([]any)
			if len(refs) != 10 || a.number(relation+".total_count") != n || a.at(relation+".has_more") != true {
				t.Errorf("%s of %s: %v", relation, contact.ID, a.at(relation))
			}
			if got := c.ok("GET", "/contacts/"+contact.ID+"/"+relation, "").ids(); len(got) != n {
				t.Errorf("%d %s listed, want %d", len(got), relation, n)
			}
		}
		if !found {
			t.Errorf("no contact has more than ten %s", relation)
		}
	}
}
