package engine

import (
	"encoding/json"
	"testing"

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
