package jsonrpc

import (
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/schemas/strictjson"
)

// Error is a JSON-RPC error: for what no tool can answer.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Error implements error.
func (e *Error) Error() string { return e.Message }

// InvalidRequest is the error for what is no message of the protocol.
func InvalidRequest(text string) *Error { return &Error{Code: mcp.INVALID_REQUEST, Message: text} }

// InvalidParams is the error for params that a method does not take.
func InvalidParams(text string) *Error { return &Error{Code: mcp.INVALID_PARAMS, Message: text} }

// Internal is the error for what failed here, or is not to be had now. The text tells nothing of the server's inside.
func Internal(text string) *Error { return &Error{Code: mcp.INTERNAL_ERROR, Message: text} }

// Failed is the error for what only the log explains.
func Failed() *Error { return Internal("internal error") }

// ErrorResponse encodes an error response. Where the id could not be read it is null.
func ErrorResponse(id json.RawMessage, err *Error) []byte {
	encoded, broken := strictjson.Encode(struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   *Error          `json:"error"`
	}{mcp.JSONRPC_VERSION, id, err})
	if broken != nil {
		return ErrorResponse(id, Failed())
	}
	return encoded
}

// Response encodes the response to a request that has succeeded.
func Response(id json.RawMessage, result any) ([]byte, error) {
	return strictjson.Encode(struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result"`
	}{mcp.JSONRPC_VERSION, id, result})
}

// Request encodes a request.
func Request(id json.RawMessage, method string, params any) ([]byte, error) {
	return json.Marshal(struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  string          `json:"method"`
		Params  any             `json:"params"`
	}{mcp.JSONRPC_VERSION, id, method, params})
}

// Notification encodes a notification.
func Notification(method string, params any) ([]byte, error) {
	return strictjson.Encode(struct {
		JSONRPC string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{mcp.JSONRPC_VERSION, method, params})
}
