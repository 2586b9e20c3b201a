package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// guess is a masked field, what an agent guesses that contacts hold there, and another value that looks the same when
// masked.
type guess struct {
	field        string
	right, other any
	write        func(value any) intercom.ContactWrite
}

// guesses are one for each type of field.
func guesses() []guess {
	attribute := func(name string, right, other any) guess {
		return guess{"custom_attributes." + name, right, other, func(value any) intercom.ContactWrite {
			return intercom.ContactWrite{CustomAttributes: map[string]any{name: value}}
		}}
	}
	text := func(field string, right, other string, set func(w *intercom.ContactWrite, value string)) guess {
		return guess{field, right, other, func(value any) (w intercom.ContactWrite) {
			set(&w, value.(string))
			return w
		}}
	}
	return []guess{
		attribute("tier", "gold", "silver"),
		attribute("plan", "pro", "premium"),
		attribute("newsletter", true, false),
		attribute("seats", 10, 25),
		attribute("renewal_date", 1_893_456_000, 1_893_542_400),
		text("name", "Ann Lee", "Abe Ray", func(w *intercom.ContactWrite, value string) { w.Name = intercom.Value(value) }),
		text("phone", "+15550100", "+15550199",
			func(w *intercom.ContactWrite, value string) { w.Phone = intercom.Value(value) }),
		text("language_override", "fr", "fi",
			func(w *intercom.ContactWrite, value string) { w.LanguageOverride = intercom.Value(value) }),
	}
}

// guessed is the argument by which a tool writes guesses to their fields, and more than that.
func guessed(all []guess, more object) object {
	set, attributes := maps.Clone(more), object{}
	if set == nil {
		set = object{}
	}
	for _, g := range all {
		name, attribute := strings.CutPrefix(g.field, "custom_attributes.")
		switch {
		case name == "renewal_date":
			attributes[name] = "2030-01-01"
		case attribute:
			attributes[name] = g.right
		default:
			set[name] = g.right
		}
	}
	set["custom_attributes"] = attributes
	return set
}

// guessing are the tools that write fields of contacts that exist, each with a call that writes set to contacts.
// Whoever adds such a tool is told by TestMaskHoldsAgainstWrites.
var guessing = map[string]func(contacts []string, set func() object) object{
	"update_contact": func(contacts []string, set func() object) object {
		return object{"contact": contacts[0], "set": set()}
	},
	"bulk_update_contacts": func(contacts []string, set func() object) object {
		return object{"contacts": contacts, "set": set()}
	},
	"bulk_update_contacts updates": func(contacts []string, set func() object) object {
		var updates []object
		for _, id := range contacts {
			updates = append(updates, object{"contact": id, "set": set()})
		}
		return object{"updates": updates}
	},
}

// writesFields reports whether an input has custom attributes to set.
func writesFields(input reflect.Type) bool {
	switch input.Kind() {
	case reflect.Pointer, reflect.Slice:
		return writesFields(input.Elem())
	case reflect.Struct:
		for i := range input.NumField() {
			if f := input.Field(i); f.Type == reflect.TypeFor[ContactFields]() || writesFields(f.Type) {
				return true
			}
		}
	}
	return false
}

// ear is an agent that listens to all that it is answered.
type ear struct {
	w       *world
	heard   strings.Builder
	handles []string
}

var (
	handlesTold = regexp.MustCompile(`chg_[0-9a-z]{26}`)
	cursorsTold = regexp.MustCompile(`"next_cursor":"[^"]*"`)
)

// call makes a call, writes down the answer with handles by their number, and returns the handle of the change that it
// led to.
func (e *ear) call(tool string, args object) string {
	result := e.w.try(tool, args)
	told := cursorsTold.ReplaceAllString(fmt.Sprintf("%s: %s\n", tool, whole(result)), "") // which name handles
	handle := ""
	told = handlesTold.ReplaceAllStringFunc(told, func(found string) string {
		for i, known := range e.handles {
			if known == found {
				return fmt.Sprintf("<%d>", i)
			}
		}
		e.handles = append(e.handles, found)
		return fmt.Sprintf("<%d>", len(e.handles)-1)
	})
	var answer struct{ Change string }
	if json.Unmarshal(result.JSON, &answer) == nil {
		handle = answer.Change
	}
	if result.Err != nil {
		handle, _ = result.Err.Data["change"].(string)
	}
	e.heard.WriteString(told)
	return handle
}

