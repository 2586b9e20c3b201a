package tools

import (
	"encoding/json"
	"testing"
	"testing/synctest"

	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

// TestWithoutElicitation makes the usual call of every tool under the built-in policy for a client that cannot ask its
// user, such as Claude Desktop and claude.ai: a call is answered, or waits for confirm_change by the agent, but for
// what destroys.
func TestWithoutElicitation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMode(policy.ModeFull))
		for _, usual := range toolstest.UsualCalls() {
			call := w.prepared(usual)
			result, err := w.Call(t.Context(), call)
			if err != nil {
				t.Fatalf("%s: %v", call.Tool, err)
			}
			if tool, _ := w.tool(call.Tool); tool.Effect == policy.Destroy {
				if result.Err == nil || result.Err.Code != toolerr.ApprovalUnavailable {
					t.Errorf("%s: %s %v", call.Tool, result.JSON, result.Err)
				}
				continue
			}
			if result.Err != nil {
				t.Errorf("%s: %v", call.Tool, result.Err)
				continue
			}
			var answer render.ChangeResult
			if err := json.Unmarshal(result.JSON, &answer); err != nil {
				t.Fatal(err)
			}
			if waits := answer.Status == "awaiting"; waits != usual.Waits {
				t.Errorf("%s %s waits for the agent's yes: %v", call.Tool, call.Args, waits)
			}
			if usual.After == nil {
				w.checkReceipt(call, w.confirmed(result), nil)
			}
		}
	})
}
