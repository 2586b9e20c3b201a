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

// user returns the i-th of the workspace's plain users.
func (w *world) user(i int) sandbox.Contact {
	return w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool {
		if c.Role != "user" || c.Archived || c.MergedInto != "" || c.CustomAttributes["plan"] != "trial" {
			return false
		}
		i--
		return i == -1
	})[0]
}

// TestFaults makes every tool's usual call under faults. It must succeed,
// or say exactly what is unknown; a change may not claim what is not so.
func TestFaults(t *testing.T) {
	t.Parallel()
	faulty := map[string]struct {
		options func(*sandbox.Options)
		faults  []sandbox.Fault
		errors  []toolerr.Code // that may be told
	}{
		"fair":                   {},
		"every third answer 429": {faults: []sandbox.Fault{{Every: 3, RateLimited: true}}},
		"search lags by 10 s":    {options: func(o *sandbox.Options) { o.SearchLag = 10 * time.Second }},
		"every fourth answer of a read cut short": {faults: []sandbox.Fault{
			{Method: "GET", Every: 4, Truncate: true}, {Method: "POST", Path: "/contacts/search", Every: 4, Truncate: true}},
			errors: []toolerr.Code{toolerr.UpstreamUnavailable, toolerr.OutcomeUnknown, toolerr.ChangeStale}},
		"every fifth answer 503": {faults: []sandbox.Fault{{Every: 5, Status: 503}},
			errors: []toolerr.Code{toolerr.OutcomeUnknown, toolerr.UpstreamUnavailable, toolerr.NotFound, toolerr.ChangeStale}},
		"the answer of every write cut short": {faults: []sandbox.Fault{{Method: "PUT", Truncate: true},
			{Method: "POST", Path: "/contacts", Truncate: true}, {Method: "POST", Path: "/contacts/*/*", Truncate: true}}},
		"every write's answer lost, done": {faults: []sandbox.Fault{{Method: "PUT", ResetAfter: true},
			{Method: "POST", Path: "/contacts", ResetAfter: true}, {Method: "POST", Path: "/contacts/*/*", ResetAfter: true}}},
	}
	for name, conditions := range faulty {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, withSandbox(func(o *sandbox.Options) {
					if conditions.options != nil {
						conditions.options(o)
					}
				}))
				calls := w.usual()
				for _, fault := range conditions.faults {
					w.sandbox.AddFault(fault)
				}
				for _, call := range calls {
					result, err := w.Call(t.Context(), call)
					if err != nil {
						t.Fatalf("%s: %v", call.Tool, err)
					}
					w.checkReceipt(call, w.confirmed(result), conditions.errors)
				}
			})
		})
	}
}

// confirmed has the agent confirm what waits for it, and returns what comes of that in the end; other results as they
// are.
func (w *world) confirmed(result Result) Result {
	w.t.Helper()
	var receipt render.ChangeResult
	if result.Err != nil || json.Unmarshal(result.JSON, &receipt) != nil || receipt.Status == "" {
		return result
	}
	if receipt.Status == "awaiting" {
		result = w.try("confirm_change", object{"change": receipt.Change})
	}
	for range 10 { // what takes longer than a call
		if result.Err != nil || json.Unmarshal(result.JSON, &receipt) != nil || receipt.Status != "applying" {
			break
		}
		time.Sleep(time.Minute)
		result = w.try("get_change", object{"change": receipt.Change})
	}
	return result
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
