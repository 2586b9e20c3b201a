package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// masking lets agents see the fields masked only.
func masking(fields ...string) worldOption {
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		p := *c.Policy()
		p.Masked = fields
		c.Policy = policy.Always(&p)
	}
}

// secrets are the values of the workspace that may not appear: what is long
// enough not to be part of something else.
func (w *world) secrets() map[string]string {
	known := make(map[string]string)
	for _, c := range w.sandbox.Contacts() {
		for _, value := range []string{c.Email, c.Name, c.Phone, c.ExternalID} {
			if len(value) > 4 {
				known[value] = c.ID
			}
		}
	}
	return known
}

// whole is all of a result that leaves the server.
func whole(r Result) string {
	text := string(r.JSON)
	if r.Err != nil {
		text += r.Err.Error() + fmt.Sprint(r.Err.Meta())
	}
	if r.Ask != nil {
		text += r.Ask.Message
	}
	return text + fmt.Sprint(r.Meta)
}

// TestMasked makes every tool's usual call and its preview with every field
// masked; nothing of who the contacts are leaves the server.
func TestMasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := newWorld(t, masking(PolicyVocabulary().Masked...), func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		secrets := w.secrets()
		if len(secrets) < 1000 {
			t.Fatalf("%d values to look for", len(secrets))
		}
		for _, call := range append(w.usual(), w.telling()...) {
			result, err := w.Call(t.Context(), call)
			if err != nil {
				t.Fatalf("%s: %v", call.Tool, err)
			}
			told := whole(result)
			for secret, id := range secrets {
				if strings.Contains(told, secret) && !bytes.Contains(call.Args, []byte(secret)) {
					t.Errorf("%s %s tells %q of %s: %s", call.Tool, call.Args, secret, id, told)
					break
				}
			}
		}
		for secret := range secrets {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log tells %q", secret)
			}
		}
	})
}

// TestMaskedTeammates hides with the owners of contacts who the teammates are.
func TestMaskedTeammates(t *testing.T) {
	w := newWorld(t, masking("owner_id"))
	admins, err := w.client.Admins.List(t.Context())
	if err != nil || len(admins) == 0 {
		t.Fatal(admins, err)
	}
	told := whole(w.try("list_teammates", object{}))
	for _, admin := range admins {
		if !strings.Contains(told, admin.ID) || strings.Contains(told, admin.Email) || strings.Contains(told, admin.Name) {
			t.Errorf("the teammate %s: %s", admin.ID, told)
		}
		for tool, args := range map[string]object{
			"update_contact": {"contact": w.user(0).ID, "set": object{"owner": admin.Email[1:]}},
			"add_note":       {"contact": w.user(0).ID, "body": "b", "author": admin.Name[1:]},
		} {
			if told := whole(w.try(tool, args)); strings.Contains(told, admin.Email) || strings.Contains(told, admin.Name) {
				t.Errorf("%s: %s", tool, told)
			}
		}
	}
}

// telling are calls whose answers speak of contacts in other ways than the
// usual ones: previews, refusals, ambiguous references, receipts of failures.
func (w *world) telling() []Call {
	ann, bob := w.user(2), w.user(3)
	twice := make(map[string]int)
	shared := ""
	for _, c := range w.sandbox.Contacts() {
		if twice[c.Email]++; c.Email != "" && twice[c.Email] > 1 {
			shared = c.Email
		}
	}
	if shared == "" {
		w.t.Fatal("the sandbox has no two contacts of one e-mail")
	}
	w.sandbox.FailContact(bob.ID, "parameter_invalid", "The e-mail "+bob.Email+" or phone +353 1 555 0199 is taken")
	list := []struct {
		tool string
		args object
		ask  bool
	}{
		{"update_contact", object{"contact": ann.ID, "set": object{"email": "x@example.com", "phone": "", "name": "",
			"owner": ""}}, true},
		{"bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID}, "set": object{"phone": "", "name": ""}}, false},
		{"update_contact", object{"contact": bob.ID, "set": object{"custom_attributes": object{"plan": "pro"}}}, false},
		{"get_contact", object{"contact": shared}, false},
		{"update_contact", object{"contact": ann.ID, "set": object{"role": "lead"}}, false},
		{"bulk_update_contacts",
			object{"updates": []object{{"contact": ann.ID, "set": object{"name": "A"}},
				{"contact": ann.ID, "set": object{"name": "B"}}}}, false},
		{"search_contacts", object{"fields": []string{"phone", "external_id", "avatar", "location.city", "email_domain",
			"custom_attributes.plan"}, "limit": 50}, false},
		{"list_changes", object{}, false},
	}
	var calls []Call
	for _, one := range list {
		args, err := json.Marshal(one.args)
		if err != nil {
			w.t.Fatal(err)
		}
		calls = append(calls, Call{Tool: one.tool, Args: args, Principal: "local", CanAsk: one.ask})
	}
	return calls
}

// TestMaskedSearch holds searches to what does not let a value be guessed.
func TestMaskedSearch(t *testing.T) {
	w := newWorld(t, masking("email", "custom_attributes.plan", "unsubscribed_from_emails"))
	where := func(field, operator string, values ...string) object {
		filter := object{"field": field, "operator": operator}
		if operator == "IN" || operator == "NIN" {
			filter["values"] = values
		} else {
			filter["value"] = values[0]
		}
		return object{"where": []object{filter}, "limit": 1}
	}
	ann := w.user(0)
	tests := []struct {
		name   string
		args   object
		denied bool
	}{
		{"equal", where("email", "=", ann.Email), false},
		{"one of", where("email", "IN", ann.Email, "x@example.com"), false},
		{"one of few", where("custom_attributes.plan", "IN", "trial", "pro"), true},
		{"yes or no", where("unsubscribed_from_emails", "=", "true"), true},
		{"another field", where("name", "~", "a"), false},
		{"begins with", where("email", "^", "a"), true},
		{"ends with", where("email", "$", "com"), true},
		{"contains", where("email", "~", "a"), true},
		{"does not contain", where("email", "!~", "a"), true},
		{"is not", where("custom_attributes.plan", "!=", "trial"), true},
		{"none of", where("email", "NIN", ann.Email), true},
		{"the query looks into e-mails", object{"query": "ann"}, true},
		{"sorted by it", object{"sort": "-email"}, true},
		{"sorted by another", object{"sort": "name"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			args, err := json.Marshal(test.args)
			if err != nil {
				t.Fatal(err)
			}
			result, err := w.Call(t.Context(), Call{Tool: "search_contacts", Args: args, Principal: "local"})
			if err != nil {
				t.Fatal(err)
			}
			if denied := result.Err != nil && result.Err.Code == toolerr.PolicyDenied &&
				result.Err.Data["rule"] == "masked"; denied != test.denied || !denied && result.Err != nil {
				t.Errorf("denied %v, want %v: %s", denied, test.denied, whole(result))
			}
		})
	}
}
