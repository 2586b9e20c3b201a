package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// idsOf are the first cells of a table's rows, in order.
func idsOf(table object) []string {
	var list []string
	for _, row := range table["rows"].([]any) {
		list = append(list, row.([]any)[0].(string))
	}
	slices.Sort(list)
	return list
}

// TestNamesakes finds beside those whose name is what is looked for those who only show so; a change of all who meet a
// condition tells of them.
func TestNamesakes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	both := slices.Sorted(slices.Values(w.people(0, 2)))
	w.directAs("2.16", "PUT", "/contacts/"+both[0], `{"name":"Zoe Admin"}`)
	w.directAs("2.16", "PUT", "/contacts/"+both[1], `{"name":"Zo\u200be Admin"}`)
	where := []object{{"field": "name", "operator": "=", "value": "Zoe Admin"}}
	for _, args := range []object{
		{"where": where},
		{"where": append(where, object{"field": "role", "operator": "=", "value": "user"})},
		{"where": []object{{"field": "name", "operator": "IN", "values": []string{"Nobody at all", "Zoe Admin"}}}},
		{"query": "Zoe Admin"},
	} {
		found := w.do("search_contacts", args)
		if got := idsOf(found); !slices.Equal(got, both) || found["total"] != 2.0 ||
			!strings.Contains(fmt.Sprint(found["note"]), "1 more by what shows alone") {
			t.Errorf("%v: %v", args, found)
		}
		args["limit"] = 1
		first := w.do("search_contacts", args)
		if len(idsOf(first)) != 1 || !strings.Contains(fmt.Sprint(first["note"]), both[1]) {
			t.Errorf("%v: %v", args, first)
		}
	}
	receipt := w.do("bulk_update_contacts", object{"set": object{"phone": "+32470000000"}, "where": where})
	const alone = "left alone, as only what shows of them meets the conditions: "
	if note := fmt.Sprint(receipt["note"]); !strings.Contains(note, alone+both[1]) {
		t.Error(receipt)
	}
	if got := w.do("search_contacts", object{"query": "Zoe"}); len(idsOf(got)) != 1 {
		t.Errorf("a part of a name: %v", got)
	}
}

// TestFoundHoweverWritten finds names by what is shown of them where they hold breaks, and where they, or what is
// looked for, write letters in several code points; and takes no one of them for another name.
func TestFoundHoweverWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	id := w.people(0, 1)[0]
	const composed, decomposed = "J\u00fcrg Nguy\u1ec5n", "Ju\u0308rg Nguye\u0302\u0303n"
	for _, test := range []struct{ stored, shown, typed string }{
		{"Zoe\tAdmin", "Zoe Admin", "Zoe Admin"}, {"Zoe\r\nAdmin", "Zoe Admin", "Zoe Admin"},
		{"Zoe\u0085Admin", "Zoe Admin", "Zoe Admin"}, {"Zoe\u2028Admin", "Zoe Admin", "Zoe Admin"},
		{"Zoe\u2029 Admin", "Zoe Admin", "Zoe Admin"},
		{composed, composed, decomposed}, {decomposed, decomposed, composed},
	} {
		body, _ := json.Marshal(object{"name": test.stored})
		w.directAs("2.16", "PUT", "/contacts/"+id, string(body))
		if name := w.do("get_contact", object{"contact": id})["name"]; name != test.shown {
			t.Errorf("%q is shown as %q", test.stored, name)
		}
		for _, args := range []object{
			{"where": []object{{"field": "name", "operator": "=", "value": test.typed}}},
			{"where": []object{{"field": "name", "operator": "IN", "values": []string{"Nobody at all", test.typed}}}},
			{"query": test.typed},
		} {
			if found := w.do("search_contacts", args); !slices.Equal(idsOf(found), []string{id}) {
				t.Errorf("%q: %v: %v", test.stored, args, found)
			}
		}
		not := []object{{"field": "name", "operator": "!=", "value": test.typed},
			{"field": "id", "operator": "=", "value": id}}
		if found := w.do("search_contacts", object{"where": not}); len(idsOf(found)) != 0 {
			t.Errorf("%q passes for another name than %q: %v", test.stored, test.typed, found)
		}
	}
}

