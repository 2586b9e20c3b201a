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
