package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// secrets are what messages of Intercom's repeat here: a token, and what records of other contacts hold.
var secrets = []string{"dG9rOnNlY3JldA", "Zebedee", "zeb@private.example", "0199 4711", "hidden_plan"}

// TestEchoesAreNotRepeated has Intercom repeat a token and customers' data in its messages: neither answer nor log nor
// trail has them, and the answer still has Intercom's own words, its code and what the caller gave.
func TestEchoesAreNotRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		fault sandbox.Fault
		tool  string
		args  func(contact string) object
		code  toolerr.Code
		told  []string
	}{
		"a write": {
			sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 422, Code: "parameter_invalid",
				Message: "Ann Nova is not a valid name: Zebedee <zeb@private.example> +353 0199 4711 has it, token " +
					"dG9rOnNlY3JldA=="},
			"update_contact",
			func(contact string) object { return object{"contact": contact, "set": object{"name": "Ann Nova"}} },
			toolerr.InvalidArgument, []string{"Ann Nova is not a valid name", "…", "(parameter_invalid)"},
		},
		"a read": {
			sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: 403, Code: "forbidden",
				Message: "Bearer dG9rOnNlY3JldA== may not read Zebedee's 'hidden_plan'"},
			"get_contact", func(contact string) object { return object{"contact": contact} },
			toolerr.ScopeMissing, []string{"may not read", "(forbidden)"},
		},
		"a token that is refused": {
			sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: 401, Code: "unauthorized",
				Message: "Access Token dG9rOnNlY3JldA== Invalid"},
			"get_contact", func(contact string) object { return object{"contact": contact} },
			toolerr.CredentialInvalid, []string{"Access Token … Invalid"},
		},
		"a conflict": {
			sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 409, Code: "conflict",
				Message: "Zebedee (zeb@private.example, phone 0199 4711) already exists"},
			"update_contact",
			func(contact string) object { return object{"contact": contact, "set": object{"name": "Ann Nova"}} },
			toolerr.Conflict, []string{"already exists"},
		},
		"a code": {
			sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 400, Code: "zeb@private.example", Message: "Zebedee"},
			"update_contact",
			func(contact string) object { return object{"contact": contact, "set": object{"name": "Ann Nova"}} },
			toolerr.InvalidArgument, []string{"Bad Request"},
		},
		"an outage": {
			sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 500, Code: "server_error", Message: "Zebedee failed"},
			"update_contact",
			func(contact string) object { return object{"contact": contact, "set": object{"name": "Ann Nova"}} },
			toolerr.UpstreamUnavailable, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			w, store := auditedWorld(t, func(_ *sandbox.Options, ic *intercom.Config, c *Config) {
				c.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			})
			contact := w.user(0).ID
			w.sandbox.AddFault(test.fault)
			refusal := w.refused(test.code, test.tool, test.args(contact))
			meta, err := json.Marshal(refusal.Meta())
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.told {
				if !strings.Contains(refusal.Error(), want) {
					t.Errorf("%q lacks %q", refusal, want)
				}
			}
			var trail strings.Builder
			for event, err := range store.Events(t.Context(), change.EventQuery{}) {
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&trail, "%+v\n", event)
			}
			for _, secret := range secrets {
				for where, text := range map[string]string{"the answer": refusal.Error(), "its data": string(meta),
					"the log": log.String(), "the trail": trail.String()} {
					if strings.Contains(text, secret) {
						t.Errorf("%s has %q: %s", where, secret, text)
					}
				}
			}
		})
	}
}

// TestEchoesOfWhatIsUndone tells the caller nothing of a value that an undo writes, and that Intercom repeats.
func TestEchoesOfWhatIsUndone(t *testing.T) {
	w := newWorld(t)
	contact := w.user(0).ID
	w.direct("PUT", "/contacts/"+contact, `{"name":"Zebedee"}`)
	done := w.do("update_contact", object{"contact": contact, "set": object{"name": "Ann Nova"}})
	w.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 422, Code: "parameter_invalid",
		Message: "Zebedee is not a valid name"})
	result := w.try("undo_change", object{"change": done["change"]})
	if result.Err == nil || strings.Contains(result.Err.Error(), "Zebedee") ||
		!strings.Contains(result.Err.Error(), "is not a valid name") {
		t.Errorf("%v %s", result.Err, result.JSON)
	}
}

// TestAttributesAreTold names the workspace's own attributes and their options, once they are known.
func TestAttributesAreTold(t *testing.T) {
	w := newWorld(t)
	w.do("list_attributes", object{})
	w.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Status: 400, Code: "parameter_invalid",
		Message: "Custom attribute 'tier' must be one of: bronze, silver, gold, Zebedee"})
	refusal := w.refused(toolerr.InvalidArgument, "update_contact", object{"contact": w.user(0).ID,
		"set": object{"name": "Ann Nova"}})
	want := "Custom attribute 'tier' must be one of: bronze, silver, gold, …."
	if !strings.Contains(refusal.Error(), want) {
		t.Errorf("%q lacks %q", refusal, want)
	}
}
