package changetest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/change"
)

func testListOthers(t *testing.T, s change.Store) {
	var ids []string // newest first
	for _, who := range []struct {
		principal, email string
		unverified       bool
	}{
		{"ann", "ann@example.com", false}, {"bob", "", false}, {"ann's desktop", "Ann@Example.com", false},
		{"carol", "carol@example.com", false}, {"mallory", "ann@example.com", true},
	} {
		c := Planned(change.StatusApproved, 1)
		c.Principal, c.Person.Email, c.Person.Unverified = who.principal, who.email, who.unverified
		ids = append([]string{Create(t, s, c).ID}, ids...)
	}
	for name, test := range map[string]struct {
		principal string
		query     change.Query
		want      []string
	}{
		"one principal's":        {"ann", change.Query{Limit: 9}, ids[4:]},
		"anyone's":               {"", change.Query{Limit: 9}, ids},
		"a page of anyone's":     {"", change.Query{Limit: 2, After: ids[0]}, ids[1:3]},
		"a person's":             {"", change.Query{Limit: 9, Email: "ANN@example.com"}, []string{ids[2], ids[4]}},
		"a person's, next page":  {"", change.Query{Limit: 9, Email: "ann@example.com", After: ids[2]}, ids[4:]},
		"nobody's":               {"", change.Query{Limit: 9, Email: "dave@example.com"}, nil},
		"a person's, as another": {"bob", change.Query{Limit: 9, Email: "ann@example.com"}, nil},
	} {
		list, err := s.List(t.Context(), test.principal, test.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range list {
			got = append(got, list[i].Change.ID)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// testListPerson finds a person's changes, and the events of these, by an e-mail in any case, whatever its letters.
func testListPerson(t *testing.T, s change.Store) {
	const odd = "ſK@example.com" // which are of the case of s and k, and lower-case letters do not tell for the first
	ids := make(map[string]string)
	for _, email := range []string{"Özil@exämple.com", "ωρίων@example.com", "ЁЖ@example.com", "İ@example.com", odd, ""} {
		c := Planned(change.StatusApproved, 1)
		c.Principal, c.Person.Email = "of "+email, email
		ids[email] = Create(t, s, c).ID
		c.ID, c.Principal, c.Person.Unverified = change.NewID(), "not "+email, true
		Create(t, s, c)
	}
	for asked, want := range map[string]string{
		"ÖZIL@EXÄMPLE.COM": "Özil@exämple.com", "özil@exämple.com": "Özil@exämple.com", "OZIL@exämple.com": "",
		"ΩΡΊΩΝ@example.com": "ωρίων@example.com", "ёж@EXAMPLE.com": "ЁЖ@example.com", "i@example.com": "İ@example.com",
		"ſk@example.com": odd, "sk@example.com": "",
	} {
		var found []string
		list, err := s.List(t.Context(), "", change.Query{Limit: 9, Email: asked})
		for i := range list {
			found = append(found, list[i].Change.ID)
		}
		var wanted []string
		if want != "" {
			wanted = []string{ids[want]}
		}
		if diff := cmp.Diff(wanted, found); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", asked, err, diff)
		}
		durable, ok := s.(change.Durable)
		if !ok {
			continue
		}
		found = nil
		for e, err := range durable.Events(t.Context(), change.EventQuery{Principal: asked}) {
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, e.Change)
		}
		if diff := cmp.Diff(wanted, found); diff != "" {
			t.Errorf("events of %q (-want +got):\n%s", asked, diff)
		}
	}
}
