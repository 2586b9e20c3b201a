package tools

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// fresh are the handles of changes, the ids of new records and of requests.
var fresh = regexp.MustCompile(`chg_[0-9a-z]{26}|"created":"[0-9a-f]+"|"request_id":"[^"]*",?| ?\(Intercom request [^)]*\)`)

// versions are those that every tool is tried on; a short run tries the ends and the default.
var versions = []string{"2.10", "2.14", "2.15", "2.16", "2.17", "Preview"}

// TestVersions makes the usual call of every tool, does what is done for good
// and taken back, makes the usual mistakes, and asks every question of time, on
// each API version: the answers and what is done are the same.
func TestVersions(t *testing.T) {
	t.Parallel()
	answers := make(map[string]map[string]object)
	states := make(map[string]string)
	for _, version := range versions {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)))
			w := newWorld(t, inMode(policy.ModeFull), inVersion(version),
				withSandbox(func(o *sandbox.Options) { o.Timezone = "America/Los_Angeles" }))
			answers[version] = make(map[string]object)
			for _, call := range slices.Concat(w.usual(), w.timely()) {
				result, err := w.Call(t.Context(), call)
				result = w.confirmed(result)
				if err != nil || result.Err != nil {
					t.Errorf("%s: %s: %v %v", version, call.Tool, err, result.Err)
					continue
				}
				answers[version][call.Tool+string(call.Args)] = comparable(t, result.JSON)
			}
			for name, answer := range w.story() {
				answers[version][name] = answer
			}
			for name, answer := range w.mistakes() {
				answers[version][name] = answer
			}
			states[version] = string(w.sandbox.Snapshot())
		})
	}
	for _, version := range versions {
		if diff := cmp.Diff(answers["2.16"], answers[version]); diff != "" {
			t.Errorf("%s answers otherwise than 2.16 (-2.16 +%s):\n%.3000s", version, version, diff)
		}
		if states["2.16"] != states[version] {
			t.Errorf("%s leaves another workspace than 2.16", version)
		}
	}
}

// comparable is an answer without what differs from run to run, and without
// what only some versions can tell: the total and the place of the next page
// of a search by time, which Intercom answers exactly from 2.17 on and which
// the server narrows down before that.
func comparable(t testing.TB, answer json.RawMessage) object {
	t.Helper()
	var plain object
	if err := json.Unmarshal(fresh.ReplaceAllFunc(answer, func(found []byte) []byte {
		switch {
		case found[0] == 'c':
			return []byte("chg")
		case found[1] == 'c':
			return []byte(`"created":""`)
		}
		return nil
	}), &plain); err != nil {
		t.Fatal(err)
	}
	delete(plain, "total")
	delete(plain, "next_cursor")
	return plain
}

// story does what cannot be undone, and takes back, cancels and looks up what
// can. It returns every answer by its place in the story.
func (w *world) story() map[string]object {
	w.t.Helper()
	answers := make(map[string]object)
	tell := func(tool string, args object, action Action) object {
		w.t.Helper()
		var handle object
		canAsk := func(c *Call) { c.CanAsk = action != "" }
		result := w.try(tool, args, canAsk)
		if ask := result.Ask; ask != nil {
			result = w.try(tool, args, canAsk, func(c *Call) {
				c.Answer = &Answer{Change: ask.Change, Binding: ask.Binding, Action: action}
			})
		}
		if result.Err != nil {
			w.t.Fatalf("%s: %v", tool, result.Err)
		}
		if err := json.Unmarshal(result.JSON, &handle); err != nil {
			w.t.Fatal(err)
		}
		answers[fmt.Sprintf("%02d %s", len(answers), tool)] = comparable(w.t, result.JSON)
		return handle
	}
	lead, user, _ := w.trio()
	renamed := tell("update_contact",
		object{"contact": w.user(3).ID, "set": object{"name": "Renamed", "add_tags": []string{"VIP"}}}, "")
	tell("get_change", object{"change": renamed["change"]}, "")
	tell("update_contact", object{"contact": w.user(3).ID, "set": object{"owner": "Tomas Okafor"}}, Accept)
	undo := tell("undo_change", object{"change": renamed["change"]}, Accept)
	tell("get_change", object{"change": undo["change"]}, "")
	tell("delete_contacts", object{"contacts": []string{w.user(4).ID}}, Accept)
	tell("block_contact", object{"contact": w.user(5).ID}, Accept)
	tell("block_contact", object{"contact": w.user(6).ID}, Decline)
	tell("merge_contacts", object{"contact": lead, "into": user}, Accept)
	tell("get_contact", object{"contact": user}, "")
	tell("delete_tag", object{"tag": "Beta tester"}, Accept)
	tell("delete_company", object{"company": "company_id:acme"}, Accept)
	for _, decide := range []string{"confirm_change", "cancel_change"} {
		plan := tell("update_contact", object{"contact": w.user(7).ID, "set": object{"email": decide + "@example.com"}}, "")
		tell(decide, object{"change": plan["change"]}, "")
	}
	tell("list_changes", object{"limit": 50}, "")
	return answers
}

