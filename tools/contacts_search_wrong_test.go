package tools

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/tools/toolerr"
)

// TestEveryBadCondition names all that is wrong with the conditions of a search, and with what else it is given.
func TestEveryBadCondition(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	in := func(field string, values ...string) object {
		return object{"field": field, "operator": "IN", "values": values}
	}
	is := func(field, operator, value string) object {
		return object{"field": field, "operator": operator, "value": value}
	}
	for _, test := range []struct {
		name string
		code toolerr.Code
		args object
		want []string
	}{
		{"tags", toolerr.UnknownTag, object{"where": []object{in("tag", "VPI", "VIP", "Glod", "VPI")}},
			[]string{`There is no tag: where[0].values[0], [3] "VPI"; nearest: "VIP", [2] "Glod". list_tags`}},
		{"companies", toolerr.NotFound, object{"where": []object{in("company", "Acme Ink", "Acme Inc", "Blu Sun")}},
			[]string{`There is no company: where[0].values[0] "Acme Ink"; nearest: "Acme Inc", [2] "Blu Sun"; nearest: "Blue Sun".`}},
		{"owners", toolerr.NotFound, object{"where": []object{in("owner", "nora", "tomas")}},
			[]string{`There is no teammate: where[0].values[0] "nora"; nearest: "Nora Lindqvist", `,
				`[1] "tomas"; nearest: "Tomas Okafor"`}},
		{"segments", toolerr.NotFound, object{"where": []object{in("segment", "Active user", "On tril")}},
			[]string{`where[0].values[0] "Active user"; nearest: "Active users", [1] "On tril"; nearest: "On trial".`}},
		{"roles", toolerr.InvalidArgument, object{"where": []object{in("role", "users", "user", "leads")}},
			[]string{`where[0].values[0]`, `"users" is no role`, `"leads" is no role`}},
		{"numbers", toolerr.InvalidArgument, object{"where": []object{in("custom_attributes.seats", "1.5", "2", "many")}},
			[]string{`where[0].values[0] "1.5", [2] "many"`}},
		{"conditions", toolerr.InvalidArgument, object{"where": []object{is("tag", "=", "VPI"), is("emial", "=", "a"),
			is("last_seen_at", "<", "31.12.2026"), is("custom_attributes.plann", "=", "pro"), is("role", "=", "user"),
			is("company", "~", "Acme"), is("role", "=", "")}}, []string{`6 problems`, `where[0]: There is no tag "VPI"`,
			`where[1]: "emial" is no contact field`, `where[2]: "31.12.2026"`, `where[3]: There is no custom attribute "plann"`,
			`where[5]: company is a company and does not support ~.`,
			`company supports = IN empty present.`, `where[6]: = takes one value`}},
		{"operators", toolerr.InvalidArgument, object{"where": []object{is("tag", "~", "VPI"),
			is("custom_attributes.seats", "^", "many")}}, []string{`2 problems`,
			`where[0]: tag is a tag and does not support ~.`, `tag supports = != IN NIN empty present.`,
			`custom_attributes.seats supports = != > < >= <= IN NIN empty present.`}},
		{"sort, fields", toolerr.InvalidArgument, object{"where": []object{is("tag", "=", "VPI")}, "sort": "tags",
			"fields": []string{"phoen", "phone", "ownr", "segment"}}, []string{`5 problems`, `where[0]: There is no tag "VPI"`,
			`sort: this cannot be sorted by tag`,
			`fields[0]: "phoen"`, `fields[2]: "ownr"`, `fields[3]: segments are not shown`}},
		{"counts", toolerr.InvalidArgument, object{"where": []object{is("tag", "=", "VPI")},
			"count_by": []string{"rle", "plan"}, "fields": []string{"phone"}}, []string{`4 problems`, `There is no tag "VPI"`, `count_by[0]: "rle"`,
			`count_by[1]: "plan" is a custom attribute`, `count_by goes without fields`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := *w
			w.t = t
			told := w.refused(test.code, "search_contacts", test.args).Error()
			for _, want := range test.want {
				if !strings.Contains(told, want) {
					t.Errorf("%q is not in %s", want, told)
				}
			}
		})
	}
	if wrote := w.writes(); len(wrote) > 0 {
		t.Errorf("sent %v", wrote)
	}
}

// TestManyBadValues bounds what is told of many unknown names, and tells how many more there are.
func TestManyBadValues(t *testing.T) {
	w := newWorld(t)
	var names []string
	for i := range 200 {
		names = append(names, fmt.Sprintf("No such tag %d", i))
	}
	told := w.refused(toolerr.UnknownTag, "search_contacts", object{"where": []object{
		{"field": "tag", "operator": "IN", "values": names}}}).Error()
	for _, want := range []string{"200 problems", names[0], names[9], "[199]"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %s", want, told)
		}
	}
	if len(told) > 2000 {
		t.Errorf("%d bytes: %s", len(told), told)
	}
}

// TestBadConditionsOfBulk names what is wrong with what is written, and with whom it is written to.
func TestBadConditionsOfBulk(t *testing.T) {
	w := newWorld(t)
	told := w.refused(toolerr.InvalidArgument, "bulk_update_contacts", object{
		"where": []object{{"field": "tag", "operator": "IN", "values": []string{"VPI", "Glod"}},
			{"field": "emial", "operator": "=", "value": "a"}},
		"set": object{"owner": "nora", "add_tags": []string{"Partnr", "Onbording"}}}).Error()
	for _, want := range []string{`6 problems`, `where[0].values[0] "VPI"`, `"Glod"`, `where[1]: "emial"`, `set.owner`,
		`"Partnr"; nearest: "Partner"`, `"Onbording"; nearest: "Onboarding"`} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %s", want, told)
		}
	}
}

// TestBadConditionOnMasked tells nothing of the values of a masked field.
func TestBadConditionOnMasked(t *testing.T) {
	w := newWorld(t, masking("tags", "phone"))
	for _, operator := range []string{"=", "~"} {
		told := w.refused(toolerr.PolicyDenied, "search_contacts", object{"where": []object{
			{"field": "tag", "operator": operator, "value": "VPI"}}}).Error()
		if strings.Contains(told, "nearest") || strings.Contains(told, "VIP") {
			t.Error(told)
		}
	}
}

// TestCompanyNamedTwice lists the people of a company once that is named in several ways.
func TestCompanyNamedTwice(t *testing.T) {
	w := newWorld(t)
	once := w.found(object{"where": []object{{"field": "company", "operator": "=", "value": "Acme Inc"}}})
	twice := w.found(object{"where": []object{{"field": "company", "operator": "IN", "values": []string{"Acme Inc",
		" Acme Inc", "company_id:acme"}}}})
	if len(once) == 0 || !slices.Equal(ids(once), ids(twice)) {
		t.Errorf("%d rows by one name, %d by three", len(once), len(twice))
	}
	total := w.do("search_contacts", object{"limit": 0, "where": []object{{"field": "company", "operator": "IN",
		"values": []string{"Acme Inc", " Acme Inc"}}}})["total"]
	if total != float64(len(once)) {
		t.Errorf("total %v, want %d", total, len(once))
	}
}
