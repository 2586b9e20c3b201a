package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

const (
	newYear     = 1577836800 // 2020-01-01 00:00 UTC
	newYearNine = 1577869200 // 2020-01-01 09:00 UTC
	secondOfJan = 1577923200 // 2020-01-02 00:00 UTC
)

// TestSearchByTime holds what the operators mean for timestamps: whole days
// up to 2.16, exact seconds since. stored is the field's value, 0 for none.
func TestSearchByTime(t *testing.T) {
	const invalid = "invalid"
	for _, test := range []struct {
		field    string
		stored   int64
		operator string
		value    string
		days     string // the outcome in 2.16: yes, no, or invalid
		seconds  string // in 2.17 and Preview
	}{
		{"created_at", newYearNine, "=", "1577836800", "yes", "no"},
		{"created_at", newYearNine, "=", "1577869200", "yes", "yes"},
		{"created_at", newYearNine, "=", `"1577869200"`, "yes", "yes"},
		{"created_at", newYearNine + 1, ">", "1577869200", "no", "yes"},
		{"created_at", secondOfJan, ">", "1577869200", "yes", "yes"},
		{"created_at", newYear - 1, "<", "1577869200", "yes", "yes"},
		{"created_at", newYear + 60, "<", "1577869200", "no", "yes"},
		{"created_at", newYearNine, ">=", "1577869200", invalid, "yes"},
		{"created_at", newYearNine - 1, ">=", "1577869200", invalid, "no"},
		{"created_at", newYearNine, "<=", "1577869200", invalid, "yes"},
		{"created_at", newYearNine, "!=", "1577869200", invalid, "no"},
		{"created_at", newYearNine + 1, "!=", "1577869200", invalid, "yes"},
		{"created_at", newYearNine, "IN", "[1577869200]", invalid, invalid},
		{"created_at", newYearNine, "NIN", "[1577869200]", invalid, invalid},
		{"last_seen_at", 0, "!=", "1577869200", invalid, "yes"},
		{"last_seen_at", 0, ">", "1577869200", "no", "no"},
		{"last_seen_at", 0, "<", "1577869200", "no", "no"},
		{"last_seen_at", 0, "=", "null", "yes", "yes"},
		{"custom_attributes.renewal_date", newYearNine, "=", "1577836800", "yes", "yes"},
		{"custom_attributes.renewal_date", newYearNine + 1, ">", "1577869200", "no", "no"},
		{"custom_attributes.renewal_date", newYearNine, ">=", "1577869200", invalid, invalid},
		{"custom_attributes.renewal_date", newYearNine, "!=", "1577869200", invalid, invalid},
	} {
		c := newCaller(t, Options{Contacts: -1, Companies: -1})
		id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
		setTime(c.Sandbox, id, test.field, test.stored)
		body := fmt.Sprintf(`{"query":{"field":%q,"operator":%q,"value":%s}}`, test.field, test.operator, test.value)
		for version, want := range map[string]string{"2.10": test.days, "2.16": test.days, "2.17": test.seconds,
			"Preview": test.seconds} {
			got := "no"
			switch a := c.in(version).do("POST", "/contacts/search", body); {
			case a.status == http.StatusBadRequest && a.text("errors.0.code") == "invalid_operator":
				got = invalid
			case a.status != http.StatusOK:
				t.Fatalf("%s: %d %s", body, a.status, a.body)
			case slices.Equal(a.ids(), []string{id}):
				got = "yes"
			}
			if got != want {
				t.Errorf("%s = %d, %s %s in %s: got %s, want %s", test.field, test.stored, test.operator, test.value, version, got,
					want)
			}
		}
	}
}

// setTime gives a stored contact a time that the API does not let callers
// write.
func setTime(s *Sandbox, id, field string, at int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.space.contacts.byID[id]
	switch field {
	case "created_at":
		c.CreatedAt = at
	case "last_seen_at":
		c.LastSeenAt = at
	default:
		c.CustomAttributes = map[string]any{"renewal_date": at}
	}
}

// TestSearchDaysInZone holds that days are those of the workspace's zone.
func TestSearchDaysInZone(t *testing.T) {
	query := fmt.Sprintf(`{"field":"created_at","operator":"<","value":%d}`, newYearNine)
	for zone, want := range map[string]int{"America/New_York": 1, "UTC": 0} {
		c := newCaller(t, Options{Contacts: -1, Companies: -1, Timezone: zone})
		id := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
		setTime(c.Sandbox, id, "created_at", newYear+60) // still the last of December in New York
		if got := c.search(query); len(got) != want {
			t.Errorf("%s: found %d of the day before, want %d", zone, len(got), want)
		}
	}
}