// mistakes are what agents get wrong, and what they are told.
func (w *world) mistakes() map[string]object {
	w.t.Helper()
	var merged, archived sandbox.Contact
	for _, c := range w.sandbox.Contacts() {
		switch {
		case c.MergedInto != "" && c.ExternalID != "":
			merged = c
		case c.Archived && c.MergedInto == "":
			archived = c
		}
	}
	const none = "aaaaaaaaaaaaaaaaaaaaaaaa"
	answers := make(map[string]object)
	for _, wrong := range []struct {
		tool string
		args object
		code toolerr.Code
	}{
		{"get_contact", object{"contact": merged.ID}, toolerr.Merged},
		{"get_contact", object{"contact": "external_id:" + merged.ExternalID}, toolerr.Merged},
		{"update_contact", object{"contact": merged.ID, "set": object{"name": "N"}}, toolerr.Merged},
		{"tag_contacts", object{"contacts": []string{w.user(8).ID, merged.ID}, "tag": "VIP"}, toolerr.Merged},
		{"unarchive_contacts", object{"contacts": []string{merged.ID}}, toolerr.Merged},
		{"delete_contacts", object{"contacts": []string{merged.ID}}, toolerr.Merged},
		{"merge_contacts", object{"contact": w.user(8).ID, "into": merged.ID}, toolerr.Merged},
		{"list_notes", object{"contact": merged.ID}, toolerr.Merged},
		{"get_contact", object{"contact": archived.ID}, toolerr.NotFound},
		{"get_contact", object{"contact": none}, toolerr.NotFound},
		{"get_contact", object{"contact": "external_id:nobody"}, toolerr.NotFound},
		{"get_company", object{"company": none}, toolerr.NotFound},
		{"create_contact", object{"set": object{"email": "new-2@example.com", "external_id": w.user(8).ExternalID}},
			toolerr.Conflict},
		{"merge_contacts", object{"contact": w.user(8).ID, "into": w.user(9).ID}, toolerr.InvalidArgument},
		{"update_contact", object{"contact": w.user(8).ID, "set": object{"custom_attributes": object{"plam": "pro"}}},
			toolerr.UnknownAttribute},
		{"tag_contacts", object{"contacts": []string{w.user(8).ID}, "tag": "Nonesuch"}, toolerr.UnknownTag},
		{"search_contacts", object{"where": []object{{"field": "created_at", "operator": "=", "value": "yesterday-ish"}}},
			toolerr.InvalidArgument},
		{"search_contacts", object{"sort": "shoe_size"}, toolerr.InvalidArgument},
	} {
		refusal := w.refused(wrong.code, wrong.tool, wrong.args)
		meta := refusal.Meta()
		meta["text"] = refusal.Error()
		plain := encoded(w.t, meta)
		answers[fmt.Sprintf("mistake %02d %s", len(answers), wrong.tool)] = comparable(w.t, plain)
	}
	return answers
}

func inVersion(version string) worldOption {
	return func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Version = version }
}

// timely are searches by time with every operator, at and around whole days.
func (w *world) timely() []Call {
	w.t.Helper()
	var calls []Call
	for _, operator := range []string{"=", ">", "<", ">=", "<="} {
		for _, field := range []string{"last_seen_at", "created_at", "custom_attributes.renewal_date"} {
			for _, value := range []string{"2026-10-22", "2026-10-22T13:00:00Z", "2025-06-17", "-90d"} {
				args, err := json.Marshal(object{"limit": 50, "sort": "created_at", "where": []object{
					{"field": field, "operator": operator, "value": value}, {"field": "role", "operator": "=", "value": "user"}}})
				if err != nil {
					w.t.Fatal(err)
				}
				calls = append(calls, Call{Tool: "search_contacts", Args: args, Principal: "local"})
			}
		}
	}
	return calls
}
