package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// kept are texts that are shown as they are. They are spelled by code points.
var kept = map[string]string{
	"a technologist with a skin tone": "\U0001F469\U0001F3FD\u200D\U0001F4BB",
	"a family":                        "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466",
	"a heart":                         "\u2764\uFE0F",
	"the flag of England":             "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
	"Persian":                         "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645",
	"Devanagari":                      "\u0930\u094D\u200D\u092F",
	"Japanese":                        "\u5C71\u7530\u3000\u592A\u90CE",
	"a blank that does not break":     "Jean\u00A0Paul",
	"a narrow one":                    "10\u202F000",
	"a soft hyphen":                   "co\u00ADop",
	"decomposed Vietnamese":           "Nguye\u0302\u0303n Thi\u0323",
	"two blanks":                      "Ann  Lee",
	"what HTML escapes":               `R&D <b> "x" 'y'`,
}

// removed are texts of which not all is shown, and what is.
var removed = map[string]string{
	"Ad\u200Bmin":                  "Admin",
	"Invoice \u202Egpj.exe":        "Invoice gpj.exe",
	"a\u2066b\u2067c\u2068d\u2069": "abcd",
	"Mia\U000E0069\U000E0067":      "Mia",
	"bell\u0007":                   "bell",
}

// TestText reads, searches for and writes back text as the world writes it: the same bytes are shown, found and left.
// What hides is removed and told; whoever writes back what was shown changes nothing.
func TestText(t *testing.T) {
	t.Parallel()
	for _, escape := range []bool{false, true} {
		t.Run(fmt.Sprint("escaped ", escape), func(t *testing.T) { testText(t, escape) })
	}
}

func testText(t *testing.T, escape bool) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 60, 5, escape }))
	all := make(map[string]string)
	for _, str := range kept {
		all[str] = str
	}
	if escape {
		all["R&amp;D &#8238;"] = "R&amp;D &#8238;"
	} else {
		all["R&amp;D &#8238;."] = "R&D ."
	}
	for str, shown := range removed {
		all[str] = shown
	}
	id, company := w.people(0, 1)[0], w.sandbox.Companies()[0].ID
	for str, shown := range all {
		w.holds(id, company, str)
		before := len(w.writes())
		for _, answer := range []object{
			w.do("get_contact", object{"contact": id}), w.do("get_company", object{"company": company}),
		} {
			if answer["name"] != shown || answer["custom_attributes"].(object)["plan"] != shown && answer["plan"] != shown {
				t.Errorf("%+q is shown as %+q", str, answer)
			}
			if note, _ := answer["note"].(string); strings.Contains(note, "hidden characters left out") != (str != shown) {
				t.Errorf("%+q: the note is %q", str, note)
			}
		}
		found := w.do("search_contacts", object{"where": []object{{"field": "name", "operator": "=", "value": str}}})
		if rows := found["rows"].([]any); len(rows) != 1 || rows[0].([]any)[1] != shown {
			t.Errorf("%+q is found as %+q", str, found)
		}
		if note, _ := found["note"].(string); strings.Contains(note, "hidden characters left out") != (str != shown) {
			t.Errorf("%+q: the note is %q", str, note)
		}
		set := object{"name": shown, "custom_attributes": object{"plan": shown}}
		for _, receipt := range []object{
			w.do("update_contact", object{"contact": id, "set": set}),
			w.do("bulk_update_contacts", object{"contacts": []string{id}, "set": set}),
			w.do("save_company", object{"company": company, "set": object{"name": shown, "plan": shown}}),
		} {
			note, _ := receipt["note"].(string)
			if receipt["unchanged"] != 1.0 || strings.Contains(note, "hidden characters") != (str != shown) {
				t.Errorf("%+q written back: %v", shown, receipt)
			}
		}
		if got := w.writes()[before:]; len(got) > 0 {
			t.Errorf("%+q written back: sent %v", shown, got)
		}
		if c, _ := w.sandbox.Contact(id); c.Name != str {
			t.Errorf("%+q is %+q now", str, c.Name)
		}
	}
}

// holds gives a contact and a company a name and a plan, as somebody else would.
func (w *world) holds(contact, company, str string) {
	w.t.Helper()
	w.directAs("2.16", "PUT", "/contacts/"+contact, string(encoded(w.t, object{"name": str,
		"custom_attributes": object{"plan": str}})))
	w.directAs("2.16", "PUT", "/companies/"+company, string(encoded(w.t, object{"name": str, "plan": str})))
}

// TestTextUndone puts back what hides in a text, too.
func TestTextUndone(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	id, company := w.people(0, 1)[0], w.sandbox.Companies()[0].ID
	for _, str := range append([]string{"Admin"}, "Ad\u200Bmin", "\u2764\uFE0F") {
		w.holds(id, company, str)
		for _, write := range []string{"Bob", "Ad\u200Bmin", "Admin"} {
			receipt := w.do("update_contact", object{"contact": id, "set": object{"name": write}})
			if c, _ := w.sandbox.Contact(id); receipt["changed"] == 1.0 && c.Name != write {
				t.Errorf("%+q over %+q: %v, and it is %+q", write, str, receipt, c.Name)
			}
			if receipt["changed"] == 1.0 {
				w.do("undo_change", object{"change": receipt["change"]})
			}
			if c, _ := w.sandbox.Contact(id); c.Name != str {
				t.Errorf("%+q over %+q undone: %+q", write, str, c.Name)
			}
		}
	}
}