// TestShownOtherwise leaves out those who show what is not meant.
func TestShownOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	id := w.people(0, 1)[0]
	w.directAs("2.16", "PUT", "/contacts/"+id, `{"name":"Zo\u200be Admin"}`)
	for _, where := range []object{
		{"field": "name", "operator": "!=", "value": "Zoe Admin"},
		{"field": "name", "operator": "NIN", "values": []string{"Zoe Admin", "Nobody at all"}},
		{"field": "name", "operator": "!~", "value": "oe Adm"},
	} {
		conditions := []object{where, {"field": "id", "operator": "=", "value": id}}
		found := w.do("search_contacts", object{"where": conditions})
		if len(idsOf(found)) != 0 || !strings.Contains(fmt.Sprint(found["note"]), "1 left out") {
			t.Errorf("%v: %v", where, found)
		}
		w.refused("not_found", "bulk_update_contacts", object{"set": object{"phone": "+32470000000"}, "where": conditions})
	}
}

// TestIdentifiersAsShown finds an e-mail and a phone by what is shown of them.
func TestIdentifiersAsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	id := w.people(0, 1)[0]
	w.directAs("2.16", "PUT", "/contacts/"+id, `{"email":"zo\u200be@quaxel.example","phone":"+32470\u200b112233"}`)
	shown := w.do("get_contact", object{"contact": id})
	for _, field := range []string{"email", "phone"} {
		found := w.do("search_contacts", object{"where": []object{
			{"field": field, "operator": "=", "value": shown[field]}}})
		if got := idsOf(found); !slices.Equal(got, []string{id}) {
			t.Errorf("%s %q: %v", field, shown[field], found)
		}
	}
	if found := w.do("search_contacts", object{"query": shown["email"]}); !slices.Equal(idsOf(found), []string{id}) {
		t.Errorf("a part of a name or e-mail: %v", found)
	}
}

// TestReferenceAsShown takes an e-mail as answers show it for the one contact who has it with something hidden in it.
func TestReferenceAsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	people := w.people(0, 3)
	for i, stored := range []string{
		"an\u200bna@quaxel.example", "berta@qua\u202exel.example", "\u2060cora@quaxel.example",
	} {
		w.directAs("2.16", "PUT", "/contacts/"+people[i], fmt.Sprintf(`{"email":%q}`, stored))
	}
	for i, id := range people {
		shown := w.do("get_contact", object{"contact": id})["email"]
		found := w.do("get_contact", object{"contact": shown})
		if found["id"] != id || !strings.Contains(fmt.Sprint(found["note"]), "do not show") {
			t.Errorf("%d: %q finds %v", i, shown, found)
		}
	}
	receipt := w.do("update_contact", object{"contact": "Anna@quaxel.example", "set": object{"name": "Anna"}})
	if receipt["status"] != "applied" || w.do("get_contact", object{"contact": people[0]})["name"] != "Anna" {
		t.Error(receipt)
	}
	w.directAs("2.16", "PUT", "/contacts/"+people[1], `{"email":"ann\u200ba@quaxel.example"}`)
	w.refused("ambiguous", "get_contact", object{"contact": "anna@quaxel.example"})
	w.directAs("2.16", "PUT", "/contacts/"+people[2], `{"email":"anna@quaxel.example"}`)
	if found := w.do("get_contact", object{"contact": "anna@quaxel.example"}); found["id"] != people[2] {
		t.Errorf("the plain e-mail: %v", found)
	}
	w.refused("not_found", "get_contact", object{"contact": "anna@quaxel.exampl"})
}
