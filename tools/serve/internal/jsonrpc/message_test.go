package jsonrpc

import (
	"encoding/json"
	"reflect"
	"testing"
)

// A message of each revision of the protocol.
const (
	toolCall = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{},` +
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	initialize = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",` +
		`"capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}`
)

// FuzzMessage holds that a message which is let through means the same to
// mcp-go, and that its id survives.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		toolCall, initialize,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
		`{"jsonrpc":"2.0","id":"a","result":{}}`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}`,
		`{"jsonrpc":"2.0","id":-9007199254740991,"method":"x"}`, `{"jsonrpc":"2.0","id":1e3,"method":"x"}`,
		`{"jsonrpc":"2.0","id":18446744073709551615,"method":"x"}`,
		`{"jsonrpc":"2.0","id":"<\u0061>","method":"x","params":{}}`, `[]`, `{"\u006dethod":"x"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, refused := Read(raw)
		if refused != nil {
			return
		}
		var theirs struct {
			JSONRPC string
			ID      any
			Method  string
			Result  any
		}
		if err := json.Unmarshal(raw, &theirs); err != nil {
			t.Fatalf("mcp-go can not read it: %v", err)
		}
		if theirs.Method != m.Method || (theirs.ID != nil) != (m.ID != nil) || theirs.JSONRPC != "2.0" {
			t.Errorf("read as %+v and as %+v", m, theirs)
		}
		if m.ID != nil {
			checkInner(t, m)
		}
		if m.Args != nil {
			checkWithoutArguments(t, m)
		}
	})
}

// checkInner holds that the id which mcp-go gives back is, from outside, the very one that was sent.
func checkInner(t *testing.T, m Message) {
	inner, err := m.Inner()
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct{ ID any }
	if err := json.Unmarshal(inner, &theirs); err != nil {
		t.Fatal(err)
	}
	id, err := json.Marshal(theirs.ID)
	if back := m.Outer(id); err != nil || string(back) != string(m.ID) {
		t.Errorf("the id %s comes back as %s", m.ID, back)
	}
}

// checkWithoutArguments holds that a message without its arguments is the same otherwise.
func checkWithoutArguments(t *testing.T, m Message) {
	m.inner = nil
	outline, err := m.Outline()
	if err != nil {
		t.Fatal(err)
	}
	var whole, rest struct {
		ID     any
		Method string
		Params map[string]any
	}
	if json.Unmarshal(m.Raw, &whole) != nil || json.Unmarshal(outline, &rest) != nil {
		t.Fatalf("%s becomes %s", m.Raw, outline)
	}
	delete(whole.Params, "arguments")
	if !reflect.DeepEqual(whole, rest) {
		t.Errorf("%s becomes %s", m.Raw, outline)
	}
}
