package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// TestContactPages walks through the lists that are continued by cursor.
func TestContactPages(t *testing.T) {
	c := newCaller(t, Options{})
	acme := c.ok("GET", "/companies?company_id=acme", "").text("data.0.id")
	list := func(path, after string) answer {
		if after != "" {
			path += "&starting_after=" + url.QueryEscape(after)
		}
		return c.ok("GET", path, "")
	}
	for name, test := range map[string]struct {
		page  func(after string) answer
		total int
	}{
		"list":    {func(after string) answer { return list("/contacts?per_page=70", after) }, 500},
		"company": {func(after string) answer { return list("/companies/"+acme+"/contacts?per_page=7", after) }, 61},
		"search": {func(after string) answer {
			return c.ok("POST", "/contacts/search", fmt.Sprintf(`{"query":{"field":"custom_attributes.plan","operator":"=","value":"trial"},
				"sort":{"field":"name","order":"ascending"},"pagination":{"per_page":150,"starting_after":%q}}`, after))
		}, 300},
	} {
		seen := map[string]bool{}
		after := ""
		for page := 1; ; page++ {
			a := test.page(after)
			if got := a.number("pages.page"); got != page {
				t.Fatalf("%s: page %d, want %d", name, got, page)
			}
			if got := a.number("total_count"); got != test.total {
				t.Fatalf("%s: total %d, want %d", name, got, test.total)
			}
			for _, id := range a.ids() {
				if seen[id] {
					t.Fatalf("%s: %s twice", name, id)
				}
				seen[id] = true
			}
			if after = a.text("pages.next.starting_after"); after == "" {
				if total := a.number("pages.total_pages"); total != page {
					t.Errorf("%s: ended on page %d of %d", name, page, total)
				}
				break
			}
		}
		if len(seen) != test.total {
			t.Errorf("%s: %d contacts, want %d", name, len(seen), test.total)
		}
	}
}

// TestCursor holds the cursor's form, and that a false one is refused.
func TestCursor(t *testing.T) {
	c := newCaller(t, Options{})
	a := c.ok("GET", "/contacts?per_page=1", "")
	data, err := base64.StdEncoding.DecodeString(a.text("pages.next.starting_after"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []any
	if err := json.Unmarshal(data, &parts); err != nil {
		t.Fatal(err)
	}
	want := []any{float64(a.number("data.0.created_at")) * 1000, a.text("data.0.id"), 2.0}
	if !slices.Equal(parts, want) {
		t.Errorf("cursor %v, want %v", parts, want)
	}
	for _, given := range []string{"x", "e30=", base64.StdEncoding.EncodeToString([]byte(`[1,"a",1]`)),
		base64.StdEncoding.EncodeToString([]byte(`[1,2,3]`)), base64.StdEncoding.EncodeToString([]byte(`[{},"a",2]`))} {
		c.refused("GET", "/contacts?starting_after="+url.QueryEscape(given), "", 400, "client_error",
			"Invalid starting_after param. Please try again using a starting_after value from a paginated response")
	}
	c.refused("GET", "/contacts?per_page=ten", "", 400, "parameter_invalid", "Per Page isn't an integer")
	if got := c.ok("GET", "/contacts?per_page=1000", "").number("pages.per_page"); got != 150 {
		t.Errorf("per_page is %d, want the most there can be, 150", got)
	}
	if got := c.ok("GET", "/contacts", "").number("pages.per_page"); got != 10 {
		t.Errorf("per_page is %d, want 10", got)
	}
}

// TestCursorSurvivesInsertion holds that a cursor continues after its row even
// when contacts were created meanwhile.
func TestCursorSurvivesInsertion(t *testing.T) {
	c := newCaller(t, Options{})
	first := c.ok("GET", "/contacts?per_page=5", "")
	c.ok("POST", "/contacts", `{"role":"lead"}`)
	second := c.ok("GET", "/contacts?per_page=5&starting_after="+url.QueryEscape(first.text("pages.next.starting_after")),
		"")
	for _, id := range second.ids() {
		if slices.Contains(first.ids(), id) {
			t.Errorf("%s on both pages", id)
		}
	}
}
