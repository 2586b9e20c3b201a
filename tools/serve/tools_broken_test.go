package serve

import (
	"encoding/json"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"intercom-mcp/tools"
)

// broken offers, once it is told to, a tool that has no schemas.
type broken struct {
	scripted
	now atomic.Bool
}

func (b *broken) Tools() []tools.Tool {
	list := b.scripted.Tools()
	if b.now.Load() {
		list = append(list, tools.Tool{Name: "no_such_tool", Doc: "It has no schemas."})
	}
	return list
}

// TestToolsThatCannotBeListed answers a request that fails before mcp-go has it, tells the operator alone why, and
// frees its id.
func TestToolsThatCannotBeListed(t *testing.T) {
	const list = `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`
	for name, connect := range transports {
		t.Run(name, func(t *testing.T) {
			caller := &broken{scripted: scripted{"list_tags": ticking(0)}}
			var log logBuffer
			o := options(t, caller)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			p := connect(t, o)
			ask := func(line string) (w wire) {
				t.Helper()
				p.post(line)
				if err := json.Unmarshal(p.next(), &w); err != nil {
					t.Fatal(err)
				}
				return w
			}
			ask(hello)
			caller.now.Store(true)
			for range 2 {
				if w := ask(list); w.Error == nil || w.Error.Code != -32603 || w.Error.Message != "internal error" {
					t.Fatalf("the response is %+v", w)
				}
			}
			caller.now.Store(false)
			if w := ask(list); w.Error != nil {
				t.Errorf("the next response is %+v", w.Error)
			}
			if !strings.Contains(log.String(), "no_such_tool") {
				t.Errorf("the log tells %q", log.String())
			}
		})
	}
}
