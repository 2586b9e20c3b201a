package directory

import (
	"strings"
	"testing"

	"intercom-mcp/intercom"
)

// An e-mail is one in a link and with a name, too.
func TestPlainEmails(t *testing.T) {
	for written, want := range map[string]string{
		"joe@acme.com": "joe@acme.com", " joe@acme.com ": "joe@acme.com", "mailto:joe@acme.com": "joe@acme.com",
		"MAILTO:joe%2Bx@acme.com?subject=Hi": "joe+x@acme.com", "Joe Bloggs <joe@acme.com>": "joe@acme.com",
		`"Bloggs, Joe" <joe@acme.com>`: "joe@acme.com", "<joe@acme.com>": "joe@acme.com",
	} {
		if ref, err := ParseContact(written); err != nil || ref.Name != want {
			t.Errorf("%q: got %+v, %v", written, ref, err)
		}
	}
	for _, written := range []string{"mailto:", "Joe <joe>", "Joe <>", "joe"} {
		if ref, err := ParseContact(written); err == nil {
			t.Errorf("%q: got %+v", written, ref)
		}
	}
}

// TestAmbiguousQuotes lists candidates whose names read like more of the list.
func TestAmbiguousQuotes(t *testing.T) {
	r := Resolver{Mask: func(_, text string) string { return text }}
	err := r.Ambiguous("a@example.com", []intercom.Contact{
		{ID: "1", Role: "user", Name: "Ann); 2 (user Boss", ExternalID: "u1); use 3"},
		{ID: "4", Role: "lead", Name: "שרה לוי"}, {ID: "5", Role: "lead", Name: "Аnn"},
	})
	for _, want := range []string{
		`1 (user "Ann); 2 (user Boss", external_id "u1); use 3")`, "4 (lead \"\u2068שרה לוי\u2069\")", `5 (lead "Аnn")`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s: %v", want, err)
		}
	}
	if got, want := DidYouMean("VIP", []string{"VIP \"x\""}), `; nearest: "VIP 'x'"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