// TestSearchByText holds what the operators mean for text and its absence.
func TestSearchByText(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, Companies: -1})
	bobby := c.ok("POST", "/contacts", `{"role":"user","email":"Bobby@Mail.example","name":"Bobby"}`).text("id")
	nameless := c.ok("POST", "/contacts", `{"role":"lead"}`).text("id")
	tag := c.Tags()[0].ID
	c.ok("POST", "/contacts/"+bobby+"/tags", `{"id":"`+tag+`"}`)
	c.ok("PUT", "/contacts/"+bobby, `{"custom_attributes":{"seats":12,"health_score":1.5,"newsletter":true,`+
		`"plan":"pro"},"owner_id":991267464}`)
	both := []string{nameless, bobby}
	for _, test := range []struct {
		query string
		want  []string
	}{
		{`{"field":"name","operator":"=","value":"Bobby"}`, []string{bobby}},
		{`{"field":"name","operator":"=","value":null}`, []string{nameless}},
		{`{"field":"name","operator":"!=","value":"Bob"}`, both},
		{`{"field":"name","operator":"!=","value":"Bobby"}`, []string{nameless}},
		{`{"field":"name","operator":"~","value":"obb"}`, []string{bobby}},
		{`{"field":"name","operator":"!~","value":"obb"}`, []string{nameless}},
		{`{"field":"name","operator":"^","value":"Bob"}`, []string{bobby}},
		{`{"field":"name","operator":"$","value":"by"}`, []string{bobby}},
		{`{"field":"name","operator":"IN","value":["x","Bobby"]}`, []string{bobby}},
		{`{"field":"name","operator":"NIN","value":["x","Bobby"]}`, []string{nameless}},
		{`{"field":"email","operator":"=","value":"bobby@mail.EXAMPLE"}`, []string{bobby}},
		{`{"field":"email_domain","operator":"=","value":"mail.example"}`, []string{bobby}},
		{`{"field":"role","operator":"=","value":"lead"}`, []string{nameless}},
		{`{"field":"tag_id","operator":"=","value":"` + tag + `"}`, []string{bobby}},
		{`{"field":"tag_id","operator":"!=","value":"` + tag + `"}`, []string{nameless}},
		{`{"field":"owner_id","operator":"=","value":"991267464"}`, []string{bobby}},
		{`{"field":"owner_id","operator":"=","value":991267464}`, []string{bobby}},
		{`{"field":"unsubscribed_from_emails","operator":"=","value":false}`, both},
		{`{"field":"custom_attributes.seats","operator":">=","value":12}`, []string{bobby}},
		{`{"field":"custom_attributes.seats","operator":">","value":12}`, []string{}},
		{`{"field":"custom_attributes.seats","operator":"<=","value":11}`, []string{}},
		{`{"field":"custom_attributes.seats","operator":"<","value":13}`, []string{bobby}},
		{`{"field":"custom_attributes.seats","operator":"IN","value":[11,12]}`, []string{bobby}},
		{`{"field":"custom_attributes.health_score","operator":"=","value":1.5}`, []string{bobby}},
		{`{"field":"custom_attributes.newsletter","operator":"!=","value":true}`, []string{nameless}},
		{`{"field":"custom_attributes.plan","operator":"~","value":"PR"}`, []string{bobby}},
		{`{"operator":"OR","value":[{"field":"name","operator":"=","value":"Bobby"},{"field":"role","operator":"=",` +
			`"value":"lead"}]}`, both},
		{`{"operator":"AND","value":[{"operator":"OR","value":[{"field":"name","operator":"=","value":"Bobby"},{"field":"name","operator":"=","value":"x"}]},
			{"field":"role","operator":"=","value":"user"}]}`, []string{bobby}},
	} {
		got := c.search(test.query)
		slices.Sort(got)
		want := slices.Sorted(slices.Values(test.want))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", test.query, got, want)
		}
	}
}

