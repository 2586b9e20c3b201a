package serve

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// journal is a log that a test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// The log tells whose each call was, and nothing of how they proved it.
func TestCallsAreLoggedWithTheirPrincipal(t *testing.T) {
	var lines journal
	log := slog.New(slog.NewJSONHandler(&lines, nil))
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1",
		Transport: sandbox.New(sandbox.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(policy.Default(policy.ModeFull)),
		Store: change.NewMemory(10), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	defer pipeline.Close(t.Context())
	s, clients := principals(t, HTTPOptions{Options: Options{Version: "test", Caller: pipeline, Log: log}}, 2)
	for _, client := range clients {
		client.post(modernCall)
		client.next()
	}
	s.stop()
	<-s.done
	var whose []string
	for line := range strings.Lines(lines.String()) {
		var entry struct{ Msg, Tool, Outcome, Principal string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatal(err)
		}
		if entry.Msg == "call" && entry.Tool == "list_tags" && entry.Outcome == "ok" {
			whose = append(whose, entry.Principal)
		}
	}
	if strings.Join(whose, " ") != "principal0 principal1" || strings.Contains(lines.String(), "imcp_") {
		t.Errorf("calls of %q are logged:\n%s", whose, lines.String())
	}
}
