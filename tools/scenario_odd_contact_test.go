package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// oddRecord is a transport through which one record of the sandbox has odd values, wherever it is answered whole.
type oddRecord struct {
	interceptor
	mu     sync.Mutex
	id     string
	values map[string]json.RawMessage // by key; nil is absent
}

// RoundTrip implements [http.RoundTripper].
func (o *oddRecord) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := o.sandbox.RoundTrip(r)
	if err != nil || resp.StatusCode/100 != 2 {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	var answer map[string]any
	if json.Unmarshal(body, &answer) == nil {
		o.alter(answer)
		items, _ := answer["data"].([]any)
		for _, item := range items {
			if record, ok := item.(map[string]any); ok {
				o.alter(record)
			}
		}
		if body, err = json.Marshal(answer); err != nil {
			return nil, err
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

func (o *oddRecord) alter(record map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if record["id"] != o.id || record["created_at"] == nil { // else it is a reference
		return
	}
	for key, value := range o.values {
		if value == nil {
			delete(record, key)
		} else {
			record[key] = value
		}
	}
}

func (o *oddRecord) set(id string, values map[string]json.RawMessage) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.id, o.values = id, values
}

// withOddRecord is a world with such a record, once it is set.
func withOddRecord(t *testing.T, options ...worldOption) (*world, *oddRecord) {
	t.Helper()
	odd := &oddRecord{}
	w := newWorld(t, append(options,
		func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = odd })...)
	odd.sandbox = w.sandbox
	return w, odd
}

// settled makes a call, and agrees to it if it asks.
func (w *world) settled(tool string, args any) object {
	w.t.Helper()
	answer := w.do(tool, args)
	if answer["status"] == "awaiting" {
		answer = w.do("confirm_change", object{"change": answer["change"]})
	}
	return answer
}

var oddContactKeys = []string{"avatar", "phone", "language_override", "owner_id", "external_id",
	"unsubscribed_from_emails", "companies", "tags", "notes", "custom_attributes", "email", "signed_up_at", "last_seen_at",
	"updated_at", "location", "browser"}

// An odd value refuses only what depends on it: a contact is renamed, tagged, untagged, noted on, archived and brought
// back whatever else of it cannot be read.
func TestOddContactIsWritten(t *testing.T) {
	for _, value := range []string{`15`, `{"id":{"type":[]}}`, `"` + strings.Repeat("x", 70_000) + `"`} {
		t.Run(value[:2], func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { writeOddContact(t, value) })
		})
	}
}

func writeOddContact(t *testing.T, value string) {
	w, odd := withOddRecord(t)
	contact := w.user(1)
	values := make(map[string]json.RawMessage)
	for _, key := range oddContactKeys {
		values[key] = json.RawMessage(value)
	}
	odd.set(contact.ID, values)
	one := []string{contact.ID}
	for _, call := range []struct {
		tool string
		args object
	}{
		{"update_contact", object{"contact": contact.ID, "set": object{"name": "Odd One"}}},
		{"tag_contacts", object{"contacts": one, "tag": "VIP"}},
		{"untag_contacts", object{"contacts": one, "tag": "VIP"}},
		{"add_note", object{"contact": contact.ID, "body": "Is odd."}},
		{"detach_company", object{"contacts": one, "company": "acme"}},
		{"attach_company", object{"contacts": one, "company": "acme"}},
		{"bulk_update_contacts", object{"contacts": []string{contact.ID, w.user(2).ID}, "set": object{"name": "Both"}}},
		{"archive_contacts", object{"contacts": one}},
		{"unarchive_contacts", object{"contacts": one}},
	} {
		answer := w.settled(call.tool, call.args)
		if note := fmt.Sprint(answer["note"]); answer["status"] != "applied" || answer["changed"] == nil {
			t.Errorf("%s: %v", call.tool, answer)
		} else if call.tool == "update_contact" && !strings.Contains(note, "contact "+contact.ID+": ") {
			t.Errorf("%s: nothing is told of it: %v", call.tool, answer)
		}
	}
	if got := w.user(1); got.Name != "Both" {
		t.Errorf("got %q", got.Name)
	}
}

