package change

import (
	"regexp"
	"testing"

	"intercom-mcp/policy"
)

// TestSamePerson holds for the same whoever cannot be told apart, whichever way round they are.
func TestSamePerson(t *testing.T) {
	id := func(id string) policy.Person { return policy.Person{ID: id} }
	for name, test := range map[string]struct {
		a, b policy.Person
		same bool
	}{
		"one id":                  {id("https://i#1"), id("https://i#1"), true},
		"two ids":                 {id("https://i#1"), id("https://i#2"), false},
		"ids with # in them":      {id("https://i#1#a"), id("https://i#1#b"), false},
		"ids of two issuers":      {id("https://i#1"), id("https://j#1"), true},
		"ids and e-mails differ":  {policy.Person{ID: "i#1", Email: "a@x"}, policy.Person{ID: "i#2", Email: "b@x"}, false},
		"two ids with one e-mail": {policy.Person{ID: "i#1", Email: "a@x"}, policy.Person{ID: "i#2", Email: "A@x"}, true},
		"two ids with one e-mail that one of them may have made up": {policy.Person{ID: "i#1", Email: "a@x"},
			policy.Person{ID: "i#2", Email: "A@x", Unverified: true}, true},
		"two ids, e-mails differ": {policy.Person{ID: "i#1", Email: "a@x"},
			policy.Person{ID: "i#2", Email: "b@x", Unverified: true},
			false},
		"one id, two e-mails":       {policy.Person{ID: "i#1", Email: "a@x"}, policy.Person{ID: "i#1", Email: "b@x"}, true},
		"two e-mails":               {policy.Person{Email: "a@x"}, policy.Person{Email: "b@x"}, false},
		"an id and an e-mail":       {policy.Person{ID: "i#1", Email: "a@x"}, policy.Person{Email: "b@x"}, false},
		"an id and its issuer":      {id("i#1"), id("i"), true},
		"an id and nothing":         {id("i#1"), policy.Person{}, true},
		"an id and an e-mail alone": {id("i#1"), policy.Person{Email: "a@x"}, true},
		"unverified e-mails":        {policy.Person{Email: "a@x", Unverified: true}, policy.Person{Email: "b@x"}, true},
		"an e-mail between blanks":  {policy.Person{Email: "a@x"}, policy.Person{Email: " A@x\u200b "}, true},
		"two ids, one e-mail with a blank": {policy.Person{ID: "i#1", Email: "a@x"},
			policy.Person{ID: "i#2", Email: "a@x "}, true},
		"an e-mail with the root's dot": {policy.Person{Email: "a@x"}, policy.Person{Email: "a@x."}, true},
		"two forms of a letter":         {policy.Person{Email: "\u00fc@x"}, policy.Person{Email: "u\u0308@x"}, true},
		"two forms of a domain": {policy.Person{Email: "a@\u00fc.example"}, policy.Person{Email: "a@xn--tda.example"},
			true},
		"a letter like another": {policy.Person{Email: "a@x.example"}, policy.Person{Email: "\u0430@x.example"},
			true},
		"two ids, other letters in both": {policy.Person{ID: "i#1", Email: "\u00fc@x"},
			policy.Person{ID: "i#2", Email: "\u00f6@x"}, false},
		"names alone": {policy.Person{Name: "A"}, policy.Person{Name: "B"}, true},
		"nobody":      {policy.Person{}, policy.Person{}, true},
	} {
		if SamePerson(test.a, test.b) != test.same || SamePerson(test.b, test.a) != test.same {
			t.Errorf("%s: the same is %t", name, !test.same)
		}
	}
}

// TestShortCode names changes for people, each by another code.
func TestShortCode(t *testing.T) {
	form, seen := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`), make(map[string]bool)
	for range 100 {
		id := NewID()
		code := ShortCode(id)
		if !form.MatchString(code) || code != ShortCode(id) || seen[code] {
			t.Errorf("%s is %s", id, code)
		}
		seen[code] = true
	}
}

// TestPlanHash changes with who asks, and with each value; not by how the change goes on.
func TestPlanHash(t *testing.T) {
	plan := func(edit func(*Change)) string {
		c := Change{ID: "chg_1", Salt: "s", Person: policy.Person{ID: "i#1"}, Items: []Item{{TargetID: "1", Patch: Patch{
			Set: map[string]any{"name": "x"}}}}}
		c.ApproveBy, c.ExpiresAt = c.CreatedAt.Add(9), c.CreatedAt.Add(9)
		edit(&c)
		hash, err := PlanHash(&c)
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	first := plan(func(*Change) {})
	for name, edit := range map[string]func(*Change){
		"who asks": func(c *Change) { c.Person.ID = "i#2" },
		"a value":  func(c *Change) { c.Items[0].Patch.Set["name"] = "y" },
		"a target": func(c *Change) { c.Items[0].TargetID = "2" },
		"the salt": func(c *Change) { c.Salt = "t" },
		"how long": func(c *Change) { c.ApproveBy = c.ApproveBy.Add(1) },
	} {
		if plan(edit) == first {
			t.Errorf("%s may be another", name)
		}
	}
	if plan(func(c *Change) {
		c.Status, c.Approvals, c.ExpiresAt, c.Items[0].Outcome = StatusApproved, []Approval{{}}, c.ApproveBy.Add(9), Changed
	}) != first {
		t.Error("the plan moves with the status")
	}
}

// TestUnowned hands out what people approved, and nothing that nobody did, or that was begun.
func TestUnowned(t *testing.T) {
	for _, status := range Statuses() {
		for _, approvals := range [][]Approval{nil, {}, {{By: "ann"}}} {
			want := status == StatusApproved && len(approvals) == 1
			if c := (Change{Status: status, Approvals: approvals}); c.Unowned() != want {
				t.Errorf("%s with %d approvals: %t", status, len(approvals), !want)
			}
		}
	}
}

// TestOneSpelling takes printable ASCII alone for text that nobody writes in another way.
func TestOneSpelling(t *testing.T) {
	for email, want := range map[string]bool{
		"": false, "a@x": true, "a~!@x": true, "a b@x": false, "a\x7f@x": false, "é@x": false, "a@x.": false,
	} {
		if oneSpelling(email) != want {
			t.Errorf("%q: %t", email, !want)
		}
	}
}