// look asks all that can be asked about a change.
func (e *ear) look(handle string) {
	e.call("get_change", object{"change": handle})
	e.call("get_change", object{"change": handle, "outcome": "unchanged"})
	e.call("get_change", object{"change": handle, "outcome": "written"})
	e.call("list_changes", object{})
}

// attack tries to find out what contacts hold in a masked field, by writing a guess there in all ways, and returns all
// that it heard.
func (e *ear) attack(contacts []string, args func(contacts []string, more object) object, tool string) string {
	planned := e.call(tool, args(contacts, nil))
	e.look(planned)
	e.call("cancel_change", object{"change": planned})
	// What another plan wrote in between is drift, or is not.
	waiting := e.call(tool, args(contacts, object{"avatar": "https://example.com/a.png"}))
	written := e.call(tool, args(contacts[:1], nil))
	e.call("confirm_change", object{"change": written})
	e.look(written)
	e.call("confirm_change", object{"change": waiting})
	e.look(waiting)
	// What is refused wrote nothing.
	e.w.sandbox.FailContact(contacts[0], "parameter_invalid", "it is refused")
	refused := e.call(tool, args(contacts, object{"owner": "tomas@sandbox.example", "add_tags": []string{"VIP"}}))
	e.call("confirm_change", object{"change": refused})
	e.look(refused)
	e.w.sandbox.FailContact(contacts[0], "", "")
	for _, handle := range []string{written, waiting, refused} {
		undo := e.call("undo_change", object{"change": handle})
		e.call("confirm_change", object{"change": undo})
		e.look(undo)
		redo := e.call("undo_change", object{"change": undo})
		e.call("confirm_change", object{"change": redo})
		e.look(redo)
	}
	// Whether a write is asked about depends on how many were written.
	for _, id := range contacts {
		e.call(tool, args([]string{id}, nil))
	}
	e.call("tag_contacts", object{"contacts": contacts[:2], "tag": "VIP"})
	e.call("list_changes", object{"limit": 50})
	return e.heard.String()
}

// TestMaskHoldsAgainstWrites writes a guess to masked fields, with each tool that can, unasked and with the agent's own
// confirmation: what is answered is the same whether the guess is right or wrong.
func TestMaskHoldsAgainstWrites(t *testing.T) {
	t.Parallel()
	for _, tool := range Catalogue() {
		if tool.Run.plan != nil && tool.Name != "create_contact" && writesFields(tool.Run.Input) &&
			guessing[tool.Name] == nil {
			t.Errorf("%s can write a guess to a masked field: it belongs among guessing", tool.Name)
		}
	}
	all := guesses()
	masked := [][]guess{all, all[:1], all[6:7]}
	if testing.Short() {
		masked = masked[:1]
	}
	for _, rules := range []string{"the built-in policy", "nothing is asked"} {
		for name, args := range guessing {
			for _, fields := range masked {
				t.Run(fmt.Sprintf("%s/%s/%d from %s", rules, name, len(fields), fields[0].field), func(t *testing.T) {
					attack := func(right bool) (heard string) {
						synctest.Test(t, func(t *testing.T) {
							w, contacts := guessedWorld(t, rules == "nothing is asked", fields, right)
							tool, _, _ := strings.Cut(name, " ")
							heard = (&ear{w: w}).attack(contacts, func(contacts []string, more object) object {
								return args(contacts, func() object { return guessed(fields, more) })
							}, tool)
						})
						return heard
					}
					right, wrong := attack(true), attack(false)
					if diff := cmp.Diff(strings.Split(wrong, "\n"), strings.Split(right, "\n")); diff != "" {
						t.Errorf("wrong guess -, right guess +:\n%s", diff)
					}
					if !strings.Contains(right, `"written":1`) {
						t.Error("nothing is written")
					}
				})
			}
		}
	}
}

