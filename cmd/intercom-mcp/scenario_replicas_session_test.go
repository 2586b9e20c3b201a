//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// sessionAgent is an agent in a session of the older revisions.
type sessionAgent struct {
	*agent
	session string
	asked   int // by the server
}

// initialize begins a session.
func (s *sessionAgent) initialize(t *testing.T) {
	t.Helper()
	header, _, err := s.post("initialize", object{"protocolVersion": "2025-11-25", "capabilities": object{
		"elicitation": object{}}, "clientInfo": object{"name": "test", "version": "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.session = header.Get(sessionHeader)
	if status, text := s.send(t, object{"jsonrpc": "2.0", "method": "notifications/initialized"}); status != 202 {
		t.Fatalf("initialized: %d %s", status, text)
	}
}

// send sends a message in the session, says yes to what the server asks meanwhile, and returns the last message.
func (s *sessionAgent) send(t *testing.T, message object) (status int, last string) {
	t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + s.token, "Content-Type": "application/json", sessionHeader: s.session,
		"Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": "2025-11-25",
	} {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		last = data
		var question struct {
			ID     json.RawMessage
			Method string
		}
		if err := json.Unmarshal([]byte(data), &question); err == nil && question.Method == "elicitation/create" {
			s.asked++
			yes := object{"action": "accept", "content": object{"confirm": true}}
			if status, text := s.send(t, object{"jsonrpc": "2.0", "id": question.ID, "result": yes}); status != 202 {
				t.Errorf("the answer of a question: %d %s", status, text)
			}
		}
	}
	return response.StatusCode, last
}

// use calls a tool in the session.
func (s *sessionAgent) use(t *testing.T, tool string, args object) (status int, last string) {
	t.Helper()
	return s.send(t, object{"jsonrpc": "2.0", "id": s.calls.Add(1), "method": "tools/call",
		"params": object{"name": tool, "arguments": args}})
}

// TestReplicasSession has a session stay with the replica where it began: its calls, and the answers of its questions.
// When that replica is gone, the session is unknown, and the client begins another.
func TestReplicasSession(t *testing.T) {
	t.Parallel()
	r := newReplicas(t, 3, 1, askingPolicy, sandbox.Options{})
	contacts := r.intercom.Contacts()
	s := &sessionAgent{agent: r.agents[0]}
	r.router.stick()
	s.initialize(t)
	unknown := 0
	for _, p := range r.live() {
		direct := &sessionAgent{agent: newAgent(s.name, s.token, p.url), session: s.session}
		if status, _ := direct.use(t, "get_contact", object{"contact": contacts[0].ID}); status == http.StatusNotFound {
			unknown++
		}
	}
	if unknown != 2 {
		t.Errorf("a session is unknown to %d of three replicas, want 2", unknown)
	}
	work := func(from int) {
		t.Helper()
		for i := range 5 {
			if status, text := s.use(t, "get_contact", object{"contact": contacts[i].ID}); status != 200 {
				t.Errorf("a read: %d %s", status, text)
			}
			status, text := s.use(t, "add_note", object{"contact": contacts[i].ID, "body": fmt.Sprint("Note ", from+i)})
			if status != 200 || !strings.Contains(text, `"status":"applied"`) {
				t.Errorf("a write: %d %s", status, text)
			}
		}
	}
	work(0)
	for place, p := range r.live() {
		if p == r.router.owner(s.session) {
			r.kill(place)
		}
	}
	r.router.transport.CloseIdleConnections() // the router may not have seen yet that some of them ended
	if status, text := s.use(t, "get_contact", object{"contact": contacts[0].ID}); status != http.StatusNotFound {
		t.Errorf("a session whose replica is gone: %d %s", status, text)
	}
	s.initialize(t)
	work(10)
	if s.asked != 10 {
		t.Errorf("%d questions", s.asked)
	}
}
