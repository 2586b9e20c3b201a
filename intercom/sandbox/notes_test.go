package sandbox

import (
	"fmt"
	"slices"
	"testing"
)

// TestCompanyNotes holds the notes of companies and where versions show them.
func TestCompanyNotes(t *testing.T) {
	c := newCaller(t, Options{})
	firm := c.Companies()[0].ID
	note := c.ok("POST", "/companies/"+firm+"/notes", `{"body":"Hello"}`).text("id")
	if got := c.ok("GET", "/companies/"+firm+"/notes", "").ids(); !slices.Equal(got, []string{note}) {
		t.Errorf("listed %v", got)
	}
	for version, want := range map[string]any{"2.15": nil, "2.16": note, "Preview": note} {
		if got := c.in(version).ok("GET", "/companies/"+firm, "").at("notes.data.0.id"); got != want {
			t.Errorf("notes in %s: %v, want %v", version, got, want)
		}
	}
	for version, want := range map[string]any{"2.15": nil, "2.16": firm} {
		if got := c.in(version).ok("GET", "/companies/"+firm+"/notes", "").at("data.0.company.id"); got != want {
			t.Errorf("a note's company in %s: %v, want %v", version, got, want)
		}
	}
	c.ok("GET", "/notes/"+note, "")
	c.in("2.15").refused("GET", "/notes/"+note, "", 404, "not_found", "Resource Not Found")
}

// TestNotes holds authors, order and the form of bodies.
func TestNotes(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	for given, want := range map[string]string{
		"Hello": "<p>Hello</p>", "a < b & c": "<p>a &lt; b &amp; c</p>", "<p>Done</p>": "<p>Done</p>",
		"one <b>two</b>": "<p>one <b>two</b></p>", "one\ntwo": "<p>one<br>\ntwo</p>",
	} {
		if got := c.ok("POST", "/contacts/"+id+"/notes", fmt.Sprintf(`{"body":%q}`, given)).text("body"); got != want {
			t.Errorf("%q is stored as %q, want %q", given, got, want)
		}
	}
	last := c.ok("POST", "/contacts/"+id+"/notes", `{"body":"By Tomas","admin_id":991267464}`)
	if got := last.text("author.name"); got != "Tomas Okafor" {
		t.Errorf("the author is %q", got)
	}
	c.refused("POST", "/contacts/"+id+"/notes", `{"body":"x","admin_id":"1"}`, 404, "not_found", "Resource Not Found")
	c.refused("POST", "/contacts/"+id+"/notes", `{}`, 400, "parameter_not_found", "body not specified")
	a := c.ok("GET", "/contacts/"+id+"/notes?per_page=4", "")
	if a.ids()[0] != last.text("id") || a.number("total_count") != 6 ||
		a.text("pages.next") != "https://api.intercom.io/contacts/"+id+"/notes?page=2&per_page=4" {
		t.Errorf("listed %s", a.body)
	}
	c.ok("GET", "/notes/"+last.text("id"), "")
}
