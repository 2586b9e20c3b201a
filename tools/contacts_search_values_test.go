package tools

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// found lists all rows of a search, page by page.
func (w *world) found(in object) [][]any {
	w.t.Helper()
	var rows [][]any
	for in["limit"] = 50; ; {
		page := w.do("search_contacts", in)
		for _, row := range page["rows"].([]any) {
			rows = append(rows, row.([]any))
		}
		if page["next_cursor"] == nil {
			delete(in, "cursor")
			return rows
		}
		in["cursor"] = page["next_cursor"]
	}
}

// ids are the first cells of rows, sorted.
func ids(rows [][]any) []string {
	list := make([]string, len(rows))
	for i, row := range rows {
		list[i] = row[0].(string)
	}
	slices.Sort(list)
	return list
}

// few has a small workspace of a version.
func few(version string) []worldOption {
	return []worldOption{inVersion(version), withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 140, 6 })}
}

// TestEmptyAndPresent parts the contacts of a workspace by each field: who has a value is found by present, who has
// none by empty, and everybody by one of them.
func TestEmptyAndPresent(t *testing.T) {
	for _, version := range []string{"2.11", "2.16", "2.17"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, few(version)...)
			w.direct("PUT", "/contacts/"+w.user(0).ID, `{"custom_attributes":{"plan":""}}`)
			everyone := ids(w.found(object{}))
			fields := []string{"custom_attributes.plan", "custom_attributes.seats", "custom_attributes.renewal_date"}
			for _, f := range record.ContactFields {
				fields = append(fields, f.Name)
			}
			for _, field := range fields {
				in := func(operator string) object {
					return object{"where": []object{{"field": field, "operator": operator}}}
				}
				none, some := in("empty"), in("present")
				if field != "segment" && !slices.Contains([]string{"id", "name", "email", "role", "last_seen_at"}, field) {
					none["fields"], some["fields"] = []string{field}, []string{field}
				}
				without, with := w.found(none), w.found(some)
				for _, row := range without {
					if len(row) > 5 && row[5] != "" {
						t.Errorf("%s is empty, but %v", field, row)
					}
				}
				for _, row := range with {
					if len(row) > 5 && row[5] == "" {
						t.Errorf("%s is present, but %v", field, row)
					}
				}
				both := slices.Sorted(slices.Values(append(ids(without), ids(with)...)))
				if diff := cmp.Diff(everyone, both); diff != "" {
					t.Errorf("%s: empty and present (-everyone +found):\n%s", field, diff)
				}
			}
		})
	}
}

// TestEmptyBesideOthers asks for no value beside conditions that only the server checks, and in what writes.
func TestEmptyBesideOthers(t *testing.T) {
	w := newWorld(t, few("2.16")...)
	unowned := object{"field": "owner", "operator": "empty"}
	lead := object{"field": "role", "operator": "=", "value": "lead"}
	both := ids(w.found(object{"where": []object{unowned, lead}}))
	if len(both) == 0 {
		t.Fatal("no lead is without an owner")
	}
	total := w.do("search_contacts", object{"where": []object{unowned, lead}})["total"]
	if total != float64(len(both)) {
		t.Errorf("%v in all, %d found", total, len(both))
	}
	any := ids(w.found(object{"where": []object{unowned, {"field": "company", "operator": "empty"}}, "match": "any"}))
	each := append(ids(w.found(object{"where": []object{unowned}})),
		ids(w.found(object{"where": []object{{"field": "company", "operator": "empty"}}}))...)
	slices.Sort(each)
	if diff := cmp.Diff(slices.Compact(each), any); diff != "" {
		t.Errorf("any of two (-each +any):\n%s", diff)
	}
	receipt := w.do("bulk_update_contacts", object{"where": []object{unowned, lead}, "set": object{"name": "Nobody's"}})
	if receipt["changed"] != float64(len(both)) && receipt["status"] != "awaiting" {
		t.Errorf("of %d: %v", len(both), receipt)
	}
	w.refused(toolerr.InvalidArgument, "search_contacts", object{"match": "any", "where": []object{
		{"field": "company", "operator": "empty"}, {"field": "segment", "operator": "present"}}})
	masked := newWorld(t, masking("email", "tags", "companies", "owner_id"))
	for _, field := range []string{"email", "owner", "tag", "company"} {
		masked.refused(toolerr.PolicyDenied, "search_contacts", object{"where": []object{{"field": field,
			"operator": "present"}}})
	}
}

