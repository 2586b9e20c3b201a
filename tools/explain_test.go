package tools

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

func TestExplain(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	w.sandbox.ResetCalls()
	tests := []struct {
		tool string
		args object
		ask  bool
		want policy.Request
	}{
		{"list_tags", object{}, false, policy.Request{Effect: policy.Read, Reversible: true, Reach: policy.LevelAgent}},
		{"confirm_change", object{"change": "chg_00000000000000000000000000"}, true,
			policy.Request{Effect: policy.Write, Reversible: true, Reach: policy.LevelUser}},
		{"update_contact",
			object{"contact": ann.ID, "set": object{"email": "other@example.com", "add_tags": []string{"VIP"}}}, true,
			policy.Request{Effect: policy.Write, Reversible: true, Contacts: 1, Fields: []string{"email", "tags"},
				Window: policy.Window{Unconfirmed: 1, All: 1}, Reach: policy.LevelUser}},
		{"bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID},
			"set": object{"custom_attributes": object{"plan": "pro"}}}, false,
			policy.Request{Effect: policy.Write, Reversible: true, Contacts: 2, Fields: []string{"custom_attributes.plan"},
				Window: policy.Window{Unconfirmed: 2, All: 2}, Reach: policy.LevelAgent}},
	}
	for _, test := range tests {
		t.Run(test.tool, func(t *testing.T) {
			args, err := json.Marshal(test.args)
			if err != nil {
				t.Fatal(err)
			}
			explained, err := w.Explain(t.Context(), Call{Tool: test.tool, Args: args, Principal: "local", CanAsk: test.ask})
			if err != nil {
				t.Fatal(err)
			}
			if explained.Creates {
				t.Error("it creates contacts")
			}
			got := explained.Request
			if got.Now.IsZero() {
				t.Error("the time is not known")
			}
			test.want.Tool, test.want.Principal, test.want.Now = test.tool, "local", got.Now
			tool, _ := w.tool(test.tool)
			test.want.Toolset = tool.Set.Name
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
	for _, sent := range w.sandbox.Calls() {
		if sent.Method != "GET" && sent.Path != "/contacts/search" {
			t.Errorf("explaining sent %s %s", sent.Method, sent.Path)
		}
	}
	if _, err := w.Explain(t.Context(), Call{Tool: "fly"}); !errors.Is(err, ErrUnknownTool) {
		t.Errorf("unknown tool: %v", err)
	}
	var toolErr *toolerr.Error
	if _, err := w.Explain(t.Context(), Call{Tool: "add_note"}); !errors.As(err, &toolErr) ||
		toolErr.Code != toolerr.InvalidArgument {
		t.Errorf("missing arguments: %v", err)
	}
}

// TestExplainCreating explains a call that makes contacts by the rules about create_contact, too, as they are held
// against the call itself.
func TestExplainCreating(t *testing.T) {
	w := newWorld(t)
	strict := *policy.Default(policy.ModeWrite)
	strict.Rules = []policy.Rule{{Name: "nobody new", Tools: []string{"create_contact"}, Then: policy.Deny}}
	args := object{"contacts": []string{"new@nowhere.example"}, "set": object{"name": "New"}, "create_missing": true}
	encoded, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	explained, err := w.Explain(t.Context(), Call{Tool: "bulk_update_contacts", Args: encoded, Principal: "local"})
	if err != nil {
		t.Fatal(err)
	}
	if got := explained.Decide(&strict); !explained.Creates || got.Verdict != policy.Deny {
		t.Errorf("%t: %+v", explained.Creates, got)
	}
}

// TestExplainUndone says of an undo that is planned twice what became of the first.
func TestExplainUndone(t *testing.T) {
	w := newWorld(t)
	done := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "New"}})["change"]
	w.do("undo_change", object{"change": done})
	_, err := w.Explain(t.Context(), Call{Tool: "undo_change", Args: json.RawMessage(`{"change":"` + done.(string) + `"}`),
		Principal: "local"})
	var told *toolerr.Error
	if !errors.As(err, &told) || told.Code != toolerr.ChangeUsed {
		t.Errorf("%v", err)
	}
}
