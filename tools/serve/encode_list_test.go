package serve

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// TestListsAreEncodedAsByEncodingJSON compares lists of the tools there are, and of odd ones.
func TestListsAreEncodedAsByEncodingJSON(t *testing.T) {
	var listed []mcp.Tool
	for _, name := range []string{"add_note", "get_contact", "search_contacts"} {
		schemas, err := schemasOf(tools.Tool{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, mcp.Tool{Name: name, Title: `Of "` + name + `"`, Description: "<b> & \u2028 \xff",
			RawInputSchema: schemas.input, RawOutputSchema: schemas.output, Annotations: annotations(tools.Tool{Name: name})})
	}
	viewed, bare := listed[0], listed[1]
	viewed.Meta, bare.Description, bare.RawOutputSchema = viewMeta("app"), "", nil
	for _, list := range [][]mcp.Tool{nil, {}, listed[:1], listed, {viewed, bare, listed[2]}} {
		result := mcp.ListToolsResult{Tools: list}
		result.NextCursor, result.ResultType = `"tools":[]`, mcp.ResultTypeComplete
		response := mcp.NewJSONRPCResultResponse(mcp.NewRequestId(`"tools":[]`), result)
		want, err := json.Marshal(response)
		if err != nil {
			t.Fatal(err)
		}
		m := jsonrpc.Message{ID: []byte(`"a"`)}
		got, err := encodeResponse(m, response, nil)
		if want = m.Outer(want); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d tools: %v\n%s\nwant\n%s", len(list), err, got, want)
		}
	}
}
