package engine

import (
	"encoding/json"
	"errors"
	"html"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
)

// TestWriteFields writes a patch's fields as Intercom takes them, and nothing else.
func TestWriteFields(t *testing.T) {
	for want, set := range map[string]map[string]any{
		`{}`:                                   nil,
		`{"name":"B"}`:                         {"name": "B"},
		`{"phone":null}`:                       {"phone": nil},
		`{"custom_attributes":{"plan":"pro"}}`: {"custom_attributes.plan": "pro"},
		`{"custom_attributes":{"n":12345678901234567890}}`: {"custom_attributes.n": json.Number("12345678901234567890")},
	} {
		w, err := contactWrite(set)
		got, err2 := json.Marshal(w)
		if err != nil || err2 != nil || string(got) != want {
			t.Errorf("%s, %v, %v, want %s", got, err, err2, want)
		}
	}
	var body intercom.CompanyWrite
	for _, set := range []map[string]any{{"wings": 2}, {"name": func() {}}} {
		if err := writeFields(set, &body); err == nil {
			t.Errorf("%v is written", set)
		}
	}
}

// TestWriteAgain writes fields once; those that an undo puts back first as they were shown, where Intercom may have
// escaped them, and then as they were given, unless it does escape them.
func TestWriteAgain(t *testing.T) {
	type set = map[string]any
	mixed := set{"name": "R&amp;D", "phone": "+1"}
	for name, test := range map[string]struct {
		set     set
		undoes  bool
		escapes bool
		fails   bool
		want    []set
	}{
		"nothing":            {nil, true, false, false, nil},
		"no undo":            {mixed, false, false, false, []set{mixed}},
		"nothing escaped":    {set{"name": "R D"}, true, false, false, []set{{"name": "R D"}}},
		"Intercom escapes":   {mixed, true, true, false, []set{{"name": "R&D", "phone": "+1"}}},
		"somebody wrote so":  {mixed, true, false, false, []set{{"name": "R&D", "phone": "+1"}, {"name": "R&amp;D"}}},
		"it fails":           {mixed, true, false, true, []set{{"name": "R&D", "phone": "+1"}}},
		"it fails, no undo":  {mixed, false, false, true, []set{mixed}},
		"it fails, and more": {set{"name": "R D"}, true, false, true, []set{{"name": "R D"}}},
	} {
		var wrote []set
		err := writeAgain(test.set, test.undoes, func(s set) (given, error) {
			wrote = append(wrote, s)
			if test.fails {
				return nil, errDeferred
			}
			return func(field string) any {
				text, _ := s[field].(string)
				if test.escapes {
					return html.EscapeString(text)
				}
				return text
			}, nil
		})
		if diff := cmp.Diff(test.want, wrote); diff != "" || errors.Is(err, errDeferred) != test.fails {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if len(mixed) != 2 || mixed["name"] != "R&amp;D" {
		t.Errorf("the patch itself is changed: %v", mixed)
	}
	calls := 0
	if err := writeAgain(mixed, true, func(s set) (given, error) {
		if calls++; calls == 2 {
			return nil, errDeferred
		}
		return func(field string) any { return s[field] }, nil
	}); !errors.Is(err, errDeferred) || calls != 2 {
		t.Errorf("the second write fails: %v", err)
	}
}
