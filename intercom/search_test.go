package intercom

import (
	"slices"
	"testing"
)

func TestSearchOnTheWire(t *testing.T) {
	search := SearchRequest{
		Query: Group{And, []Query{
			Filter{"role", Equal, "user"},
			Group{Or, []Query{Filter{"last_seen_at", Less, Unix(5)}, Filter{"last_seen_at", Equal, nil}}},
		}},
		Sort: Sort{Field: "created_at"}, PerPage: 500, Cursor: "starting_after=a%0Ab",
	}
	const want = `{"query":{"operator":"AND","value":[{"field":"role","operator":"=","value":"user"},` +
		`{"operator":"OR","value":[{"field":"last_seen_at","operator":"\u003c","value":5},{"field":"last_seen_at",` +
		`"operator":"=","value":null}]}]},` +
		`"sort":{"field":"created_at","order":"ascending"},"pagination":{"per_page":150,"starting_after":"a\nb"}}`
	c, f := newFake(t, Config{}, always(ok(listBody)))
	if err := result(c.Contacts.Search(background, search)); err != nil || f.sent()[0].Body != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, f.sent()[0].Body, want)
	}
	search.Sort.Descending = true
	if err := result(c.Contacts.Search(background, search)); err != nil || f.sent()[1].Body == want {
		t.Errorf("%v: descending is sent as ascending", err)
	}
}

func TestQueriesThatIntercomWouldRefuse(t *testing.T) {
	f := Filter{"name", Equal, "n"}
	tests := map[string]Query{
		"none":             nil,
		"no field":         Filter{Operator: Equal},
		"no operator":      Filter{Field: "name"},
		"group operator":   Filter{"name", And, "n"},
		"filter operator":  Group{Equal, []Query{f}},
		"empty group":      Group{Operator: And},
		"empty condition":  Group{And, []Query{f, nil}},
		"16 conditions":    Group{And, slices.Repeat([]Query{f}, 16)},
		"16 further in":    Group{And, []Query{f, Group{Or, slices.Repeat([]Query{f}, 16)}}},
		"three levels":     Group{And, []Query{Group{Or, []Query{Group{And, []Query{f}}}}}},
		"value of no type": Filter{"name", Equal, func() {}},
	}
	for name, query := range tests {
		c, fake := newFake(t, Config{}, always(ok(listBody)))
		err := result(c.Contacts.Search(background, SearchRequest{Query: query}))
		if KindOf(err) != KindInvalid || len(fake.sent()) > 0 {
			t.Errorf("%s: %v, %d requests", name, err, len(fake.sent()))
		}
	}
	c, _ := newFake(t, Config{}, always(ok(listBody)))
	full := Group{And, slices.Repeat([]Query{Group{Or, slices.Repeat([]Query{f}, 15)}}, 15)}
	if err := result(c.Contacts.Search(background, SearchRequest{Query: full})); err != nil {
		t.Errorf("the largest query there is: %v", err)
	}
}

func TestWritesThatAreRefusedHere(t *testing.T) {
	tests := map[string]func(*Client) error{
		"no bulk items": func(c *Client) error { return result(c.Bulk.Update(background, nil)) },
		"101 bulk items": func(c *Client) error {
			return result(c.Bulk.Create(background,
				make([]BulkContactCreate, 101)))
		},
		"101 ids": func(c *Client) error {
			return result(c.Bulk.Delete(background,
				slices.Repeat([]string{"a"}, 101)))
		},
		"company without key": func(c *Client) error {
			return result(c.Companies.Save(background,
				CompanyWrite{Name: Value("n")}))
		},
		"another company key": func(c *Client) error {
			return result(c.Companies.Update(background, "i", CompanyWrite{CompanyID: Value("k")}))
		},
		"value that is no JSON": func(c *Client) error {
			return result(c.Contacts.Create(background, ContactWrite{CustomAttributes: map[string]any{"f": func() {}}}))
		},
		"empty company id":   func(c *Client) error { return result(c.Companies.FindByCompanyID(background, "")) },
		"empty company name": func(c *Client) error { return result(c.Companies.FindByName(background, "")) },
		"negative page size": func(c *Client) error { return result(c.Contacts.List(background, PageOptions{PerPage: -1})) },
		"external id of 10 kB": func(c *Client) error {
			return result(c.Contacts.FindByExternalID(background, string(make([]byte, 10_000))))
		},
		"external id up the path": func(c *Client) error { return result(c.Contacts.FindByExternalID(background, "..")) },
	}
	for name, call := range tests {
		c, f := newFake(t, Config{}, always(ok(listBody)))
		if err := call(c); KindOf(err) != KindInvalid || len(f.sent()) > 0 {
			t.Errorf("%s: %v, %d requests", name, err, len(f.sent()))
		}
	}
}
