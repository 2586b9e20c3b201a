package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// TestNoteAuthor signs notes by whom the call names, else by the teammate who the caller is, else by the token's owner.
func TestNoteAuthor(t *testing.T) {
	r := new(reloadable)
	w := newWorld(t, r.option)
	owner := w.do("list_teammates", object{})["rows"].([]any)
	if len(owner) < 3 {
		t.Fatal(owner)
	}
	me, err := w.client.Admins.Me(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signs := func(what, want, shows string, author any, as string) {
		t.Helper()
		ann := w.user(0)
		args := object{"contact": ann.ID, "body": "Note " + what}
		if author != nil {
			args["author"] = author
		}
		got := w.do("add_note", args, func(c *Call) { c.Person.Email = as })
		notes := w.sandbox.Notes(ann.ID)
		by := ""
		for _, note := range notes {
			if strings.Contains(note.Body, "Note "+what) {
				by = note.AuthorID
			}
		}
		admin, err := w.client.Admins.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range admin {
			if a.ID == by {
				by = a.Email
			}
		}
		if by != want || !strings.HasSuffix(fmt.Sprint(got["items"]), shows+"]") {
			t.Errorf("%s: signed by %s, want %s: %v", what, by, want, got)
		}
	}
	mine := me.Admin.Email
	other := "tomas@sandbox.example"
	if mine == other {
		other = "nora@sandbox.example"
	}
	signs("one", mine, `"Note one"`, nil, "")
	signs("two", mine, `"Note two"`, nil, "stranger@example.com")
	signs("three", other, `"Note three" as `+other, nil, strings.ToUpper(other))
	signs("four", mine, `"Note four"`, mine, other)
	signs("five", other, `"Note five" as `+other, other, "")
	signs("six", mine, `"Note six"`, me.Admin.ID, "")

	r.become(func(p *policy.Policy) {
		parsed, err := policy.Parse("p.yaml", []byte("rules:\n- {name: own notes, when: author != '', then: deny}\n"),
			PolicyVocabulary())
		if err != nil {
			t.Fatal(err)
		}
		p.Rules = parsed.Rules
	})
	signs("seven", mine, `"Note seven"`, nil, other) // it falls back to the owner
	w.refused(toolerr.PolicyDenied, "add_note", object{"contact": w.user(0).ID, "body": "Eight", "author": other})
}
