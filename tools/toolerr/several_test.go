package toolerr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestSeveral holds how problems in many places are told in one error.
func TestSeveral(t *testing.T) {
	unknown := func(what string) *Error { return New(NotFound, "There is no "+what+".", "Look for it") }
	var inner Several
	for _, err := range []error{New(InvalidArgument, "set.email: is none.", ""),
		New(InvalidArgument, "set.phone: is none.", "")} {
		if err := inner.Add("", err); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		problems map[string]error
		code     Code
		want     string
	}{
		"one":  {map[string]error{"contacts[3]": unknown("Ann")}, NotFound, "contacts[3]: There is no Ann. Look for it"},
		"bare": {map[string]error{"": unknown("Ann")}, NotFound, "There is no Ann. Look for it"},
		"in the order of places": {map[string]error{"contacts[10]": unknown("Bob"), "contacts[9]": unknown("Ann")}, NotFound,
			"2 problems. contacts[9]: There is no Ann. contacts[10]: There is no Bob. Look for it. Nothing was written."},
		"of several kinds": {map[string]error{"updates[2]": inner.Err(), "updates[0].contact": unknown("Ann")},
			InvalidArgument, "3 problems. updates[0].contact: There is no Ann. updates[2]: set.email: is none. " +
				"updates[2]: set.phone: is none. Look for it. Nothing was written."},
		"the same in many places": {map[string]error{"u[0]": unknown("tag"), "u[1]": unknown("tag"), "u[2]": unknown("tag"),
			"u[5]": unknown("tag"), "u[7]": unknown("tag"), "u[8]": unknown("tag")}, NotFound,
			"6 problems. u[0]-[2], [5], [7], [8]: There is no tag. Look for it. Nothing was written."},
		"alike but for what they quote": {map[string]error{"u[0].contact": unknown(`tag "a"; nearest: "b"`),
			"u[1].contact": unknown(`tag "c"`), "u[3].contact": unknown(`tag "c"`)}, NotFound,
			`3 problems. There is no tag: u[0].contact "a"; nearest: "b", [1], [3] "c". Look for it. Nothing was written.`},
	} {
		var all Several
		for place, err := range test.problems {
			if err := all.Add(place, err); err != nil {
				t.Fatal(err)
			}
		}
		var got *Error
		if !errors.As(all.Err(), &got) || got.Code != test.code || got.Error() != test.want {
			t.Errorf("%s: %v\nwant %s", name, got, test.want)
		}
	}
	var typed Several
	for _, name := range []string{"a", "b"} {
		if err := typed.Add(name, unknown("tag").OrByHand("Run list")); err != nil {
			t.Fatal(err)
		}
	}
	var byHand *Error
	if !errors.As(typed.Err(), &byHand) || byHand.ForPerson().Next != "Run list. Nothing was written." {
		t.Errorf("by hand: %v", byHand.ForPerson())
	}
	if err := new(Several).Err(); err != nil {
		t.Error(err)
	}
	if broken := errors.New("broken"); !errors.Is(new(Several).Add("x", broken), broken) {
		t.Error("an error that no agent can act on is gathered")
	}
}

// TestSeveralIsBounded tells what 200 problems are in little room, and where all of them are.
func TestSeveralIsBounded(t *testing.T) {
	var all Several
	for i := range 200 {
		place := fmt.Sprintf("updates[%d].contact", i*3)
		if err := all.Add(place, New(NotFound, fmt.Sprintf("No contact has the e-mail %q.", fmt.Sprint(i, "@example.com")),
			"")); err != nil {
			t.Fatal(err)
		}
	}
	got := At(all.Err(), "args").Error()
	if len(got) > describedSize+placesSize+200 || !strings.Contains(got, ". More at args: updates[") ||
		!strings.HasSuffix(got, " more. Nothing was written.") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}
