package serve

import (
	"context"
	"strings"
	"testing"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// BenchmarkRefuse is the price of messages made to be expensive.
func BenchmarkRefuse(b *testing.B) {
	for name, raw := range map[string]string{
		"text":   `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"` + strings.Repeat("x", 500_000) + `\u0000"}}`,
		"array":  `{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[` + strings.Repeat("1,", 250_000) + `1],"a":2}}`,
		"levels": strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000),
		"length": strings.Repeat(" ", jsonrpc.MaxMessage) + "{}",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if _, refused := jsonrpc.Read([]byte(raw)); refused == nil {
					b.Fatal("taken")
				}
			}
		})
	}
}

// BenchmarkCall is what the protocol costs on top of a tool that does nothing.
func BenchmarkCall(b *testing.B) {
	c, err := newCore(Options{Version: "test", Caller: scripted{"list_tags": ticking(0)}})
	if err != nil {
		b.Fatal(err)
	}
	out := new(strings.Builder)
	s, _ := newStdio(c, out)
	for b.Loop() {
		out.Reset()
		m, refused := jsonrpc.Read([]byte(modernCall))
		if refused != nil {
			b.Fatal(refused)
		}
		if err := s.answer(context.Background(), m, func() bool { return true }, s.out.Write); err != nil {
			b.Fatal(err)
		}
	}
}
