package serve

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// A plain answer of mcp-go, in either revision, is encoded without encoding/json, and to the bytes that encoding/json
// writes.
func TestEncodeResult(t *testing.T) {
	const old = `{"jsonrpc":"2.0","id":"a-7","method":"tools/call","params":{"name":"list_tags","arguments":{}}}`
	for _, answer := range []string{`{"name":"a<b>&c \u2028 é ` + "\u2028\u2029 \U0001D11E" + `","n":1.0}`, `{}`} {
		for _, notes := range []map[string]any{nil, {"notes": []string{"<x>"}}} {
			c, err := newCore(Options{Version: "test", Caller: scripted{
				"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
					return tools.Result{JSON: json.RawMessage(answer), Meta: notes}, nil
				}}})
			if err != nil {
				t.Fatal(err)
			}
			for _, call := range []string{old, modernCall} {
				m, refused := jsonrpc.Read([]byte(call))
				if refused != nil {
					t.Fatal(refused)
				}
				e := newExchange(auth.Local)
				e.sessionless = m.Sessionless()
				response := c.mcp.HandleMessage(withExchange(t.Context(), e), m.Raw)
				if !isPlain(response.(mcp.JSONRPCResponse).Result.(*mcp.CallToolResult)) {
					t.Errorf("%s: encoding/json would encode the answer", call)
				}
				want, err := json.Marshal(response)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := encodeResponse(m, response, nil); err != nil || string(got) != string(want) {
					t.Errorf("got %s, %v; want %s", got, err, want)
				}
			}
		}
	}
}
