package schemas

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	fields := []string{"id", "name", "email", "email_domain", "owner_id", "last_seen_at", "created_at", "updated_at",
		"external_id", "unsubscribed_from_emails", "plan", "Plan tier", "VIP"}
	for word, want := range map[string][]string{
		"emial":                         {"email"},
		"mail":                          {"email"},
		"EMAIL":                         {"email", "email_domain"},
		"emails":                        {"email"},
		"owner":                         {"owner_id"},
		"lastSeenAt":                    {"last_seen_at"},
		"seen_at":                       {"last_seen_at"},
		"create_at":                     {"created_at"},
		"externalid":                    {"external_id"},
		"plna":                          {"plan"},
		"plann":                         {"plan"},
		"plan":                          {"plan", "Plan tier"},
		"plan_tier":                     {"Plan tier", "plan"},
		"vip":                           {"VIP"},
		"nmae":                          {"name"},
		"i":                             nil,
		"":                              nil,
		"zzzzzz":                        nil,
		"conversion":                    nil,
		"~":                             nil,
		"\u00e9mail":                    {"email"},
		"ex":                            {"external_id"},
		strings.Repeat("email", 100000): nil,
	} {
		if diff := cmp.Diff(want, Nearest(word, fields, 3)); diff != "" {
			t.Errorf("%.20q (-want +got):\n%s", word, diff)
		}
	}
}

func TestNearestBounds(t *testing.T) {
	among := []string{"tag", "tag", "tags", "tag1", "tag2", ""}
	for n, want := range map[int][]string{-1: nil, 0: nil, 1: {"tag"}, 2: {"tag", "tags"},
		9: {"tag", "tags", "tag1", "tag2"}} {
		if diff := cmp.Diff(want, Nearest("tag", among, n)); diff != "" {
			t.Errorf("n=%d (-want +got):\n%s", n, diff)
		}
	}
	operators := []string{"=", "!=", ">", "<", ">=", "<=", "~", "!~"}
	for word, want := range map[string][]string{"!=": {"!="}, "=>": {">="}, "==": nil, "<>": nil, "=~": nil} {
		if got := Nearest(word, operators, 1); !cmp.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

// TestOtherWords tells what an operator is called here of one that is called otherwise elsewhere, and where an argument
// belongs that stands beside its object.
func TestOtherWords(t *testing.T) {
	for args, want := range map[string]string{
		`{"where":[{"field":"a","operator":"contains","value":"b"}]}`: `nearest "~"`,
		`{"where":[{"field":"a","operator":"Starts with"}]}`:          `nearest "^"`,
		`{"where":[{"field":"a","operator":"is-empty"}]}`:             `nearest "empty"`,
		`{"where":[{"field":"a","operator":"gte","value":"b"}]}`:      `nearest ">="`,
		`{"match":"or"}`: `nearest "any"`,
	} {
		_, problems, err := ValidateInput("search_contacts", []byte(args))
		if err != nil || len(problems) != 1 || !strings.HasSuffix(problems[0].Message, want) {
			t.Errorf("%s: %v %v", args, problems, err)
		}
	}
	_, problems, err := ValidateInput("update_contact", []byte(`{"contact":"a","email":"b@c.example","set":{}}`))
	if err != nil || len(problems) != 1 || problems[0].Message != `unknown argument "email"; it goes into "set"` {
		t.Errorf("%v %v", problems, err)
	}
}
