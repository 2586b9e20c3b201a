package sandbox

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCompanyPages walks through the numbered pages of companies.
func TestCompanyPages(t *testing.T) {
	c := newCaller(t, Options{})
	path, method, seen := "/companies/list?per_page=10&order=asc", "POST", 0
	for path != "" {
		a := c.ok(method, path, "")
		seen += len(a.ids())
		next := a.text("pages.next")
		if next != "" && !strings.HasPrefix(next, "https://api.intercom.io/companies/list?") {
			t.Fatalf("next page at %q", next)
		}
		path = strings.TrimPrefix(next, "https://api.intercom.io")
	}
	if seen != 39 {
		t.Errorf("%d companies, want the 39 with contacts", seen)
	}
	c.refused("POST", "/companies/list?per_page=61", "", 400, "parameter_invalid", "Per Page must be at most 60")
	c.refused("POST", "/companies/list?per_page=60&page=167", "", 400, "bad_request",
		"page limit reached, please use scroll API")
	if got := c.ok("GET", "/companies?page=600", "").ids(); len(got) > 0 {
		t.Errorf("found %v on a page that is not there", got)
	}
}

// TestScroll holds that one scroll can be open, and for how long.
func TestScroll(t *testing.T) {
	c := newCaller(t, Options{Contacts: 3000, Companies: 250})
	first := c.ok("GET", "/companies/scroll", "")
	param := first.text("scroll_param")
	c.refused("GET", "/companies/scroll", "", 400, "scroll_exists", "scroll already exists for this workspace")
	c.refused("GET", "/companies/scroll?scroll_param=other", "", 404, "not_found", "scroll parameter not found")
	sizes := []int{len(first.ids())}
	for sizes[len(sizes)-1] > 0 {
		c.Advance(59 * time.Second)
		sizes = append(sizes, len(c.ok("GET", "/companies/scroll?scroll_param="+param, "").ids()))
	}
	if want := []int{100, 100, 49, 0}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v, want %v", sizes, want)
	}
	param = c.ok("GET", "/companies/scroll", "").text("scroll_param")
	c.Advance(61 * time.Second)
	c.refused("GET", "/companies/scroll?scroll_param="+param, "", 404, "not_found", "scroll parameter not found")
	c.ok("GET", "/companies/scroll", "")
}
