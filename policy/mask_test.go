package policy

import "testing"

func TestMask(t *testing.T) {
	p := Default(ModeWrite)
	p.Masked = []string{"email", "name", "owner_id", "custom_attributes.iban"}
	tests := []struct{ field, value, want string }{
		{"email", "joe@acme.com", "j***@acme.com"},
		{"email", "j@acme.com", "***@acme.com"},
		{"email", "no e-mail", "n***"},
		{"email", "joe@acme.com@else", "j***"},
		{"email", "joe@", "j***"},
		{"email", "@joe", "@***"},
		{"email", "", ""},
		{"name", "Joe Doe", "J***"},
		{"name", "Joe @ ACME", "J***"},
		{"name", "Å", "***"},
		{"name", "Åse", "Å***"},
		{"name", "\xff\xfe", "***"},
		{"owner", "ann@us.com", "a***@us.com"},
		{"owner_id", "17", "1***"},
		{"custom_attributes.iban", "DE12", "D***"},
		{"custom_attributes.plan", "pro", "pro"},
		{"phone", "+4912345", "+4912345"},
	}
	for _, test := range tests {
		got := p.Mask(test.field, test.value)
		if got != test.want {
			t.Errorf("%s %q is shown as %q, want %q", test.field, test.value, got, test.want)
		}
		if again := p.Mask(test.field, got); again != got {
			t.Errorf("%q masked again is %q", got, again)
		}
	}
}
