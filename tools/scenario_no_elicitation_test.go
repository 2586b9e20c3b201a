package tools

import (
	"encoding/json"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
)

// TestWithoutElicitation makes the usual call of every tool under the built-in policy for a client that cannot ask its
// user, such as Claude Desktop and claude.ai: a call is answered, or waits for confirm_change by the agent, but for
// what destroys.
func TestWithoutElicitation(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	waits := map[string]bool{} // by the tool
	called := map[string]bool{"confirm_change": true}
	for _, call := range w.usual() {
		result, err := w.Call(t.Context(), call)
		if err != nil || result.Err != nil {
			t.Fatalf("%s: %v %v", call.Tool, err, result.Err)
		}
		var answer render.ChangeResult
		if err := json.Unmarshal(result.JSON, &answer); err != nil {
			t.Fatal(err)
		}
		called[call.Tool] = true
		if answer.Status == "awaiting" {
			waits[call.Tool] = true
		}
		w.checkReceipt(call, w.confirmed(result), nil)
	}
	if len(waits) != 1 || !waits["save_company"] { // which creates one
		t.Errorf("these wait for the agent's yes: %v", waits)
	}
	done := w.do("update_contact", object{"contact": w.user(7).ID, "set": object{"name": "Renamed"}})["change"]
	for tool, args := range map[string]object{
		"get_change": {"change": done}, "undo_change": {"change": done},
		"cancel_change": {"change": w.do("update_contact", object{"contact": w.user(7).ID, "set": object{"phone": ""}})["change"]},
	} {
		w.do(tool, args)
		called[tool] = true
	}
	lead, user, _ := w.trio()
	for tool, args := range map[string]object{
		"delete_contacts": {"contacts": []string{user}}, "block_contact": {"contact": user},
		"merge_contacts": {"contact": lead, "into": user}, "delete_tag": {"tag": "VIP"}, "delete_company": {"company": "company_id:acme"},
	} {
		w.refused(toolerr.ApprovalUnavailable, tool, args)
		called[tool] = true
	}
	for _, tool := range w.Tools() {
		if !called[tool.Name] {
			t.Errorf("nothing is said of %s", tool.Name)
		}
	}
}
