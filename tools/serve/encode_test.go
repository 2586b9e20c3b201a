package serve

import (
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// What is encoded without encoding/json has the bytes that encoding/json writes.
func TestEncodeResult(t *testing.T) {
	m, refused := jsonrpc.Read([]byte(`{"jsonrpc":"2.0","id":"a-7","method":"tools/call","params":{"name":"x"}}`))
	if refused != nil {
		t.Fatal(refused)
	}
	for _, answer := range []string{`{"name":"a<b>&c \u2028 é ` + "\u2028\u2029 \U0001D11E" + `","n":1.0}`, `{}`} {
		for _, notes := range []map[string]any{nil, {"notes": []string{"<x>"}}} {
			for _, kind := range []mcp.ResultType{"", mcp.ResultTypeComplete} {
				result := success(tools.Result{JSON: json.RawMessage(answer), Meta: notes})
				result.ResultType = kind
				response := mcp.JSONRPCResponse{JSONRPC: "2.0", ID: mcp.NewRequestId("a-7"), Result: *result}
				want, err := json.Marshal(response)
				if err != nil {
					t.Fatal(err)
				}
				if !isPlain(result) {
					t.Error("a result of ours is encoded by encoding/json")
				}
				if got, err := encodeResponse(m, response, nil); err != nil || string(got) != string(want) {
					t.Errorf("got %s, %v; want %s", got, err, want)
				}
			}
		}
	}
}