// What is to be written over is on record before, so that what cannot be read is not written over; and the error says
// which contact and key it is, that trying again does not help, and what does.
func TestOddFieldIsNotWrittenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, odd := withOddRecord(t)
		id := w.user(1).ID
		for key, set := range map[string]object{"phone": {"phone": "+32470000000"},
			"owner_id":          {"owner": "maria@example.com"},
			"custom_attributes": {"custom_attributes": object{"plan": "Pro"}}, "name": {"name": "New"},
			"role": {"name": "New"}} {
			odd.set(id, map[string]json.RawMessage{key: json.RawMessage(`15`)})
			if key == "owner_id" { // a number passes for an id
				odd.set(id, map[string]json.RawMessage{key: json.RawMessage(`[]`)})
				set = object{"owner": w.sandbox.Admins()[0].Email}
			}
			got := w.refused(toolerr.UpstreamUnavailable, "update_contact", object{"contact": id, "set": set})
			for _, part := range []string{"contact " + id + ": " + key + " is", "Nothing was changed",
				"correct it in Intercom"} {
				if !strings.Contains(got.Error(), part) {
					t.Errorf("%s: got %v, want %q", key, got, part)
				}
			}
			if strings.Contains(got.Error(), "minute") {
				t.Errorf("%s: got %v", key, got)
			}
		}
		if writes := w.writes(); len(writes) > 0 {
			t.Errorf("%v was written", writes)
		}
	})
}

// A contact without a role is shown, with a note, and not written to.
func TestMissingRole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, odd := withOddRecord(t)
		id := w.user(1).ID
		for value, want := range map[string]string{"": "is missing", "null": "is missing", `"ROBOT"`: "is not user or lead"} {
			var raw json.RawMessage // absent
			if value != "" {
				raw = json.RawMessage(value)
			}
			odd.set(id, map[string]json.RawMessage{"role": raw})
			if answer := w.do("get_contact", object{"contact": id}); !strings.Contains(fmt.Sprint(answer["note"]),
				"contact "+id+": role "+want) {
				t.Errorf("got %v", answer)
			}
			for tool, args := range map[string]object{
				"update_contact":   {"contact": id, "set": object{"name": "New"}},
				"add_note":         {"contact": id, "body": "New"},
				"archive_contacts": {"contacts": []string{id}},
			} {
				if got := w.refused(toolerr.UpstreamUnavailable, tool, args); !strings.Contains(got.Error(), "role "+want) {
					t.Errorf("%s: got %v", tool, got)
				}
			}
		}
	})
}

// A contact that does not tell its tags and companies has those that their own lists show.
func TestUntoldLists(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, value := range []json.RawMessage{nil, json.RawMessage("null"), json.RawMessage(`{"data":null}`)} {
			w, odd := withOddRecord(t)
			id := w.user(1).ID
			one := []string{id}
			w.settled("tag_contacts", object{"contacts": one, "tag": "VIP"})
			w.settled("attach_company", object{"contacts": one, "company": "acme"})
			odd.set(id, map[string]json.RawMessage{"tags": value, "companies": value})
			shown := fmt.Sprint(w.do("get_contact", object{"contact": id}))
			if !strings.Contains(shown, "VIP") || !strings.Contains(shown, "Acme") {
				t.Errorf("%s: got %v", value, shown)
			}
			for tool, args := range map[string]object{
				"untag_contacts": {"contacts": one, "tag": "VIP"},
				"detach_company": {"contacts": one, "company": "acme"},
			} {
				if answer := w.settled(tool, args); answer["changed"] != 1.0 {
					t.Errorf("%s, %s: got %v", tool, value, answer)
				}
			}
		}
	})
}

// One contact of several that cannot be read is skipped and told, and the others are written; alone, it is refused.
func TestOddContactOfSeveral(t *testing.T) {
	for _, oddKey := range []string{"name", "role"} {
		t.Run(oddKey, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, odd := withOddRecord(t, inMode(policy.ModeFull))
				id := w.user(1).ID
				odd.set(id, map[string]json.RawMessage{oddKey: json.RawMessage(`{}`)})
				var people, updates []any
				for i := range 12 {
					people = append(people, w.user(i).ID)
					updates = append(updates, object{"contact": w.user(i).ID, "set": object{"name": "Fourth"}})
				}
				where := []object{{"field": "id", "operator": "IN", "values": people[:4]}}
				for name, args := range map[string]object{
					"Two": {"contacts": people[:2]}, "Twelve": {"contacts": people}, "Where": {"where": where},
					"Updates": {"updates": updates},
				} {
					if args["updates"] == nil {
						args["set"] = object{"name": name}
					}
					answer := w.settled("bulk_update_contacts", args)
					note := fmt.Sprint(answer["note"])
					if answer["status"] != "applied" || !strings.Contains(note, "skipped: contact "+id+": "+oddKey) {
						t.Errorf("%s: got %v", name, answer)
					}
				}
				if got := w.user(0).Name; got == "Ann" || w.user(1).Name != "" && got == w.user(1).Name {
					t.Errorf("got %q, and %q of the odd one", got, w.user(1).Name)
				}
				for _, args := range []object{{"contacts": people[1:2]}, {"where": []object{{"field": "id", "operator": "=",
					"value": id}}}} {
					args["set"] = object{"name": "New"}
					if got := w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", args); !strings.Contains(got.Error(),
						"contact "+id+": "+oddKey) {
						t.Errorf("got %v", got)
					}
				}
			})
		})
	}
}
