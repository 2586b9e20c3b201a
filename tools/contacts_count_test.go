package tools

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/internal/record"
	"intercom-mcp/tools/toolerr"
)

// counts reads the rows of count_by.
func counts(t *testing.T, answer object) map[string]int {
	t.Helper()
	read := make(map[string]int)
	for _, row := range answer["rows"].([]any) {
		cells := row.([]any)
		var key []string
		for _, cell := range cells[:len(cells)-1] {
			key = append(key, cell.(string))
		}
		n, err := strconv.Atoi(cells[len(cells)-1].(string))
		if err != nil {
			t.Fatal(err)
		}
		read[strings.Join(key, "|")] = n
	}
	return read
}

// TestCountBy counts what a walk through all rows counts.
func TestCountBy(t *testing.T) {
	w := newWorld(t, few("2.16")...)
	lists := map[string]bool{"tags": true, "companies": true}
	for name, test := range map[string]struct {
		by    []string
		where []object
	}{
		"role":          {by: []string{"role"}},
		"owner":         {by: []string{"owner"}},
		"plan and role": {by: []string{"custom_attributes.plan", "role"}},
		"number":        {by: []string{"custom_attributes.seats"}},
		"date":          {by: []string{"custom_attributes.renewal_date"}},
		"flag":          {by: []string{"unsubscribed_from_emails"}},
		"tags":          {by: []string{"tag"}, where: []object{{"field": "role", "operator": "=", "value": "lead"}}},
		"companies":     {by: []string{"companies"}},
		"tags and role": {by: []string{"tags", "role"}},
		"checked here": {by: []string{"role"},
			where: []object{{"field": "last_seen_at", "operator": ">", "value": "-90d"}}},
		"in two company": {by: []string{"role"}, where: []object{{"field": "company", "operator": "present"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{w.Pipeline, t, w.sandbox}
			answer := w.do("search_contacts", object{"count_by": test.by, "where": test.where})
			columns := answer["columns"].([]any)
			rows := w.found(object{"where": test.where, "fields": test.by})
			at := map[string]int{"role": 3}
			want, n := make(map[string]int), 5
			for _, column := range columns[:len(columns)-1] {
				if _, shown := at[column.(string)]; !shown {
					at[column.(string)] = n
					n++
				}
			}
			for _, row := range rows {
				keys := []string{""}
				for i, column := range columns[:len(columns)-1] {
					values := []string{row[at[column.(string)]].(string)}
					if lists[column.(string)] {
						values = strings.Split(values[0], ", ")
					}
					var next []string
					for _, key := range keys {
						for _, value := range values {
							if value == "" {
								value = noValue
							}
							next = append(next, key+strings.Repeat("|", min(i, 1))+value)
						}
					}
					keys = next
				}
				for _, key := range keys {
					if name == "date" && key != noValue {
						key = key[:len("2006-01")]
					}
					want[key]++
				}
			}
			got := counts(t, answer)
			if most := len(want); most > maxValues {
				maps.DeleteFunc(want, func(_ string, n int) bool { return n == 1 })
				if note := fmt.Sprint(most-len(want), " values of one contact each not shown"); answer["note"] != note {
					t.Errorf("%d values: %v, want %s", most, answer["note"], note)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if answer["total"] != float64(len(rows)) {
				t.Errorf("%v in all, want %d", answer["total"], len(rows))
			}
		})
	}
	for _, in := range []object{
		{"count_by": []string{"role", "role"}}, {"count_by": []string{"segment"}}, {"count_by": []string{"nonsense"}},
		{"count_by": []string{"role"}, "fields": []string{"phone"}}, {"count_by": []string{"role"}, "sort": "name"},
		{"count_by": []string{}},
	} {
		w.refused(toolerr.InvalidArgument, "search_contacts", in)
	}
	masked := newWorld(t, masking("email", "owner_id", "tags", "custom_attributes.plan"))
	for _, field := range []string{"email", "owner", "tag", "custom_attributes.plan"} {
		masked.refused(toolerr.PolicyDenied, "search_contacts", object{"count_by": []string{"role", field}})
	}
}

// TestCountRows shows the values that most contacts have, times in their order and as coarse as they have to be, and
// none of one contact each where there are too many.
func TestCountRows(t *testing.T) {
	w := newWorld(t)
	field := func(name string, kind record.Kind) *record.Field { return &record.Field{Name: name, Kind: kind} }
	name, at := field("name", record.KindString), field("created_at", record.KindTime)
	days := func(n, step int) map[[2]string]int {
		counts := map[[2]string]int{{""}: 3}
		for i := range n {
			counts[[2]string{time.Date(2024, 1, 1+i*step, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}] = 1 + i%3
		}
		return counts
	}
	names := func(n int, count func(i int) int) map[[2]string]int {
		counts := make(map[[2]string]int)
		for i := range n {
			counts[[2]string{fmt.Sprintf("%03d", i)}] = count(i)
		}
		return counts
	}
	for what, test := range map[string]struct {
		fields []*record.Field
		counts map[[2]string]int
		rows   int
		first  []string
		unit   string
		notes  string
	}{
		"few days":    {[]*record.Field{at}, days(49, 1), 50, []string{noValue, "3"}, "", ""},
		"many days":   {[]*record.Field{at}, days(60, 1), 3, []string{noValue, "3"}, "month", ""},
		"many months": {[]*record.Field{at}, days(60, 31), 7, []string{noValue, "3"}, "year", ""},
		"few names": {[]*record.Field{name}, names(50, func(i int) int { return 1 + i%2 }), 50,
			[]string{"001", "2"}, "", ""},
		"many twins": {[]*record.Field{name}, names(60, func(int) int { return 2 }), 50, []string{"000", "2"}, "",
			"10 values more not shown, 20 in sum"},
		"two twice": {[]*record.Field{name}, names(90, func(i int) int { return 1 + i/88 }), 2, []string{"088", "2"}, "",
			"88 values of one contact each not shown"},
		"nobody twice": {[]*record.Field{name}, names(51, func(int) int { return 1 }), 0, nil, "",
			"51 values of one contact each not shown"},
	} {
		s := w.newSession(Call{Principal: "local"}, &w.tools[0])
		g := grouping{fields: test.fields, counts: test.counts, table: newContactTable(s)}
		unit := g.coarsen()
		rows, err := g.rows(t.Context(), s)
		if err != nil || unit != test.unit || len(rows) != test.rows || len(rows) > 0 && !slices.Equal(rows[0], test.first) ||
			strings.Join(s.notes, "; ") != test.notes {
			t.Errorf("%s: by %q, %d rows, %v, notes %q, %v", what, unit, len(rows), rows[:min(1, len(rows))], s.notes, err)
		}
	}
}

// TestCountAlone answers limit 0 with a total and no rows, of what Intercom counts and of what is checked here.
func TestCountAlone(t *testing.T) {
	w := newWorld(t, few("2.16")...)
	for name, where := range map[string][]object{
		"everyone": nil,
		"leads":    {{"field": "role", "operator": "=", "value": "lead"}},
		"a time":   {{"field": "created_at", "operator": "<", "value": "-300d"}},
	} {
		want := float64(len(w.found(object{"where": where})))
		w.sandbox.ResetCalls()
		answer := w.do("search_contacts", object{"where": where, "limit": 0})
		if answer["total"] != want || len(answer["rows"].([]any)) > 0 || answer["next_cursor"] != nil {
			t.Errorf("%s: %v, want %v", name, answer, want)
		}
		if sent := len(w.sandbox.Calls()); name != "a time" && sent != 1 {
			t.Errorf("%s: %d requests", name, sent)
		}
	}
	sel, err := w.newSession(Call{Principal: "local"}, &w.tools[0]).find.Compile(t.Context(), "", nil, "all")
	if err != nil {
		t.Fatal(err)
	}
	n := counter{client: w.client}
	looked, whole, err := n.each(t.Context(), sel, 7, func(*intercom.Contact) error { return nil })
	if looked != 7 || whole || err != nil {
		t.Errorf("of more than 7 contacts: %d, all: %v, %v", looked, whole, err)
	}
}

// TestMissingValues tells who a comparison of times or numbers leaves out for having no value.
func TestMissingValues(t *testing.T) {
	for _, version := range []string{"2.16", "2.17"} {
		w := newWorld(t, few(version)...)
		user := object{"field": "role", "operator": "=", "value": "user"}
		unseen := len(w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool {
			return !c.Archived && c.MergedInto == "" && !c.Blocked && c.LastSeenAt == 0 && c.Role == "user"
		}))
		if unseen == 0 {
			t.Fatal("every user was seen")
		}
		old := object{"field": "last_seen_at", "operator": "<", "value": "-120d"}
		says := func(want string, in object) {
			t.Helper()
			note, _ := w.do("search_contacts", in)["note"].(string)
			if want == "" && strings.Contains(note, "more have no") || !strings.Contains(note, want) {
				t.Errorf("%s: %v: %q, want %q", version, in, note, want)
			}
		}
		says(strconv.Itoa(unseen)+" more have no last_seen_at", object{"where": []object{old, user}})
		says(strconv.Itoa(unseen)+" more have no last_seen_at", object{"where": []object{old, user}, "limit": 0})
		says("", object{"where": []object{old, user}, "match": "any"})
		plan := w.do("bulk_update_contacts", object{"where": []object{old, user}, "set": object{"name": "B"},
			"preview": true})
		if want := strconv.Itoa(unseen) + " more have no last_seen_at, and are left alone"; !strings.Contains(
			fmt.Sprint(plan), want) {
			t.Errorf("a bulk does not say %q: %v", want, plan)
		}
		says("", object{"where": []object{user}})
		says("", object{"where": []object{{"field": "created_at", "operator": ">", "value": "-9000d"}}})
		firm := object{"field": "company", "operator": "present"}
		some := len(w.found(object{"where": []object{firm, {"field": "last_seen_at", "operator": "empty"}}}))
		says(strconv.Itoa(some)+" more have no last_seen_at", object{"where": []object{old, firm}})
	}
}
