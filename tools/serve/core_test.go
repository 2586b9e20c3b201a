package serve

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/schemas"
	"intercom-mcp/tools"
)

// listed is one tool as tools/list sends it.
type listed struct {
	Name, Title, Description  string
	InputSchema, OutputSchema json.RawMessage
	Annotations               map[string]bool
}

func TestToolList(t *testing.T) {
	pipeline := realPipeline(t)
	holdsToolList(t, pipeline)
	pipeline = pipelineWith(t, sandbox.New(sandbox.Options{}), change.NewMemory(1), policy.Default(policy.ModeWrite),
		"bulk")
	if list := holdsToolList(t, pipeline); len(list) != 1 {
		t.Errorf("the set bulk lists %d tools", len(list))
	}
}

// holdsToolList holds a list to the catalogue and the committed schemas, and returns it.
func holdsToolList(t *testing.T, pipeline *tools.Pipeline) []listed {
	t.Helper()
	raw, err := ToolList(Options{Version: "test", Caller: pipeline})
	if err != nil {
		t.Fatal(err)
	}
	var list struct{ Tools []listed }
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	byName := slices.SortedFunc(slices.Values(pipeline.Tools()),
		func(a, b tools.Tool) int { return strings.Compare(a.Name, b.Name) })
	if len(list.Tools) != len(byName) {
		t.Fatalf("%d tools are listed, the catalogue has %d", len(list.Tools), len(byName))
	}
	for i, tool := range byName {
		input, err := schemas.Input(tool.Name)
		if err != nil {
			t.Fatal(err)
		}
		output, err := schemas.Output(tool.Name)
		if err != nil {
			t.Fatal(err)
		}
		offered := func(name string) bool {
			return slices.ContainsFunc(byName, func(tool tools.Tool) bool { return tool.Name == name })
		}
		if len(tool.BriefWith) > 0 && !slices.ContainsFunc(tool.BriefWith, func(name string) bool { return !offered(name) }) {
			if input, err = schemas.Brief(tool.Name); err != nil {
				t.Fatal(err)
			}
		}
		want := listed{tool.Name, tool.Title, tool.Doc, input, output, map[string]bool{
			"readOnlyHint": tool.Effect == policy.Read, "destructiveHint": tool.Effect == policy.Destroy,
			"idempotentHint": tool.Effect == policy.Read || tool.Idempotent, "openWorldHint": true,
		}}
		if diff := cmp.Diff(want, list.Tools[i], cmp.Transformer("JSON", decodeJSON)); diff != "" {
			t.Errorf("%s (-want +listed):\n%s", tool.Name, diff)
		}
	}
	again, err := ToolList(Options{Version: "test", Caller: pipeline})
	if err != nil || string(again) != string(raw) {
		t.Errorf("the second list differs: %v", err)
	}
	return list.Tools
}

func decodeJSON(raw json.RawMessage) any {
	var value any
	_ = json.Unmarshal(raw, &value) // schemas are JSON
	return value
}

func TestOptionsAreRequired(t *testing.T) {
	for name, o := range map[string]Options{
		"no caller": {Version: "test"}, "no version": {Caller: scripted{}},
		"no schema": {Version: "test", Caller: scripted{"no_such_tool": nil}},
	} {
		if _, err := ToolList(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
