package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/schemas/strictjson"
)

// maxMessage is the largest message that is read, and maxEnvelope what of it may
// be anything but the arguments of a tool, in bytes: mcp-go decodes that several
// times over. maxMethod is the longest name of a method.
const (
	maxMessage  = 512 << 10
	maxEnvelope = 32 << 10
	maxMethod   = 64
)

// kind is which of JSON-RPC's messages one is.
type kind int

const (
	kindRequest kind = iota + 1
	kindNotification
	kindResponse
)

// message is one JSON-RPC message, read strictly: mcp-go would fold the case
// of keys, and take a message for another kind than the next reader does.
type message struct {
	kind   kind
	id     json.RawMessage // as sent: a string or an integer; empty for notifications
	method string
	params map[string]json.RawMessage
	meta   map[string]json.RawMessage // of params
	args   json.RawMessage            // of params, where the method is tools/call
	result json.RawMessage
	err    json.RawMessage
	raw    json.RawMessage // the whole message
}

var noBatches = invalid("a message is one JSON object; there are no batches")

// readMessage reads one message. What it refuses never reaches mcp-go; the
// message is then good for its id alone.
func readMessage(raw []byte) (message, *protocolError) {
	m := message{raw: raw}
	if isBatch(raw) {
		return m, noBatches // whatever it holds
	}
	envelope, params, err := strictjson.Members(raw, "params")
	if err != nil {
		m.id = firstID(raw)
		return m, &protocolError{Code: mcp.PARSE_ERROR, Message: "the message is refused: " + err.Error()}
	}
	m.params = params
	if envelope == nil {
		return m, noBatches
	}
	id, identified := envelope["id"]
	if identified && validID(id) {
		m.id = id
	}
	if err := checkCase(envelope, envelopeKeys); err != nil {
		return m, err
	}
	if identified && m.id == nil {
		return m, invalid("id must be a string of at most 200 bytes or an integer of at most 2^53-1")
	}
	if string(envelope["jsonrpc"]) != `"2.0"` {
		return m, invalid(`jsonrpc must be "2.0"`)
	}
	if err := m.classify(envelope); err != nil {
		return m, err
	}
	if len(raw)-len(m.args) > maxEnvelope {
		return m, invalid(fmt.Sprintf("what is not the arguments of a tool may have at most %d KiB", maxEnvelope>>10))
	}
	return m, m.checkKeys()
}

// members splits an object within a message that was read; nil for any other value.
func members(raw json.RawMessage) map[string]json.RawMessage {
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
func (m *message) classify(envelope map[string]json.RawMessage) *protocolError {
	m.result, m.err = envelope["result"], envelope["error"]
	method, called := envelope["method"]
	switch {
	case called && (m.result != nil || m.err != nil):
		return invalid("a message has a method, or a result, or an error")
	case called:
		if len(method) > maxMethod+len(`""`) || json.Unmarshal(method, &m.method) != nil || m.method == "" {
			return invalid(fmt.Sprintf("method must be a string of at most %d bytes", maxMethod))
		}
		m.kind = kindRequest
		if m.id == nil {
			m.kind = kindNotification
		}
	case m.id == nil || (m.result == nil) == (m.err == nil):
		return invalid("a message has a method, or an id with either a result or an error")
	default:
		m.kind = kindResponse
		return nil
	}
	if _, ok := envelope["params"]; !ok {
		return m.checkHello()
	}
	if m.params == nil {
		return invalid("params must be an object")
	}
	if err := checkCase(m.params, paramKeys); err != nil {
		return err
	}
	if m.method == string(mcp.MethodToolsCall) {
		m.args = m.params["arguments"]
	}
	m.meta = members(m.params["_meta"]) // none, where it is misshapen; mcp-go refuses that
	if err := m.checkParams(); err != nil {
		return err
	}
	return m.checkHello()
}

// checkParams refuses what mcp-go takes for something else, or for nothing.
func (m *message) checkParams() *protocolError {
	if token, ok := m.meta["progressToken"]; ok && string(token) != "null" && !validID(token) {
		return invalidParams("progressToken must be a string of at most 200 bytes or an integer of at most 2^53-1")
	}
	if version, ok := m.meta[mcp.MetaKeyProtocolVersion]; ok && version[0] != '"' {
		return invalidParams("params._meta." + mcp.MetaKeyProtocolVersion + " must be a string")
	}
	if cursor := m.params["cursor"]; strings.HasPrefix(string(cursor), `"`) && strings.HasSuffix(m.method, "/list") {
		return invalidParams("the cursor is none that this server gave") // its lists are whole
	}
	return nil
}

// checkHello refuses an initialize that agrees on nothing, which mcp-go takes for
// one of a client of its oldest version.
func (m *message) checkHello() *protocolError {
	if m.method != string(mcp.MethodInitialize) || m.kind != kindRequest || m.modernEra() {
		return nil
	}
	for _, name := range []string{"protocolVersion", "capabilities"} {
		switch string(m.params[name]) {
		case "", "null", `""`:
			return invalidParams("params." + name + " is missing: initialize needs it")
		}
	}
	return nil
}

// withoutArguments returns the message as it is but for the arguments of its
// tool.
func (m *message) withoutArguments() (json.RawMessage, error) {
	params := maps.Clone(m.params)
	delete(params, "arguments")
	return json.Marshal(struct {
		JSONRPC string                     `json:"jsonrpc"`
		ID      json.RawMessage            `json:"id,omitempty"`
		Method  string                     `json:"method"`
		Params  map[string]json.RawMessage `json:"params"`
	}{mcp.JSONRPC_VERSION, m.id, m.method, params})
}

// validID reports whether an id survives being decoded and encoded again.
func validID(id json.RawMessage) bool {
	if id[0] == '"' {
		return len(id) <= maxID
	}
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n > -1<<53 && n < 1<<53
}

// modernEra reports whether the message itself declares the stateless era.
func (m *message) modernEra() bool {
	var version string
	return json.Unmarshal(m.meta[mcp.MetaKeyProtocolVersion], &version) == nil && mcp.IsModernProtocol(version)
}

func invalid(text string) *protocolError {
	return &protocolError{Code: mcp.INVALID_REQUEST, Message: text}
}

// errorResponse encodes an error response. Where the id could not be read the
// response has none.
func errorResponse(id json.RawMessage, err *protocolError) []byte {
	encoded, broken := json.Marshal(struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id,omitempty"`
		Error   *protocolError  `json:"error"`
	}{mcp.JSONRPC_VERSION, id, err})
	if broken != nil {
		return errorResponse(id, &protocolError{Code: mcp.INTERNAL_ERROR, Message: "internal error"})
	}
	return encoded
}

// notification encodes a notification.
func notification(method string, params any) ([]byte, error) {
	return json.Marshal(struct {
		JSONRPC string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{mcp.JSONRPC_VERSION, method, params})
}
