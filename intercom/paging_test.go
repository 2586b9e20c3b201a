package intercom

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
)

func TestPagingStyles(t *testing.T) {
	contact := func(id string) string { return fmt.Sprintf(`{"type":"contact","id":%q}`, id) }
	page := func(id, pages string) reply {
		return ok(`{"type":"list","data":[` + contact(id) + `],"total_count":3,"pages":` + pages + `}`)
	}
	tests := []struct {
		name    string
		replies []reply
		queries []string
	}{
		{"cursor", []reply{
			page("a", `{"next":{"page":2,"starting_after":"x\n=="},"page":1}`),
			page("b", `{"next":{"page":3,"starting_after":"y"},"page":2}`),
			page("c", `{"page":3}`),
		}, []string{"per_page=2", "per_page=2&starting_after=x%0A%3D%3D", "per_page=2&starting_after=y"}},
		{"page by URL", []reply{
			page("a", `{"next":"https://api.intercom.io/companies/1/contacts?per_page=2&page=2&evil=1"}`),
			page("b", `{"next":"/companies/1/contacts?page=3&per_page=2"}`),
			page("c", `{"next":null}`),
		}, []string{"per_page=2", "page=2&per_page=2", "page=3&per_page=2"}},
		{"page by number", []reply{
			page("a", `{"next":{"page":2}}`), page("b", `{"next":{"page":3}}`), page("c", `{}`),
		}, []string{"per_page=2", "page=2&per_page=2", "page=3&per_page=2"}},
		{"opaque", []reply{
			ok(`{"type":"list","data":[` + contact("a") + `],"next_cursor":"n1","has_more":true}`),
			ok(`{"type":"list","data":[` + contact("b") + `],"next_cursor":"n2","has_more":true}`),
			ok(`{"type":"list","data":[` + contact("c") + `],"has_more":false,"pages":null}`),
		}, []string{"per_page=2", "cursor=n1&per_page=2", "cursor=n2&per_page=2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, f := newFake(t, Config{}, script(test.replies...))
			var ids, queries []string
			for contact, err := range c.Companies.ContactsAll(background, "1", PageOptions{PerPage: 2}) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, contact.ID)
			}
			for _, r := range f.sent() {
				queries = append(queries, r.Query)
			}
			if !slices.Equal(ids, []string{"a", "b", "c"}) || !slices.Equal(queries, test.queries) {
				t.Errorf("got %v by %q, want queries %q", ids, queries, test.queries)
			}
		})
	}
}

func TestScroll(t *testing.T) {
	batch := func(id string) reply {
		return ok(`{"type":"list","data":[{"type":"company","id":"` + id + `"}],"pages":null,"total_count":null,` +
			`"scroll_param":"s-` + id + `"}`)
	}
	end := ok(`{"type":"list","data":[],"pages":null,"total_count":null,"scroll_param":"s-end"}`)
	c, f := newFake(t, Config{}, script(batch("a"), batch("b"), end))
	var ids []string
	for company, err := range c.Companies.ScrollAll(background) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, company.ID)
	}
	var queries []string
	for _, r := range f.sent() {
		queries = append(queries, r.Query)
	}
	if !slices.Equal(ids, []string{"a", "b"}) || !slices.Equal(queries,
		[]string{"", "scroll_param=s-a", "scroll_param=s-b"}) {
		t.Errorf("got %v by %q", ids, queries)
	}
}

// Scrolls of one client wait for each other, since a workspace has only one.
func TestScrollsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := ok(`{"type":"list","data":[{"type":"company","id":"a"}],"scroll_param":"s"}`)
		c, f := newFake(t, Config{}, always(batch))
		for range c.Companies.ScrollAll(background) {
			go func() {
				for range c.Companies.ScrollAll(background) {
					break
				}
			}()
			synctest.Wait()
			if n := len(f.sent()); n != 1 {
				t.Errorf("%d requests while one scroll was open", n)
			}
			break
		}
		synctest.Wait()
		if n := len(f.sent()); n != 2 {
			t.Errorf("%d requests in the end", n)
		}
	})
}

func TestListsThatDoNotAdvanceEnd(t *testing.T) {
	c, f := newFake(t, Config{}, always(ok(`{"data":[],"pages":{"next":{"starting_after":"same"}}}`)))
	if err := drain(c.Contacts.All(background, PageOptions{})); err == nil || len(f.sent()) > 2 {
		t.Errorf("got %v after %d requests", err, len(f.sent()))
	}
}

func TestIterationStopsAtABreak(t *testing.T) {
	c, f := newFake(t, Config{}, func(n int, _ *http.Request) reply {
		return ok(fmt.Sprintf(`{"data":[{"id":"a%[1]d"},{"id":"b%[1]d"}],"pages":{"next":{"starting_after":"%[1]d"}}}`, n))
	})
	n := 0
	for range c.Contacts.All(background, PageOptions{}) {
		if n++; n == 3 {
			break
		}
	}
	if len(f.sent()) != 2 {
		t.Errorf("%d requests for three items of two each", len(f.sent()))
	}
}

func TestForeignCursorsAreNotSent(t *testing.T) {
	for _, cursor := range []string{"abc", "%zz", "page=2&evil=1", "starting_after=x&model=company", "per_page=5",
		"page=2;x"} {
		c, f := newFake(t, Config{}, always(ok(listBody)))
		for name, err := range map[string]error{
			"list":   result(c.Contacts.List(background, PageOptions{Cursor: cursor})),
			"search": result(c.Contacts.Search(background, SearchRequest{Query: byName.Query, Cursor: cursor})),
		} {
			if KindOf(err) != KindInvalid || len(f.sent()) > 0 {
				t.Errorf("%s with cursor %q: %v, %d requests", name, cursor, err, len(f.sent()))
			}
		}
	}
}

func TestTotals(t *testing.T) {
	for body, want := range map[string]int{
		`{"data":[],"total_count":12}`: 12, `{"data":[],"total_count":null}`: -1, `{"data":[]}`: -1,
		`{"data":[],"total_count":"7"}`: 7,
	} {
		c, _ := newFake(t, Config{}, always(ok(body)))
		if page, err := c.Contacts.List(background, PageOptions{}); err != nil || page.Total != want {
			t.Errorf("%s: total %d, %v; want %d", body, page.Total, err, want)
		}
	}
}

// Whatever pages.next is, its cursor is one that the client accepts back.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{
		`null`, `{"page":2,"starting_after":"abc"}`, `{"page":2}`, `"https://api.intercom.io/x?page=2&per_page=5"`,
		`"/x?starting_after=a%0Ab"`, `""`, `[]`, `3`, `{"starting_after":7}`, `"%zz"`, `{"starting_after":"a&page=3"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		var list listWire[contactWire]
		if json.Unmarshal([]byte(`{"pages":{"next":`+data+`}}`), &list) != nil {
			return
		}
		if _, err := parseCursor(list.cursor()); err != nil {
			t.Errorf("%s became cursor %q: %v", data, list.cursor(), err)
		}
	})
}
