package policy

import "testing"

// TestEmails shows an e-mail to people marked, and to conditions not at all, where nobody vouches for it.
func TestEmails(t *testing.T) {
	for _, test := range []struct {
		person         Person
		vouched, shown string
	}{
		{Person{}, "", ""},
		{Person{Unverified: true}, "", ""},
		{Person{Email: "a@example.com"}, "a@example.com", "a@example.com"},
		{Person{Email: "a@example.com", Unverified: true}, "", "a@example.com (not verified)"},
	} {
		if test.person.VouchedEmail() != test.vouched || test.person.ShownEmail() != test.shown {
			t.Errorf("%+v: %q, shown as %q", test.person, test.person.VouchedEmail(), test.person.ShownEmail())
		}
	}
}
