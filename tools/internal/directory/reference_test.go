package directory

import "testing"

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
