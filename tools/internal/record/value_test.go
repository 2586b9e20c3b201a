package record

import (
	"encoding/json"
	"testing"

	"intercom-mcp/intercom"
)

// TestZeroIsAValue holds that zero and the epoch read as values, and that what is absent reads as nothing.
func TestZeroIsAValue(t *testing.T) {
	zero := new(int64)
	epoch := &intercom.Contact{SignedUpAt: intercom.Unix(0)}
	for name, test := range map[string]struct{ got, want any }{
		"a size of 0":   {CompanyValue(&intercom.Company{Size: zero}, "size"), json.Number("0")},
		"no size":       {CompanyValue(&intercom.Company{}, "size"), nil},
		"a spend of 0":  {CompanyValue(&intercom.Company{MonthlySpend: zero}, "monthly_spend"), json.Number("0")},
		"no spend":      {CompanyValue(&intercom.Company{}, "monthly_spend"), nil},
		"the epoch":     {ContactValue(epoch, "signed_up_at"), json.Number("0")},
		"no time":       {ContactValue(&intercom.Contact{}, "signed_up_at"), nil},
		"not opted out": {ContactValue(&intercom.Contact{}, "unsubscribed_from_emails"), false},
		"an attribute of 0": {ContactValue(&intercom.Contact{CustomAttributes: map[string]any{"n": json.Number("0")}},
			"custom_attributes.n"), json.Number("0")},
	} {
		if test.got != test.want {
			t.Errorf("%s reads as %v, want %v", name, test.got, test.want)
		}
	}
	if at, ok := AsTime(epoch.SignedUpAt); !ok || at.Unix() != 0 {
		t.Errorf("the epoch is %v", at)
	}
	if _, ok := AsTime(intercom.Time{}); ok {
		t.Error("no time is some time")
	}
}

// TestSame holds which values Intercom does not tell apart.
func TestSame(t *testing.T) {
	number := func(text string) any { return json.Number(text) }
	for _, test := range []struct {
		field string
		a, b  any
		want  bool
	}{
		{"name", nil, "", true}, {"name", "Ann", "Ann", true}, {"name", "Ann", "ann", false}, {"name", "Ann", nil, false},
		{"email", "Ann@b.example", "ann@B.example", true}, {"email", "ann@b.example", nil, false},
		{"size", nil, number("0"), false}, {"size", number("0"), number("0.0"), true},
		{"size", number("1e2"), number("100"), true},
		{"flag", nil, false, false}, {"flag", false, false, true}, {"flag", false, "false", false},
		{"signed_up_at", number("0"), intercom.Unix(0), true}, {"signed_up_at", nil, intercom.Unix(0), false},
	} {
		if Same(test.field, test.a, test.b) != test.want || Same(test.field, test.b, test.a) != test.want {
			t.Errorf("%s: %v and %v: want %v", test.field, test.a, test.b, test.want)
		}
	}
}

// TestShows holds as what Intercom may keep what is written.
func TestShows(t *testing.T) {
	number := func(text string) any { return json.Number(text) }
	for _, test := range []struct {
		field        string
		written, now any
		want         bool
	}{
		{"name", " Ann ", "Ann", true}, {"name", "Ann", "Anna", false},
		{"name", "Jose\u0301", "Jos\u00e9", true}, {"name", "Jos\u00e9", "Jose\u0301", true},
		{"name", "Jose", "Jos\u00e9", false},
		{"seats", number("12"), "12", true}, {"seats", number("12"), "12.0", true}, {"seats", number("12"), "13", false},
		{"seats", number("12"), "1e999999999", false}, {"seats", number("12"), "twelve", false},
		{"seats", number("12.34"), number("12.3"), true}, {"seats", number("12"), number("11"), false},
		{"paid", true, "true", true}, {"paid", false, "true", false}, {"paid", true, number("1"), false},
		{"code", "12", number("12"), false},
	} {
		if got := Shows(test.field, false, nil, test.written, test.now); got != test.want {
			t.Errorf("%s: %#v is shown as %#v: %t", test.field, test.written, test.now, got)
		}
	}
}
