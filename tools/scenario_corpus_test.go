package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/record"
)

// sample is a value as an agent writes it, and as Intercom then shows it. %d in a text becomes a number that is each
// contact's own.
type sample struct{ write, shown any }

func number(text string) json.Number { return json.Number(text) }

// seconds is a time as Intercom shows it.
func seconds(iso string) json.Number {
	t, err := time.Parse(time.RFC3339, iso)
	if err != nil {
		panic(err)
	}
	return number(fmt.Sprint(t.Unix()))
}

// fieldSamples are values of the standard fields of contacts, by the names of the input; those of owner are added.
var fieldSamples = map[string][]sample{
	"name": {{" Joe\t", "Joe"}, {"Ann", "Ann"}, {`R&D <"b'">`, `R&D <"b'">`}, {"Ωμέγα 中文 \u200d", "Ωμέγα 中文 \u200d"},
		{"", nil}},
	"email": {{"New%d@Mail.Example", "new%d@mail.example"},
		{" plain%d@mail.example ", "plain%d@mail.example"}},
	"phone":       {{" +1 555 0100 ", "+1 555 0100"}, {"0044", "0044"}, {"", nil}},
	"external_id": {{"A & b %d", "A & b %d"}, {" Blank %d ", " Blank %d "}},
	"avatar": {{"https://a.example/a.png", "https://a.example/a.png"},
		{"https://a.example/b.png?x=1&y=2 ", "https://a.example/b.png?x=1&y=2"}, {"", nil}},
	"language_override":        {{"fr", "fr"}, {"pt-BR", "pt-BR"}, {"", nil}},
	"unsubscribed_from_emails": {{true, true}, {false, false}},
	"role":                     {{"user", "user"}},
	"signed_up_at":             times,
	"last_seen_at":             times,
}

// times are those of standard fields, where Intercom shows the epoch as none.
var times = []sample{
	{"2026-01-02T03:04:05Z", seconds("2026-01-02T03:04:05Z")}, {"2026-01-03", seconds("2026-01-03T00:00:00Z")},
	{"1969-12-31T23:59:59Z", number("-1")}, {"1970-01-01", nil},
}

// attributeSamples are values of custom attributes, by their type.
var attributeSamples = map[string][]sample{
	"string": {{" pro ", "pro"}, {"Y", "Y"}, {"R&D", "R&D"}, {"", ""}, {nil, nil}},
	"list":   {{"Gold", "gold"}, {"PRIORITY", "priority"}, {nil, nil}},
	"integer": {{number("0"), number("0")}, {number("9007199254740993"), number("9007199254740993")}, {"-7", number("-7")},
		{nil, nil}},
	"float": {{number("12.3456"), number("12.35")}, {number("0.004"), number("0")}, {number("-1.999"), number("-2")},
		{number("0"), number("0")},
		{"1e2", number("100")}, {number("12345678901234567890123"), number("1.2345678901234568e22")},
		{number("0.1"), number("0.1")}, {nil, nil}},
	"boolean": {{true, true}, {false, false}, {nil, nil}},
	"date": {{"2026-01-02T03:04:05Z", seconds("2026-01-02T00:00:00Z")}, {"2026-01-03", seconds("2026-01-03T00:00:00Z")},
		{"1969-12-31T23:59:59Z", number("-86400")}, {"1970-01-01", number("0")}, {nil, nil}},
	"datetime": {{"2026-01-02T03:04:05Z", seconds("2026-01-02T03:04:05Z")}, {"1970-01-01T00:00:00Z", number("0")},
		{nil, nil}},
}

// corpusField is a field that can be written.
type corpusField struct {
	name    string // in the input
	stored  string // Intercom's name
	samples []sample
	bulk    bool // many contacts can be given it at once
}

// contactCorpus lists the fields of contacts and the types of attributes, derived from the inputs and the workspace.
func contactCorpus(w *world) []corpusField {
	var list []corpusField
	add := func(of reflect.Type, bulk bool) {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			f := corpusField{name, name, fieldSamples[name], bulk}
			if name == "owner" {
				admin := w.sandbox.Admins()[0]
				f.stored, f.samples = "owner_id", []sample{{admin.Email, admin.ID}, {"", nil}}
			}
			if name == "custom_attributes" {
				list = append(list, attributeCorpus(w, "contact")...)
				continue
			}
			if f.samples == nil {
				w.t.Errorf("there are no samples of %s", name)
			}
			list = append(list, f)
		}
	}
	add(reflect.TypeFor[ContactFields](), true)
	add(reflect.TypeFor[ContactDates](), false)
	return list
}

