package jsonrpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/schemas/strictjson"
)

// MaxMessage is the largest message that is read, in bytes.
const MaxMessage = strictjson.MaxBytes

// maxEnvelope is what of a message may be anything but the arguments of a tool, in bytes: mcp-go decodes that several
// times over. maxMethod is the longest name of a method, and maxToken the longest progress token, with its quotes.
const (
	maxEnvelope = 32 << 10
	maxMethod   = 64
	maxToken    = 202
)

// Kind is which of JSON-RPC's messages one is.
type Kind int

// The kinds of messages.
const (
	KindRequest Kind = iota + 1
	KindNotification
	KindResponse
)

// Message is one JSON-RPC message, read strictly: mcp-go would fold the case of keys, and take a message for another
// kind than the next reader does. Whatever it holds has the bytes that were sent.
type Message struct {
	Kind   Kind
	ID     json.RawMessage // a string or a number as it was sent; empty for notifications
	Method string
	Params map[string]json.RawMessage
	Meta   map[string]json.RawMessage // of params
	Args   json.RawMessage            // of params, where the method is tools/call
	Result json.RawMessage
	Err    json.RawMessage
	Raw    json.RawMessage // the whole message

	inner json.RawMessage // the id that mcp-go gets, where it would change the message's own
}

var noBatches = InvalidRequest("a message is one JSON object; there are no batches")

// Read reads one message. What it refuses never reaches mcp-go; the message is then good for its id alone.
func Read(raw []byte) (Message, *Error) {
	m := Message{Raw: raw}
	if isBatch(raw) {
		return m, noBatches // whatever it holds
	}
	envelope, params, err := strictjson.Members(raw, "params")
	if err != nil {
		if json.Valid(raw) {
			m.ID = firstID(raw)
		}
		return m, &Error{Code: mcp.PARSE_ERROR, Message: "the message is refused: " + err.Error() + hint(raw)}
	}
	m.Params = params
	if envelope == nil {
		return m, noBatches
	}
	id, identified := envelope["id"]
	if identified && validID(id) {
		m.ID = id
		if !survives(id) {
			m.inner = standIn()
		}
	}
	if err := checkCase(envelope, envelopeKeys); err != nil {
		return m, err
	}
	if identified && m.ID == nil {
		return m, InvalidRequest(fmt.Sprintf("id must be a string or a number of at most %d KiB", maxID>>10))
	}
	if string(envelope["jsonrpc"]) != `"2.0"` {
		return m, InvalidRequest(`jsonrpc must be "2.0"`)
	}
	if err := m.classify(envelope); err != nil {
		return m, err
	}
	if len(raw)-len(m.Args) > maxEnvelope {
		return m, InvalidRequest(fmt.Sprintf("what is not the arguments of a tool may have at most %d KiB", maxEnvelope>>10))
	}
	return m, m.checkKeys()
}

// hint says what else than a broken message a text is that clients send.
func hint(raw []byte) string {
	switch text := bytes.TrimSpace(raw); {
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")),
		len(text) > 1 && text[0] == 0, len(text) > 1 && text[1] == 0:
		return "; it is text in UTF-16, and MCP is in UTF-8"
	case string(text) == "{":
		return "; a message is one line"
	}
	return ""
}

// members splits an object within a message that was read; nil for any other value.
func members(raw json.RawMessage) map[string]json.RawMessage {
	if len(raw) == 0 || raw[0] != '{' {
		return nil
	}
	split, _, _ := strictjson.Members(raw, "") // passed with the message
	return split
}

// isBatch reports whether a text begins like a batch.
func isBatch(raw []byte) bool {
	const space = " \t\r\n"
	items, ok := bytes.CutPrefix(bytes.TrimLeft(raw, space), []byte("["))
	return ok && bytes.HasPrefix(bytes.TrimLeft(items, space), []byte("{"))
}

