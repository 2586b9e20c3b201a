package engine

import (
	"net/http"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// TestEscaping tells by a search what a text is that Intercom gives as escaped, of the fields that can be searched for.
func TestEscaping(t *testing.T) {
	const plain, literal = "R&D", "R&amp;D"
	for name, test := range map[string]struct {
		escapes bool
		holds   string
		field   string
		other   bool // another contact is asked about
		fault   sandbox.Fault
		want    holding
		asks    bool
	}{
		"escaped":              {true, plain, "name", false, sandbox.Fault{}, asShown, true},
		"written so":           {false, literal, "name", false, sandbox.Fault{}, literally, true},
		"an external_id":       {false, literal, "external_id", false, sandbox.Fault{}, literally, true},
		"an attribute":         {true, plain, "custom_attributes.plan", false, sandbox.Fault{}, asShown, true},
		"another contact's":    {true, plain, "name", true, sandbox.Fault{}, unclear, true},
		"no field to look for": {true, plain, "avatar", false, sandbox.Fault{}, unclear, false},
		"no search": {true, plain, "name", false, sandbox.Fault{Path: "/contacts/search", Status: http.StatusForbidden},
			unclear, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, sandbox.Options{Contacts: 20, Escape: test.escapes})
			id := f.user(0).ID
			if test.field != "avatar" {
				body, err := contactWrite(map[string]any{test.field: test.holds})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.client.Contacts.Update(t.Context(), id, body); err != nil {
					t.Fatal(err)
				}
			}
			if test.other {
				id = f.user(1).ID
			}
			f.sandbox.AddFault(test.fault)
			f.sandbox.ResetCalls()
			e := NewEscaping(f.client)
			got, asked := e.ofContact(t.Context(), id, test.field, literal, plain), len(f.sandbox.Calls())
			if got != test.want || (asked > 0) != test.asks {
				t.Errorf("%d, asked %d times", got, asked)
			}
			if again := e.ofContact(t.Context(), id, test.field, literal, plain); again != got ||
				len(f.sandbox.Calls()) != asked {
				t.Errorf("%d the second time, which asks again", again)
			}
		})
	}
}

// TestEscapingOfCompany tells it of the names of companies.
func TestEscapingOfCompany(t *testing.T) {
	for escapes, want := range map[bool]holding{true: asShown, false: literally} {
		f := newFixture(t, sandbox.Options{Contacts: 20, Escape: escapes})
		acme, other := f.sandbox.Companies()[0].ID, f.sandbox.Companies()[1].ID
		holds := map[bool]string{true: "R&D", false: "R&amp;D"}[escapes]
		if _, err := f.client.Companies.Update(t.Context(), acme,
			intercom.CompanyWrite{Name: intercom.Value(holds)}); err != nil {
			t.Fatal(err)
		}
		if got := NewEscaping(f.client).ofCompany(t.Context(), acme, "name", "R&amp;D", "R&D"); got != want {
			t.Errorf("escapes %t: %d", escapes, got)
		}
		if got := NewEscaping(f.client).ofCompany(t.Context(), other, "name", "R&amp;D", "R&D"); got != unclear {
			t.Errorf("of another company: %d", got)
		}
		f.sandbox.ResetCalls()
		if got := NewEscaping(f.client).ofCompany(t.Context(), acme, "plan", "R&amp;D", "R&D"); got != unclear ||
			len(f.sandbox.Calls()) > 0 {
			t.Errorf("of another field: %d", got)
		}
		f.sandbox.AddFault(sandbox.Fault{Path: "/companies", Status: http.StatusForbidden})
		if got := NewEscaping(f.client).ofCompany(t.Context(), acme, "name", "R&amp;D", "R&D"); got != unclear {
			t.Errorf("without a list: %d", got)
		}
	}
}

// TestEscapingUnclear tells nothing where both texts, or neither, are found.
func TestEscapingUnclear(t *testing.T) {
	for both, want := range map[[2]bool]holding{{true, false}: asShown, {false, true}: literally, {true, true}: unclear,
		{false, false}: unclear} {
		found := map[string]bool{"shown": both[0], "given": both[1]}
		holds := func(text string) bool { return found[text] }
		if got := NewEscaping(nil).tell("contact name", "given", "shown", holds); got != want {
			t.Errorf("%v: %d", both, got)
		}
	}
}