// attributeCorpus lists an attribute of each type of a model.
func attributeCorpus(w *world, model string) []corpusField {
	var list []corpusField
	seen := make(map[string]bool)
	for _, a := range w.sandbox.Attributes() {
		kind := a.DataType
		if len(a.Options) > 0 {
			kind = "list"
		}
		if !a.Custom || a.Archived || a.Model != model || seen[kind] {
			continue
		}
		seen[kind] = true
		name := "custom_attributes." + a.Name
		samples := slices.Clone(attributeSamples[kind])
		if kind == "list" {
			samples = slices.DeleteFunc(samples, func(s sample) bool {
				return s.shown != nil && !slices.Contains(a.Options, s.shown.(string))
			})
		}
		list = append(list, corpusField{name, name, samples, true})
	}
	for kind := range attributeSamples {
		if !seen[kind] {
			w.t.Errorf("no attribute of a %s is of type %s", model, kind)
		}
	}
	return list
}

// numbered puts a contact's own number into a text.
func numbered(value any, n int) any {
	if text, ok := value.(string); ok {
		return strings.ReplaceAll(text, "%d", fmt.Sprint(n))
	}
	return value
}

// under nests a field's value as inputs and Intercom have it.
func under(field string, value any) object {
	if name, ok := strings.CutPrefix(field, "custom_attributes."); ok {
		return object{"custom_attributes": object{name: value}}
	}
	return object{field: value}
}

// starts are what a field holds before its n-th sample: what it will, another value, nothing; in a short run one of
// them, in turn.
func (f *corpusField) starts(n int, s sample) map[string]any {
	starts := map[string]any{"as it is": s.shown}
	if f.stored != "email" && f.stored != "role" {
		starts["nothing"] = nil
	}
	for _, other := range f.samples {
		if other.shown != nil && other.shown != s.shown {
			starts["another"] = other.shown
		}
	}
	if names := slices.Sorted(maps.Keys(starts)); testing.Short() {
		name := names[n%len(names)]
		return map[string]any{name: starts[name]}
	}
	return starts
}

// TestCorpus writes what Intercom normalises to every field of contacts and every type of attribute: one by one, in
// bulk, and each contact its own. What is told is what Intercom shows, and undo puts it back.
func TestCorpus(t *testing.T) {
	t.Parallel()
	world := func(t *testing.T) *world {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.RoundValues, o.Contacts = true, 60 }))
		w.sandbox.AddAttribute("contact", "last_call", "datetime")
		w.sandbox.AddAttribute("company", "last_call", "datetime")
		return w
	}
	for _, f := range contactCorpus(world(t)) {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := world(t)
				for n, s := range f.samples {
					for start, before := range f.starts(n, s) {
						w.corpusCase(f, s, fmt.Sprintf("%v over %s", s.write, start), before)
					}
				}
			})
		})
	}
}

// corpusCase writes a sample in all ways over a value.
func (w *world) corpusCase(f corpusField, s sample, what string, before any) {
	w.t.Helper()
	ids := w.people(0, 13)
	unique := strings.Contains(fmt.Sprint(s.write), "%d")
	set := func(i int) object { return under(f.name, numbered(s.write, i)) }
	var updates []object
	for i, id := range ids {
		updates = append(updates, object{"contact": id, "set": set(i)})
	}
	for way, call := range map[string]struct {
		ids  []string
		tool string
		args object
		may  bool
	}{
		"single":  {ids[:1], "update_contact", updates[0], true},
		"in bulk": {ids, "bulk_update_contacts", object{"contacts": ids, "set": set(0)}, f.bulk && !unique},
		"updates": {ids, "bulk_update_contacts", object{"updates": updates}, f.bulk},
	} {
		if !call.may {
			continue
		}
		for i, id := range call.ids {
			body := encoded(w.t, under(f.stored, numbered(before, i+100*b2i(before != s.shown))))
			w.directAs("Preview", "PUT", "/contacts/"+id, string(body))
		}
		snapshot, was := w.sandbox.Snapshot(), w.shown(call.ids, f.stored)
		receipt := w.consented(call.tool, call.args)
		is := w.shown(call.ids, f.stored)
		outcomes := w.outcomes(receipt)
		written := false
		for i, id := range call.ids {
			shown := numbered(s.shown, i)
			if !record.Same(f.stored, is[i], shown) {
				w.t.Errorf("%s, %s: Intercom shows %v, want %v", what, way, is[i], shown)
			}
			want := "changed"
			switch {
			case record.Silent(was[i], number("0"), is[i]) && strings.HasSuffix(f.stored, "_at") && s.shown == nil:
				want = "unknown" // nothing is shown, before and after
			case record.Same(f.stored, was[i], is[i]):
				want = "unchanged"
			}
			if got := outcomes[id]; got == nil || got[0] != want {
				w.t.Errorf("%s, %s: it held %v and holds %v: %q, want %s", what, way, was[i], is[i], got, want)
			}
			written = written || want == "changed"
		}
		if written {
			w.consented("undo_change", object{"change": receipt["change"]})
			w.restored(snapshot)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shown reads a field of contacts as Intercom shows it.
func (w *world) shown(ids []string, field string) []any {
	w.t.Helper()
	values := make([]any, len(ids))
	for i, id := range ids {
		c, err := w.client.Contacts.Get(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		values[i] = record.ContactValue(&c, field)
	}
	return values
}

// consented makes a write, with the user's consent where it is asked for, and returns its answer or its error.
func (w *world) consented(tool string, args any) object {
	w.t.Helper()
	result := w.try(tool, args, canAsk)
	if result.Ask != nil {
		result = w.try(tool, args, answering(result.Ask.Change, result.Ask.Binding, Accept))
	}
	answer := decoded(w.t, result)
	if answer["change"] == nil {
		w.t.Fatalf("%s: %v", tool, answer)
	}
	return answer
}

// TestCorpusOfNew creates a contact with each sample.
func TestCorpusOfNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.RoundValues, o.Contacts = true, 60 }))
		w.sandbox.AddAttribute("contact", "last_call", "datetime")
		n := 0
		for _, f := range contactCorpus(w) {
			for _, s := range f.samples {
				if s.write == nil || s.write == "" {
					continue
				}
				n++
				set := under(f.name, numbered(s.write, n))
				if f.name != "email" {
					set["email"] = fmt.Sprintf("eve%d@example.com", n)
				}
				receipt := w.consented("create_contact", object{"set": set})
				id, _ := receipt["created"].(string)
				want := "applied"
				if s.shown == nil {
					want = "partial" // it may be the epoch; nothing is shown
				}
				if is := w.shown([]string{id}, f.stored)[0]; !record.Same(f.stored, is, numbered(s.shown, n)) ||
					receipt["status"] != want {
					t.Errorf("%s %v: Intercom shows %v: %v, want %s", f.name, s.write, is, receipt, want)
				}
				w.consented("undo_change", object{"change": receipt["change"]})
				if c, _ := w.sandbox.Contact(id); !c.Archived {
					t.Errorf("%s %v: it is not archived", f.name, s.write)
				}
			}
		}
	})
}

