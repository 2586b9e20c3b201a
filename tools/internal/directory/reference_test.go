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

// What is pasted along around a reference does not count; within it, it is told.
func TestReferencesPasted(t *testing.T) {
	for _, around := range []string{" ", "\u00a0", "\u200b", "\ufeff", "\u202a", "\u2069\n"} {
		for written, want := range map[string]reference{
			"joe@example.com": {Name: "joe@example.com"}, "6650c0ffee6650c0ffee6650": {ID: "6650c0ffee6650c0ffee6650"},
			"external_id:7": {Key: "7"}, "mailto:joe@example.com": {Name: "joe@example.com"},
		} {
			if got, err := ParseContact(around + written + around); err != nil || got != want {
				t.Errorf("%q around %s: %+v, %v", around, written, got, err)
			}
		}
	}
	for _, written := range []string{"jo\u200be@example.com", "jo\u202ee@example.com"} {
		if got, err := ParseContact(written); err == nil {
			t.Errorf("%q is taken for %+v", written, got)
		}
	}
	const england = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f" // ends in what cannot be seen
	if got, err := ParseReference(england, "company_id"); err != nil || got.Name != england {
		t.Errorf("%q, %v", got.Name, err)
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
