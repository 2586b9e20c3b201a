package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/tools"
)

// sentIDs are ids as clients write them; 64-bit ones are beyond what a float64 holds.
var sentIDs = []string{
	`1784030123456789012`, `18446744073709551615`, `-9223372036854775808`, `1.0`, `0.5`, `1e3`, `-0`, `9007199254740993`,
	`"\u0061b"`, `"<a&b>"`, `"\u2028"`, `"é"`, `""`, `7`, `"7"`,
}

// Whatever a request is answered with, the response has the id as it was written.
func TestIDsComeBackAsTheyWereSent(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			p := start(t,
				options(t, scripted{"list_tags": ticking(1), "tag_contacts": func(context.Context, tools.Call) (tools.Result,
					error) {
					panic(errTest)
				}}))
			p.post(askingHello)
			p.next()
			long := []string{`"` + strings.Repeat("long ", 500) + `"`, strings.Repeat("9", 300)}
			for _, id := range append(long, sentIDs...) {
				for _, request := range []string{
					`"method":"ping"`,
					`"method":"tools/list"`,
					`"method":"tools/call","params":{"name":"list_tags","arguments":{}}`,
					`"method":"tools/call","params":{"name":"list_tags","arguments":{},` + modernMeta + `}`,
					`"method":"tools/call","params":{"name":"tag_contacts","arguments":{}}`,
					`"method":"tools/call","params":{"name":"no_tool","arguments":{}}`,
					`"method":"tools/call","params":{"name":7}`,
					`"method":"no/method"`,
					`"method":"tools/list","params":{"cursor":"x"}`,
					`"method":"tools/list","params":null`,
					`"method":"tools/call","params":null`,
					`"method":""`,
				} {
					p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, id, request))
					raw := string(p.next())
					var envelope map[string]json.RawMessage
					if json.Unmarshal([]byte(raw), &envelope) != nil || string(envelope["id"]) != id {
						t.Errorf("%s %s: %s", id, request, raw)
					}
				}
			}
		})
	}
}

// Progress is told under the token as it was written.
func TestProgressTokensComeBackAsTheyWereSent(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			p := start(t, options(t, scripted{"list_tags": ticking(1)}))
			p.post(askingHello)
			p.next()
			for _, token := range sentIDs {
				p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{},"_meta":{"progressToken":%s}}}`, token))
				if raw := string(p.next()); !strings.Contains(raw, `"progressToken":`+token+`,`) {
					t.Errorf("%s: %s", token, raw)
				}
				p.next()
			}
		})
	}
}

// A message whose id cannot be read is answered with the id null, as JSON-RPC wants it.
func TestErrorsWithoutIDHaveNull(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			p := start(t, options(t, scripted{"list_tags": ticking(1)}))
			for _, broken := range []string{`{broken`, `{"jsonrpc":"2.0","id":5,`, "{\x00\"\x00i\x00d\x00", `[]`,
				`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`,
				`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","id":{},"method":"ping"}`} {
				p.post(broken)
				if raw := string(p.next()); !strings.Contains(raw, `"id":null`) || !strings.Contains(raw, `"error"`) {
					t.Errorf("%s: %s", broken, raw)
				}
			}
		})
	}
}

// No arguments can be written as null.
func TestNullArgumentsAreNone(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			p := start(t, options(t, realPipeline(t)))
			p.post(askingHello)
			p.next()
			p.post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":null}}`)
			if raw := string(p.next()); !strings.Contains(raw, `structuredContent`) {
				t.Errorf("answered %s", raw)
			}
		})
	}
}