// TestManyValues compares with up to 200 values at once, alone, beside others, and as alternatives.
func TestManyValues(t *testing.T) {
	w := newWorld(t, few("2.16")...)
	var emails, tags, companies []string
	for _, c := range w.sandbox.Contacts() {
		if !c.Archived && c.MergedInto == "" && !c.Blocked && c.Email != "" && len(emails) < 120 {
			emails = append(emails, c.Email)
		}
	}
	for i := len(emails); i < 200; i++ {
		emails = append(emails, fmt.Sprintf("nobody%d@nowhere.example", i))
	}
	for _, tag := range w.sandbox.Tags() {
		tags = append(tags, tag.Name)
	}
	for _, company := range w.sandbox.Companies() {
		companies = append(companies, company.Name)
	}
	in := func(field string, values []string) object {
		return object{"field": field, "operator": "IN", "values": values}
	}
	user := object{"field": "role", "operator": "=", "value": "user"}
	seen := object{"field": "last_seen_at", "operator": ">", "value": "-3000d"}
	everyone := w.found(object{"fields": []string{"tags", "companies"}})
	for name, test := range map[string]struct {
		in   object
		want func(email, role, tags, companies string) bool
	}{
		"e-mails": {object{"where": []object{in("email", emails)}},
			func(email, _, _, _ string) bool { return slices.Contains(emails, email) }},
		"e-mails of users": {object{"where": []object{in("email", emails), user}},
			func(email, role, _, _ string) bool { return slices.Contains(emails, email) && role == "user" }},
		"e-mails or users": {object{"where": []object{in("email", emails), user}, "match": "any"},
			func(email, role, _, _ string) bool { return slices.Contains(emails, email) || role == "user" }},
		"e-mails by a part": {object{"where": []object{in("email", emails)}, "query": "a"},
			func(email, _, _, _ string) bool { return slices.Contains(emails, email) }},
		"no e-mails": {object{"where": []object{{"field": "email", "operator": "NIN", "values": emails}, user}},
			func(email, role, _, _ string) bool { return !slices.Contains(emails, email) && role == "user" }},
		"no e-mails, or users": {object{"where": []object{{"field": "email", "operator": "NIN", "values": emails}, user},
			"match": "any"},
			func(email, role, _, _ string) bool { return !slices.Contains(emails, email) || role == "user" }},
		"tags": {object{"where": []object{in("tag", tags)}}, func(_, _, tags, _ string) bool { return tags != "" }},
		"tags of users": {object{"where": []object{user, in("tag", tags)}},
			func(_, role, tags, _ string) bool { return role == "user" && tags != "" }},
		"no tags": {object{"where": []object{{"field": "tag", "operator": "NIN", "values": tags}}},
			func(_, _, tags, _ string) bool { return tags == "" }},
		"companies": {object{"where": []object{in("company", companies)}},
			func(_, _, _, companies string) bool { return companies != "" }},
		"tags in companies": {object{"where": []object{in("company", companies), in("tag", tags[:2])}},
			func(_, _, has, companies string) bool {
				return companies != "" && slices.ContainsFunc(tags[:2], func(tag string) bool {
					return slices.Contains(strings.Split(has, ", "), tag)
				})
			}},
		"e-mails and tags": {object{"where": []object{in("email", emails), in("tag", tags), seen}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{w.Pipeline, t, w.sandbox}
			got := ids(w.found(test.in))
			if len(got) == 0 || slices.Compact(slices.Clone(got))[len(got)-1] != got[len(got)-1] {
				t.Errorf("%d are found, or some twice", len(got))
			}
			if test.want == nil || test.in["query"] != nil {
				return
			}
			var want [][]any
			for _, row := range everyone {
				if test.want(row[2].(string), row[3].(string), row[5].(string), row[6].(string)) {
					want = append(want, row[:1])
				}
			}
			if diff := cmp.Diff(ids(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	w.refused(toolerr.InvalidArgument, "search_contacts",
		object{"where": []object{in("email", append(emails, "x@y.example"))}})
}
