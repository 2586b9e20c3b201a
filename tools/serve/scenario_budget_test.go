package serve

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/tiktoken-go/tokenizer"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// TestBudgets holds what the answers may cost a model, counted with o200k on
// the default workspace.
func TestBudgets(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	tokens := func(text []byte) int {
		n, err := codec.Count(string(text))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	within := func(what string, got, most int) {
		t.Helper()
		t.Logf("%s: %d of %d", what, got, most)
		if got > most {
			t.Errorf("%s: %d, at most %d", what, got, most)
		}
	}
	pipeline, _, sb := budgetPipeline(t, policy.ModeWrite)
	list, err := ToolList(Options{Version: "test", Caller: pipeline})
	if err != nil {
		t.Fatal(err)
	}
	within("tools/list, bytes", len(list), 25_000)
	within("tools/list, tokens", tokens(list), 5_000)
	within("tools/list, bytes a tool", len(list)/len(pipeline.Tools()), 900)
	within("instructions, bytes", len(instructions), 1_500)

	call := func(tool string, args any) []byte {
		t.Helper()
		encoded, err := json.Marshal(args)
		if err != nil {
			t.Fatal(err)
		}
		result, err := pipeline.Call(context.Background(), tools.Call{Tool: tool, Args: encoded, Principal: "local"})
		if err != nil || result.Err != nil {
			t.Fatal(tool, err, result.Err)
		}
		return result.JSON
	}
	within("50 contacts, tokens", tokens(call("search_contacts", map[string]any{"limit": 50})), 3_000)
	most := 0
	for _, c := range sb.Contacts() {
		if !c.Archived && c.MergedInto == "" && !c.Blocked {
			most = max(most, tokens(call("get_contact", map[string]any{"contact": c.ID})))
		}
	}
	within("largest contact, tokens", most, 400)

	id := sb.Contacts()[0].ID
	receipt := call("update_contact", map[string]any{"contact": id, "set": map[string]any{"name": "Somebody Else"}})
	within("receipt, tokens", tokens(receipt), 80)
	var ids []string
	for _, c := range sb.Contacts()[:200] {
		if !c.Archived && c.MergedInto == "" && !c.Blocked {
			ids = append(ids, c.ID)
		}
	}
	preview := call("bulk_update_contacts", map[string]any{"contacts": ids, "set": map[string]any{
		"name": "A rather long new name for everybody in the list", "phone": "+32 444 12 34 56 ext. 7",
		"add_tags":          []string{sb.Tags()[0].Name},
		"custom_attributes": map[string]any{"plan": "a rather long name of a plan that nobody has ever had before"}}})
	within("preview, tokens", tokens(preview), 1_200)
}

// budgetPipeline is the real stack in a mode.
func budgetPipeline(t *testing.T, mode policy.Mode, masked ...string) (*tools.Pipeline, *intercom.Client,
	*sandbox.Sandbox) {
	t.Helper()
	sb := sandbox.New(sandbox.Options{})
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	p := policy.Default(mode)
	p.Limits.WaitingChanges, p.Limits.UnansweredPer10m = 0, 0
	p.Masked = masked
	pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(p),
		Store: change.NewMemory(100)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipeline.Close(context.Background()) })
	return pipeline, client, sb
}
