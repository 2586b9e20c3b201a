package serve

import (
	"net/http"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// refusal is an error response that the guard gives in mcp-go's place.
type refusal struct {
	status int
	err    *jsonrpc.Error
}

func refuse(status int, text string) *refusal { return &refusal{status, jsonrpc.InvalidRequest(text)} }

func (r refusal) write(w http.ResponseWriter, id []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write(jsonrpc.ErrorResponse(id, r.err)) // the client is gone if it fails
}
