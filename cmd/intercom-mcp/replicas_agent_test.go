//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

type object = map[string]any

// agent is a client of the sessionless revision, with a token of its own. It is safe for concurrent use.
type agent struct {
	name, token, url string
	client           *http.Client
	calls            atomic.Int64 // sent
	lost             atomic.Int64 // of them, without an answer
}

func newAgent(name, token, url string) *agent {
	return &agent{name: name, token: token, url: url + "/mcp", client: &http.Client{Timeout: time.Minute}}
}

// answer is what a call was answered.
type answer struct {
	Change, Status string
	Note           string // why it is so
	Changed        int
	Pending        int
	NotSent        int `json:"not_sent"`
	Unknown        int
	Unchanged      int
	Written        int
	Failed         int
	ID             string
	Changes        []struct{ Change string }

	state  string // of a question
	failed bool
	text   string
}

// lostError is a call that nobody answered: what became of it is not known.
type lostError struct{ why string }

func (e *lostError) Error() string { return "no answer: " + e.why }

// call calls a tool once. more are further members of the request.
func (a *agent) call(tool string, args any, more ...func(params map[string]any)) (*answer, error) {
	params := map[string]any{"name": tool, "arguments": args, "_meta": map[string]any{
		"io.modelcontextprotocol/protocolVersion":    "2026-07-28",
		"io.modelcontextprotocol/clientInfo":         map[string]any{"name": "test", "version": "1"},
		"io.modelcontextprotocol/clientCapabilities": map[string]any{"elicitation": map[string]any{}},
	}}
	for _, add := range more {
		add(params)
	}
	_, body, err := a.post("tools/call", params, map[string]string{
		"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool,
	})
	if err != nil {
		return nil, err
	}
	return readAnswer(body)
}

// post sends a request; with no answer from a server the error is a [lostError].
func (a *agent) post(method string, params any, headers map[string]string) (http.Header, []byte, error) {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": a.calls.Add(1), "method": method, "params": params})
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequest(http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := a.client.Do(request)
	if err != nil {
		a.lost.Add(1)
		return nil, nil, &lostError{err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil || response.StatusCode == http.StatusBadGateway:
		a.lost.Add(1)
		return nil, nil, &lostError{fmt.Sprint(response.StatusCode, err)}
	case response.StatusCode != http.StatusOK:
		return nil, nil, fmt.Errorf("%d %s", response.StatusCode, text)
	}
	return response.Header, text, nil
}

// readAnswer reads the last message of a response, which may be a stream of events.
func readAnswer(body []byte) (*answer, error) {
	if at := bytes.LastIndex(body, []byte("data: ")); at >= 0 && !bytes.HasPrefix(body, []byte("{")) {
		body = body[at+len("data: "):]
	}
	var message struct {
		Error  json.RawMessage
		Result struct {
			IsError           bool
			RequestState      string
			StructuredContent json.RawMessage
		}
	}
	if err := json.Unmarshal(bytes.TrimSpace(body), &message); err != nil {
		return nil, &lostError{fmt.Sprintf("%v: %s", err, body)}
	}
	if message.Error != nil {
		return nil, fmt.Errorf("%s", body)
	}
	got := &answer{state: message.Result.RequestState, failed: message.Result.IsError, text: string(body)}
	if content := message.Result.StructuredContent; content != nil {
		if err := json.Unmarshal(content, got); err != nil {
			return nil, fmt.Errorf("%w: %s", err, content)
		}
	}
	return got, nil
}

// must calls a tool that has to succeed.
func (a *agent) must(t *testing.T, tool string, args any, more ...func(map[string]any)) *answer {
	t.Helper()
	got, err := a.call(tool, args, more...)
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	if got.failed {
		t.Fatalf("%s: %s", tool, got.text)
	}
	return got
}

// surely calls a tool until there is an answer that does not ask to try again. What it calls does no harm twice.
func (a *agent) surely(tool string, args any) (*answer, error) {
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		got, err := a.call(tool, args)
		var lost *lostError
		again := errors.As(err, &lost) || err != nil && strings.Contains(err.Error(), "try again") ||
			got != nil && got.failed && strings.Contains(got.text, `"code":"busy"`)
		if !again || time.Since(began) > time.Minute {
			return got, err
		}
	}
}

// ended calls get_change until the change has ended, through whichever replicas are left.
func (a *agent) ended(t *testing.T, id string) *answer {
	t.Helper()
	var got *answer
	var err error
	for began := time.Now(); time.Since(began) < 90*time.Second; time.Sleep(300 * time.Millisecond) {
		if got, err = a.surely("get_change", object{"change": id}); err == nil && !got.failed &&
			got.Status != "applying" && got.Status != "approved" {
			return got
		}
	}
	t.Errorf("%s of %s never ended: %v, %v", id, a.name, got, err)
	return &answer{}
}
