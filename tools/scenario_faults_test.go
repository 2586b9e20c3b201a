package tools

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// usual is a sensible call of every tool on the default workspace, in an
// order in which they can be made one after the other.
func (w *world) usual() []Call {
	w.t.Helper()
	ann, bob := w.user(0), w.user(1)
	call := func(tool string, args object) Call {
		encoded, err := json.Marshal(args)
		if err != nil {
			w.t.Fatal(err)
		}
		return Call{Tool: tool, Args: encoded, Principal: "local"}
	}
	where := []object{{"field": "last_seen_at", "operator": "<", "value": "-90d"}}
	return []Call{
		call("search_contacts", object{"where": where, "fields": []string{"tags", "companies", "owner"}}),
		call("get_contact", object{"contact": ann.ID, "include": []string{"notes", "segments", "all_fields"}}),
		call("list_attributes", object{}),
		call("create_contact", object{"set": object{"email": "new@example.com", "external_id": "new-1", "add_tags": []string{"VIP"}, "add_companies": []string{"company_id:acme"}}}),
		call("update_contact", object{"contact": bob.ID, "set": object{"name": "Bob", "custom_attributes": object{"plan": "pro"}, "add_tags": []string{"VIP"}}}),
		call("bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID}, "set": object{"name": "Same"}}),
		call("archive_contacts", object{"contacts": []string{w.user(2).ID}}),
		call("unarchive_contacts", object{"contacts": []string{w.user(2).ID}}),
		call("list_tags", object{}),
		call("tag_contacts", object{"contacts": []string{ann.ID}, "tag": "VIP"}),
		call("untag_contacts", object{"contacts": []string{ann.ID}, "tag": "VIP"}),
		call("list_notes", object{"contact": ann.ID}),
		call("add_note", object{"contact": ann.ID, "body": "Called back."}),
		call("find_companies", object{"query": "acme"}),
		call("get_company", object{"company": "company_id:acme"}),
		call("list_company_contacts", object{"company": "Acme Inc"}),
		call("save_company", object{"company": "company_id:acme", "set": object{"industry": "Rockets", "size": 7}}),
		call("save_company", object{"company": "company_id:brand-new", "set": object{"name": "Brand New"}}),
		call("attach_company", object{"contacts": []string{ann.ID}, "company": "company_id:brand-new"}),
		call("detach_company", object{"contacts": []string{ann.ID}, "company": "company_id:brand-new"}),
		call("list_segments", object{}),
		call("list_changes", object{}),
	}
}

// user returns the i-th of the workspace's plain users.
func (w *world) user(i int) sandbox.Contact {
	var plain []sandbox.Contact
	for _, c := range w.sandbox.Contacts() {
		if c.Role == "user" && !c.Archived && c.MergedInto == "" && c.CustomAttributes["plan"] == "trial" {
			plain = append(plain, c)
		}
	}
	return plain[i]
}

// TestFaults makes every tool's usual call under faults. It must succeed,
// or say exactly what is unknown; a change may not claim what is not so.
func TestFaults(t *testing.T) {
	faulty := map[string]struct {
		options func(*sandbox.Options)
		faults  []sandbox.Fault
		errors  []toolerr.Code // that may be told
	}{
		"fair":                   {},
		"every third answer 429": {faults: []sandbox.Fault{{Every: 3, RateLimited: true}}},
		"search lags by 10 s":    {options: func(o *sandbox.Options) { o.SearchLag = 10 * time.Second }},
		"every fourth answer of a read cut short": {faults: []sandbox.Fault{
			{Method: "GET", Every: 4, Truncate: true}, {Method: "POST", Path: "/contacts/search", Every: 4, Truncate: true}}, errors: []toolerr.Code{toolerr.UpstreamUnavailable, toolerr.OutcomeUnknown}},
		"every fifth answer 503":              {faults: []sandbox.Fault{{Every: 5, Status: 503}}, errors: []toolerr.Code{toolerr.OutcomeUnknown, toolerr.UpstreamUnavailable, toolerr.NotFound}},
		"the answer of every write cut short": {faults: []sandbox.Fault{{Method: "PUT", Truncate: true}, {Method: "POST", Path: "/contacts", Truncate: true}, {Method: "POST", Path: "/contacts/*/*", Truncate: true}}},
		"every write's answer lost, done":     {faults: []sandbox.Fault{{Method: "PUT", ResetAfter: true}, {Method: "POST", Path: "/contacts", ResetAfter: true}, {Method: "POST", Path: "/contacts/*/*", ResetAfter: true}}},
	}
	for name, conditions := range faulty {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) {
					if conditions.options != nil {
						conditions.options(o)
					}
				}))
				made := make(map[string]bool)
				calls := w.usual()
				for _, fault := range conditions.faults {
					w.sandbox.AddFault(fault)
				}
				for _, call := range calls {
					made[call.Tool] = true
					result, err := w.Call(t.Context(), call)
					if err != nil {
						t.Fatalf("%s: %v", call.Tool, err)
					}
					w.checkReceipt(call, w.confirmed(result), conditions.errors)
				}
				for _, tool := range w.Tools() {
					if !made[tool.Name] && tool.Set.Name != "changes" {
						t.Errorf("%s has no usual call here", tool.Name)
					}
				}
			})
		})
	}
}

// confirmed has the agent confirm what waits for it, and returns what comes of that; other results as they are.
func (w *world) confirmed(result Result) Result {
	w.t.Helper()
	var receipt render.ChangeResult
	if result.Err != nil || json.Unmarshal(result.JSON, &receipt) != nil || receipt.Status != "awaiting" {
		return result
	}
	return w.try("confirm_change", object{"change": receipt.Change})
}

// checkReceipt checks one result under faults.
func (w *world) checkReceipt(call Call, result Result, mayFail []toolerr.Code) {
	w.t.Helper()
	if result.Err != nil {
		if !slices.Contains(mayFail, result.Err.Code) {
			w.t.Errorf("%s: %s: %v", call.Tool, result.Err.Code, result.Err)
		}
		return
	}
	var receipt render.ChangeResult
	if err := json.Unmarshal(result.JSON, &receipt); err != nil {
		w.t.Fatal(err)
	}
	if receipt.Change == "" {
		return
	}
	if receipt.Status != "applied" && receipt.Unknown == 0 {
		w.t.Errorf("%s: %s", call.Tool, result.JSON)
	}
	same := len(mayFail) > 0 && receipt.Unchanged > 0 // what it takes back may have failed before
	if receipt.Status == "applied" && receipt.Changed == 0 && !same {
		w.t.Errorf("%s claims to be applied and changed nothing: %s", call.Tool, result.JSON)
	}
}
