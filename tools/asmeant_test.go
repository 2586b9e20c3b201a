package tools

import (
	"encoding/json"
	"strings"
	"testing"
)

// What clients and models write beside the schema is read as what it can only mean.
func TestArgumentsAreReadAsTheyAreMeant(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ tool, args, want string }{
		"null for what is optional": {"search_contacts", `{"query":null,"where":null,"limit":1,"cursor":null}`, `"rows"`},
		"one filter": {"search_contacts", `{"where":{"field":"role","operator":"=","value":"user"},"limit":1}`,
			`"rows"`},
		"a filter as text": {"search_contacts",
			`{"where":"{\"field\":\"role\",\"operator\":\"=\",\"value\":\"user\"}","limit":1}`, `"rows"`},
		"true": {"search_contacts",
			`{"where":[{"field":"unsubscribed_from_emails","operator":"=","value":true}],"limit":1}`, `"rows"`},
		"12.0": {"search_contacts",
			`{"where":[{"field":"custom_attributes.seats","operator":">","value":12.0}],"limit":1}`, `"rows"`},
		"1e3": {"search_contacts",
			`{"where":[{"field":"custom_attributes.seats","operator":"<","value":1e3}],"limit":1}`, `"rows"`},
		"a text of 1e3": {"search_contacts",
			`{"where":[{"field":"custom_attributes.seats","operator":"<","value":"1e3"}],"limit":1}`, `"rows"`},
		"a blank in a name": {"search_contacts",
			`{"where":[{"field":"custom_attributes.plan ","operator":"=","value":"pro"}],"limit":1}`, `"rows"`},
		"no text": {"search_contacts",
			`{"where":[{"field":"custom_attributes.seats","operator":"<","value":"1e999999999"}]}`, `whole number`},
		"a tag with what hides": {"tag_contacts", `{"contacts":["CONTACT"],"tag":"V\u200bIP "}`, `"status":"applied"`},
		"an attribute with a blank": {"update_contact",
			`{"contact":"CONTACT","set":{"name":null,"custom_attributes":{"plan ":"pro"}}}`, `"status":"applied"`},
		"a whole number": {"update_contact",
			`{"contact":"CONTACT","set":{"email":null,"custom_attributes":{"seats":12.0}}}`, `"status":"applied"`},
		"nothing but null": {"update_contact", `{"contact":"CONTACT","set":{"name":null,"email":null}}`,
			`nothing to write`},
		"null of an attribute": {"update_contact", `{"contact":"CONTACT","set":{"custom_attributes":{"plan":null}}}`,
			`"status":"applied"`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			args := strings.ReplaceAll(test.args, "CONTACT", w.sandbox.Contacts()[0].ID)
			result := w.try(test.tool, json.RawMessage(args))
			said := string(result.JSON)
			if result.Err != nil {
				said = result.Err.Error()
			}
			if !strings.Contains(said, test.want) {
				t.Errorf("%s %s: %s", test.tool, args, said)
			}
		})
	}
}

// An error that has no near miss says nothing of one.
func TestNoNearMissIsNotToldAsNull(t *testing.T) {
	w := newWorld(t)
	for tool, args := range map[string]object{
		"tag_contacts":   {"contacts": []string{w.sandbox.Contacts()[0].ID}, "tag": "xyzzyqqq"},
		"update_contact": {"contact": w.sandbox.Contacts()[0].ID, "set": object{"custom_attributes": object{"xyzzyqqq": 1}}},
	} {
		meta := w.try(tool, args).Err.Meta()
		if _, ok := meta["nearest"]; ok {
			t.Errorf("%s: %v", tool, meta)
		}
	}
}