// TestSearchErrors holds the texts of refusals.
func TestSearchErrors(t *testing.T) {
	const lacks = "Invalid query. Ensure 'field', 'operator', 'value' are present for field queries. Ensure " +
		"'operator' and 'value' for composite queries."
	filters := func(n int) string {
		s := `{"field":"role","operator":"=","value":"user"}`
		all := s
		for range n - 1 {
			all += "," + s
		}
		return `{"operator":"AND","value":[` + all + `]}`
	}
	c := newCaller(t, Options{Contacts: -1})
	for _, test := range []struct{ query, code, message string }{
		{`{"field":"email","operator":">","value":"a"}`, "invalid_operator", "email does not support operator: >"},
		{`{"field":"tag_id","operator":"IN","value":["1"]}`, "invalid_operator", "tag_id does not support operator: IN"},
		{`{"field":"unsubscribed_from_emails","operator":"~","value":true}`, "invalid_operator",
			"unsubscribed_from_emails does not support operator: ~"},
		{`{"field":"not_a_field","operator":"=","value":1}`, "invalid_field", "not_a_field is not a valid field"},
		{`{"field":"custom_attributes.nothing","operator":"=","value":1}`, "invalid_field",
			"custom_attributes.nothing is not a valid field"},
		{filters(16), "invalid_value", "Number of elements in composite query is greater than 15, please try again with " +
			"a smaller list"},
		{`{"operator":"XOR","value":[]}`, "invalid_operator", "Composite operators must be of type AND or OR "},
		{`{"field":"email"}`, "invalid_query", lacks},
		{`{"operator":"AND"}`, "invalid_query", lacks},
		{`{"operator":"AND","value":[{"operator":"AND","value":[` + filters(1) + `]}]}`, "invalid_query", lacks},
		{`{"field":"name","operator":"=","value":123}`, "invalid_value", "123 is not a valid string"},
		{`{"field":"created_at","operator":">","value":"foorbar"}`, "invalid_value", "foorbar is not a valid date"},
		{`{"field":"name","operator":"~","value":null}`, "invalid_value", "null is not a valid string"},
		{`{"field":"name","operator":"IN","value":["1","2","3","4","5","6","7","8","9","10","11"]}`, "invalid_values",
			"Value depth exceeds 10 items"},
	} {
		c.refused("POST", "/contacts/search", `{"query":`+test.query+`}`, 400, test.code, test.message)
	}
	c.refused("POST", "/contacts/search", `{}`, 400, "invalid_query", lacks)
	c.refused("POST", "/contacts/search", `{"query":`+filters(1)+`,"random_param":1}`, 400, "bad_request",
		"bad 'random_param' parameter")
	if a := c.do("POST", "/contacts/search", `{"query":`+filters(15)+`}`); a.status != http.StatusOK {
		t.Errorf("15 filters: %d %s", a.status, a.body)
	}
	sorted := `{"query":` + filters(1) + `,"sort":{"field":"name","order":"desc"}}`
	c.refused("POST", "/contacts/search", sorted, 400, "invalid_sort_order",
		"Invalid sort order 'desc'. Must be one of: ascending, descending")
	c.in("2.15").ok("POST", "/contacts/search", sorted)
}

// TestSearchSorting holds the orders of a search: by any kind of field, with
// contacts without a value last, and by id where values are the same.
func TestSearchSorting(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1})
	create := func(body string) string { return c.ok("POST", "/contacts", body).text("id") }
	ann := create(`{"external_id":"1","name":"Ann","owner_id":"991267464","custom_attributes":{"seats":10,` +
		`"newsletter":true}}`)
	ben := create(`{"external_id":"2","name":"Ben","owner_id":"991267459","custom_attributes":{"seats":9,` +
		`"newsletter":false}}`)
	none := create(`{"external_id":"3"}`)
	for sort, want := range map[string][]string{
		`{"field":"name","order":"ascending"}`:                         {ann, ben, none},
		`{"field":"name","order":"descending"}`:                        {ben, ann, none},
		`{"field":"name"}`:                                             {ben, ann, none},
		`{"field":"custom_attributes.seats","order":"ascending"}`:      {ben, ann, none},
		`{"field":"custom_attributes.newsletter","order":"ascending"}`: {ben, ann, none},
		`{"field":"owner_id","order":"descending"}`:                    {ann, ben, none},
		`{"field":"created_at","order":"ascending"}`:                   {ann, ben, none},
		`{"field":"last_seen_at","order":"descending"}`:                {none, ben, ann},
		`null`: {none, ben, ann},
	} {
		after := ""
		got := []string{}
		for range want {
			a := c.ok("POST", "/contacts/search", fmt.Sprintf(`{"query":{"field":"role","operator":"=","value":"user"},"sort":%s,
				"pagination":{"per_page":1,"starting_after":%q}}`, sort, after))
			got = append(got, a.ids()...)
			after = a.text("pages.next.starting_after")
		}
		if !slices.Equal(got, want) || after != "" {
			t.Errorf("sorted by %s: %v, want %v", sort, got, want)
		}
	}
	c.refused("POST", "/contacts/search", `{"query":{"field":"role","operator":"=","value":"user"},`+
		`"sort":{"field":"tag_id"}}`,
		400, "invalid_field", "tag_id is not a valid field")
}