// TestTextNamed finds what is shown with less than its name.
func TestTextNamed(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies = 60, 5 }))
	w.directAs("2.16", "POST", "/tags", `{"name":"V\u200bIP club"}`)
	w.directAs("2.16", "POST", "/tags", `{"name":"Nguye\u0302\u0303n"}`)
	list := w.do("list_tags", object{})
	if note := list["note"]; note != `hidden characters left out: U+200B in "VIP club"` {
		t.Error(note)
	}
	firm := w.sandbox.Companies()[0]
	w.directAs("2.16", "PUT", "/companies/"+firm.ID, `{"name":"Ad\u200bmin & Co"}`)
	if got := w.do("find_companies", object{"query": "admin & co"}); len(got["rows"].([]any)) != 1 {
		t.Error(got)
	}
	got := w.do("get_company", object{"company": firm.CompanyID})
	if note := got["note"].(string); got["id"] != firm.ID ||
		!strings.Contains(note, "company_id:"+firm.CompanyID+" is taken") {
		t.Error(got)
	}
	id := w.people(0, 1)[0]
	for _, name := range []string{"VIP club", "Nguy\u1EC5n"} {
		if got := w.do("tag_contacts", object{"contacts": []string{id}, "tag": name}); got["changed"] != 1.0 {
			t.Error(got)
		}
	}
	if got := w.do("create_tag", object{"name": "VIP club"}); got["unchanged"] != 1.0 {
		t.Error(got)
	}
	w.directAs("2.16", "PUT", "/contacts/"+id, `{"name":"Ad\u200bmin","email":""}`)
	preview := w.do("update_contact", object{"contact": id, "set": object{"external_id": "x-1"}})["preview"]
	if !strings.Contains(preview.(string), `"Ad<U+200B>min"`) {
		t.Error(preview)
	}
}

// TestNoteLines shows the lines and the lists of notes.
func TestNoteLines(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts = 60 }))
	id := w.people(0, 1)[0]
	w.do("add_note", object{"contact": id, "body": "Call:\r- a & b\r\n- c\n\nBye"})
	const want = "Call:\n- a & b\n- c\n\nBye"
	if got := w.do("list_notes", object{"contact": id})["rows"].([]any)[0].([]any)[3]; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.directAs("2.16", "POST", "/contacts/"+id+"/notes", `{"body":"<ul><li>a&#8238;</li><li>b</li></ul>"}`)
	got := w.do("get_contact", object{"contact": id, "include": []string{"notes"}})
	notes := got["notes"].([]any)
	if !strings.HasSuffix(notes[0].(string), ": - a\n- b") && !strings.HasSuffix(notes[1].(string), ": - a\n- b") {
		t.Errorf("%q", notes)
	}
	if note, _ := got["note"].(string); !strings.Contains(note, "U+202E") {
		t.Error(note)
	}
}

// TestFoundAsShown finds by what answers show who holds something that they do not show, and tells of it; a change of
// all who meet a condition names them, and writes to none of them.
func TestFoundAsShown(t *testing.T) {
	w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.Contacts, o.Companies, o.Escape = 60, 5, false }))
	id, company := w.people(0, 1)[0], w.sandbox.Companies()[0].ID
	for held, shown := range map[string]string{"Zo\u200Be Admin": "Zoe Admin", "\u200BZoe": "Zoe", "Zoe\u202E": "Zoe",
		"Z\u2066oe Quaxx": "Zoe Quaxx", "AQ&amp;T": "AQ&T", "Qua\U000E0069\U000E0067xel": "Quaxel"} {
		w.holds(id, company, held)
		for _, args := range []object{
			{"where": []object{{"field": "name", "operator": "=", "value": shown}}},
			{"where": []object{{"field": "name", "operator": "=", "value": strings.ToUpper(shown)},
				{"field": "role", "operator": "=", "value": "user"}}},
			{"where": []object{{"field": "name", "operator": "IN", "values": []string{"Nobody at all", shown}}}},
			{"where": []object{{"field": "name", "operator": "^", "value": shown}}},
			{"where": []object{{"field": "name", "operator": "$", "value": shown}}},
			{"where": []object{{"field": "custom_attributes.plan", "operator": "=", "value": shown}}},
			{"query": shown},
		} {
			found := w.do("search_contacts", args)
			rows := found["rows"].([]any)
			if len(rows) != 1 || rows[0].([]any)[0] != id || rows[0].([]any)[1] != shown || found["total"] != 1.0 {
				t.Errorf("%+q by %v: %v", held, args, found)
			}
		}
		before := len(w.writes())
		err := w.refused(toolerr.NotFound, "bulk_update_contacts", object{"set": object{"phone": "+32470000000"},
			"where": []object{{"field": "name", "operator": "=", "value": shown}}})
		if !strings.Contains(err.Message, id) || len(w.writes()) > before {
			t.Errorf("%+q: %v", held, err)
		}
	}
	w.holds(id, company, "\u200BZ\u200Bo\u200Be\u200B")
	for _, args := range []object{{"query": "Zoex"},
		{"where": []object{{"field": "name", "operator": "=", "value": "Zoe"}}}} {
		if found := w.do("search_contacts", args); len(found["rows"].([]any)) != 0 ||
			!strings.Contains(fmt.Sprint(found["note"]), "if characters hide in a name, a part of it finds it: ~") {
			t.Errorf("%v: %v", args, found)
		}
	}
}
