package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestStdio demands nothing but the protocol on stdout, and an end with the input.
func TestStdio(t *testing.T) {
	t.Parallel()
	const requests = initializeLine + `
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tags","arguments":{"limit":1}}}
`
	server := launch(t, strings.NewReader(requests), environment("INTERCOM_SANDBOX", "true"), "stdio")
	if code := <-server.code; code != exitOK {
		t.Fatalf("exit code %d: %s", code, server.stderr)
	}
	var ids []int
	for line := range strings.Lines(server.stdout.String()) {
		var message struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      int             `json:"id"`
			Result  json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil || message.JSONRPC != "2.0" || message.Result == nil {
			t.Errorf("no answer: %s (%v)", line, err)
		}
		ids = append(ids, message.ID)
	}
	if len(ids) != 2 {
		t.Errorf("answers %v, want two", ids)
	}
}