// TestCorpusOfCompanies saves each sample to a company, and to a new one.
func TestCorpusOfCompanies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.RoundValues, o.Contacts = true, 60 }))
		w.sandbox.AddAttribute("company", "last_call", "datetime")
		fields := attributeCorpus(w, "company")
		for name, samples := range map[string][]sample{
			"name":          {{" Acme\t", "Acme"}, {"Ωμέγα", "Ωμέγα"}, {"A & <b>", "A & <b>"}},
			"plan":          {{" gold ", "gold"}, {"Free", "Free"}},
			"industry":      {{" Rockets ", "Rockets"}, {"I", "I"}},
			"website":       {{" https://acme.example ", "https://acme.example"}, {"w.example", "w.example"}},
			"size":          {{0, nil}, {7, number("7")}, {9, number("9")}}, // Intercom leaves out a size of 0
			"monthly_spend": {{0, number("0")}, {5, number("5")}},
		} {
			fields = append(fields, corpusField{name, name, samples, false})
		}
		for i := range reflect.TypeFor[CompanySet]().NumField() {
			name, _, _ := strings.Cut(reflect.TypeFor[CompanySet]().Field(i).Tag.Get("json"), ",")
			if name != "custom_attributes" && !slices.ContainsFunc(fields, func(f corpusField) bool { return f.name == name }) {
				t.Errorf("there are no samples of %s", name)
			}
		}
		id, n := w.sandbox.Companies()[0].ID, 0
		for _, f := range fields {
			for i, s := range f.samples {
				for start, before := range f.starts(i, s) {
					w.companyCase(id, f, s, fmt.Sprintf("%s %v over %s", f.name, s.write, start), before)
				}
				if s.write == nil {
					continue
				}
				n++
				set := under(f.name, s.write)
				if f.name != "name" {
					set["name"] = "New"
				}
				receipt := w.consented("save_company", object{"company": fmt.Sprint("company_id:new", n), "set": set})
				want := "applied"
				if s.shown == nil {
					want = "partial"
				}
				if receipt["status"] != want {
					t.Errorf("a new company, %s %v: %v", f.name, s.write, receipt)
				}
			}
			time.Sleep(change.Window)
		}
	})
}

func (w *world) companyCase(id string, f corpusField, s sample, what string, before any) {
	w.t.Helper()
	w.directAs("Preview", "PUT", "/companies/"+id, string(encoded(w.t, under(f.stored, before))))
	read := func() any {
		c, err := w.client.Companies.Get(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		return record.CompanyValue(&c, f.stored)
	}
	snapshot, was := w.sandbox.Snapshot(), read()
	receipt := w.consented("save_company", object{"company": id, "set": under(f.name, s.write)})
	is, want := read(), "changed"
	switch {
	case f.name == "size" && s.shown == nil && was == nil:
		want = "unknown"
	case record.Same(f.stored, was, is):
		want = "unchanged"
	}
	if got := w.outcomes(receipt)[id]; !record.Same(f.stored, is, s.shown) || got == nil || got[0] != want {
		w.t.Errorf("%s: it held %v and holds %v: %q, want %s", what, was, is, got, want)
	}
	if want == "changed" {
		w.consented("undo_change", object{"change": receipt["change"]})
		w.restored(snapshot)
	}
}
