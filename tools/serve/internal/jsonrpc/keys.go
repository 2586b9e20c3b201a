package jsonrpc

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// The names that mcp-go reads, and that must not appear in another case.
var (
	envelopeKeys = []string{"jsonrpc", "id", "method", "params", "result", "error"}
	paramKeys    = []string{
		"name", "arguments", "_meta", "inputResponses", "requestState", "task", "cursor", "uri",
		"protocolVersion", "capabilities", "clientInfo", "requestId", "reason", "level", "ref", "argument", "context",
		"notifications",
	}
	metaKeys = []string{"progressToken", mcp.MetaKeyProtocolVersion, mcp.MetaKeyClientInfo,
		mcp.MetaKeyClientCapabilities, mcp.MetaKeyLogLevel}
	capabilityKeys = []string{"extensions", "experimental", "roots", "sampling", "elicitation", "tasks"}
	modeKeys       = []string{"form", "url"} // of elicitation
	answerKeys     = []string{"action", "content", "_meta"}
)

// checkKeys refuses keys in another case within what a client declares, and within its answers to elicitations:
// neither may count for what it only looks like.
func (m *Message) checkKeys() *Error {
	if m.Kind == KindResponse {
		err := checkCase(members(m.Result), answerKeys)
		if err != nil {
			m.ID = nil // it is the server's, and may be that of a request of the client's, too
		}
		return err
	}
	if err := checkCase(m.Meta, metaKeys); err != nil {
		return err
	}
	for _, declared := range []json.RawMessage{m.Params["capabilities"], m.Meta[mcp.MetaKeyClientCapabilities]} {
		capabilities := members(declared)
		if err := checkCase(capabilities, capabilityKeys); err != nil {
			return err
		}
		if err := checkCase(members(capabilities["elicitation"]), modeKeys); err != nil {
			return err
		}
	}
	for _, answer := range members(m.Params["inputResponses"]) {
		if err := checkCase(members(answer), answerKeys); err != nil {
			return err
		}
	}
	return nil
}

// checkCase refuses keys that differ from one of the names in case alone.
func checkCase(object map[string]json.RawMessage, names []string) *Error {
	var wrong, spelled string // the first by its name
	for key := range object {
		for _, name := range names {
			if key != name && strings.EqualFold(key, name) && (wrong == "" || key < wrong) {
				wrong, spelled = key, name
			}
		}
	}
	if wrong == "" {
		return nil
	}
	return InvalidRequest("unknown key " + strconv.Quote(wrong) + "; it is spelled " + strconv.Quote(spelled))
}