// classify fills in the rest of the message.
func (m *Message) classify(envelope map[string]json.RawMessage) *Error {
	m.Result, m.Err = envelope["result"], envelope["error"]
	method, called := envelope["method"]
	switch {
	case called && (m.Result != nil || m.Err != nil):
		return InvalidRequest("a message has a method, or a result, or an error")
	case called:
		if len(method) > maxMethod+len(`""`) || json.Unmarshal(method, &m.Method) != nil || m.Method == "" {
			return InvalidRequest(fmt.Sprintf("method must be a string of at most %d bytes", maxMethod))
		}
		m.Kind = KindRequest
		if m.ID == nil {
			m.Kind = KindNotification
		}
	case m.ID == nil || (m.Result == nil) == (m.Err == nil):
		return InvalidRequest("a message has a method, or an id with either a result or an error")
	default:
		m.Kind = KindResponse
		return nil
	}
	if params, ok := envelope["params"]; !ok || string(params) == "null" {
		return m.checkInitialize()
	}
	if m.Params == nil {
		return InvalidRequest("params must be an object")
	}
	if err := checkCase(m.Params, paramKeys); err != nil {
		return err
	}
	if m.Method == string(mcp.MethodToolsCall) {
		if args := m.Params["arguments"]; string(args) != "null" {
			m.Args = args
		}
	}
	m.Meta = members(m.Params["_meta"]) // none, where it has another type; mcp-go refuses that
	if err := m.checkParams(); err != nil {
		return err
	}
	return m.checkInitialize()
}

// checkParams refuses what mcp-go takes for something else, or for nothing.
func (m *Message) checkParams() *Error {
	if token, ok := m.Meta["progressToken"]; ok && string(token) != "null" && (len(token) > maxToken || !validID(token)) {
		return InvalidParams("progressToken must be a string or a number of at most 200 bytes")
	}
	if version, ok := m.Meta[mcp.MetaKeyProtocolVersion]; ok && version[0] != '"' {
		return InvalidParams("params._meta." + mcp.MetaKeyProtocolVersion + " must be a string")
	}
	if cursor := m.Params["cursor"]; strings.HasPrefix(string(cursor), `"`) && strings.HasSuffix(m.Method, "/list") {
		return InvalidParams("the cursor is none that this server gave") // its lists are whole
	}
	return nil
}

// checkInitialize refuses an initialize that agrees on nothing, which mcp-go takes for one of a client of its oldest
// version.
func (m *Message) checkInitialize() *Error {
	if m.Method != string(mcp.MethodInitialize) || m.Kind != KindRequest || m.Sessionless() {
		return nil
	}
	for _, name := range []string{"protocolVersion", "capabilities"} {
		switch string(m.Params[name]) {
		case "", "null", `""`:
			return InvalidParams("params." + name + " is missing: initialize needs it")
		}
	}
	return nil
}

// Inner returns the message as mcp-go is to have it: with an id that it gives back as it is. What mcp-go answers goes
// through [Message.Outer].
func (m *Message) Inner() (json.RawMessage, error) {
	if m.inner == nil {
		return m.Raw, nil
	}
	return m.innerWith(m.Params)
}

// Outline is Inner without the arguments of the message's tool.
func (m *Message) Outline() (json.RawMessage, error) {
	params := maps.Clone(m.Params)
	delete(params, "arguments")
	return m.innerWith(params)
}

func (m *Message) innerWith(params map[string]json.RawMessage) (json.RawMessage, error) {
	id := m.ID
	if m.inner != nil {
		id = m.inner
	}
	return json.Marshal(struct {
		JSONRPC string                     `json:"jsonrpc"`
		ID      json.RawMessage            `json:"id,omitempty"`
		Method  string                     `json:"method,omitempty"`
		Params  map[string]json.RawMessage `json:"params,omitzero"`
		Result  json.RawMessage            `json:"result,omitempty"`
		Error   json.RawMessage            `json:"error,omitempty"`
	}{mcp.JSONRPC_VERSION, id, m.Method, params, m.Result, m.Err})
}

// Outer puts the message's own id, as it was sent, in the place of that of [Message.Inner] in what mcp-go has written.
func (m *Message) Outer(written []byte) []byte {
	if m.inner == nil {
		return written
	}
	return bytes.ReplaceAll(written, m.inner, m.ID)
}

// Sessionless reports whether the message itself declares a revision of the protocol without sessions.
func (m *Message) Sessionless() bool {
	var version string
	return json.Unmarshal(m.Meta[mcp.MetaKeyProtocolVersion], &version) == nil && mcp.IsModernProtocol(version)
}