// guessedWorld is a world that masks some fields, and contacts of which all that is guessed of these is right, or
// wrong.
func guessedWorld(t *testing.T, unasked bool, fields []guess, right bool) (w *world, contacts []string) {
	t.Helper()
	var masked []string
	for _, g := range fields {
		masked = append(masked, g.field)
	}
	w = newWorld(t, masking(masked...), func(o *sandbox.Options, _ *intercom.Config, c *Config) {
		o.Contacts = 60
		if p := *c.Policy(); unasked {
			p.Rules = nil
			c.Policy = policy.Always(&p)
		}
	})
	for i := range 26 {
		contacts = append(contacts, w.user(i).ID)
	}
	for _, id := range contacts {
		for _, g := range fields {
			held := g.other
			if right {
				held = g.right
			}
			if _, err := w.client.Contacts.Update(t.Context(), id, g.write(held)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return w, contacts
}

// TestMaskAfterYes tells what a write to a masked field changed once a person has confirmed it.
func TestMaskAfterYes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, masking("custom_attributes.tier"))
		contacts := w.people(0, 12)
		for i, id := range contacts {
			tier := "silver"
			if i < 5 {
				tier = "gold"
			}
			if _, err := w.client.Contacts.Update(t.Context(), id,
				intercom.ContactWrite{CustomAttributes: map[string]any{"tier": tier}}); err != nil {
				t.Fatal(err)
			}
		}
		answer := w.asked("bulk_update_contacts",
			object{"contacts": contacts, "set": object{"custom_attributes": object{"tier": "gold"}}}, Accept)
		if answer["changed"] != 7.0 || answer["unchanged"] != 5.0 || answer["written"] != nil {
			t.Errorf("confirmed by a person: %v", answer)
		}
	})
}

// TestMaskLosesNoFailure tells of a masked field that could not be written, or of which nobody knows.
func TestMaskLosesNoFailure(t *testing.T) {
	w := newWorld(t, masking("custom_attributes.tier"))
	ann := w.user(0)
	args := object{"contact": ann.ID, "set": object{"custom_attributes": object{"tier": "gold"}}}
	w.sandbox.FailContact(ann.ID, "parameter_invalid", "it is refused")
	if err := w.refused(toolerr.InvalidArgument, "update_contact", args); !strings.Contains(err.Error(), "it is refused") {
		t.Error(err)
	}
	w.sandbox.FailContact(ann.ID, "", "")
	w.sandbox.AddFault(sandbox.Fault{Method: "PUT", Reset: true})
	w.refused(toolerr.OutcomeUnknown, "update_contact", args)
}

// TestMaskHoldsAgainstMerges plans to merge a lead that holds a guess: the preview is the same whether the user holds
// it, too.
func TestMaskHoldsAgainstMerges(t *testing.T) {
	for _, g := range guesses() {
		asked := func(held any) (message string) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, inMode(policy.ModeFull), masking(g.field))
				lead, user := w.twins()
				for id, value := range map[string]any{lead: g.right, user: held} {
					if _, err := w.client.Contacts.Update(t.Context(), id, g.write(value)); err != nil {
						t.Fatal(err)
					}
				}
				message = w.question("merge_contacts", object{"contact": lead, "into": user}).Message
			})
			return message
		}
		right, wrong := asked(g.right), asked(g.other)
		if diff := cmp.Diff(wrong, right); diff != "" {
			t.Errorf("%s: wrong guess -, right guess +:\n%s", g.field, diff)
		}
		if !strings.Contains(right, "\n"+g.field+": ") || !strings.Contains(right, "***") {
			t.Errorf("%s is not told of:\n%s", g.field, right)
		}
	}
}

// TestMaskInLists counts in a list of changes as in the change itself: the items that touch a masked field are written,
// whatever the first one touches.
func TestMaskInLists(t *testing.T) {
	for _, first := range []string{"masked", "open"} {
		t.Run(first+" first", func(t *testing.T) {
			p := *policy.Default(policy.ModeWrite)
			p.Masked = []string{"custom_attributes.plan"}
			w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Policy = policy.Always(&p) })
			var updates []object
			for i, id := range w.people(0, 4) {
				set := object{"name": "Renamed"}
				if (i < 3) == (first == "masked") {
					set = object{"custom_attributes": object{"plan": "pro"}}
				}
				updates = append(updates, object{"contact": id, "set": set})
			}
			receipt := w.do("bulk_update_contacts", object{"updates": updates})
			written, _ := receipt["written"].(float64)
			changed, _ := receipt["changed"].(float64)
			if written+changed != 4 || written == 0 || changed == 0 {
				t.Fatal(receipt)
			}
			listed := fmt.Sprint(w.do("list_changes", object{}))
			if want := fmt.Sprintf("%v changed, %v written]", changed, written); !strings.Contains(listed, want) {
				t.Errorf("listed %s, want %s", listed, want)
			}
		})
	}
}
