package serve

import (
	"context"
	"errors"
	"net/http"

	"intercom-mcp/tools/serve/internal/jsonrpc"
	"intercom-mcp/tools/toolerr"
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

// errWithdrawn is why a request ends whose token was withdrawn meanwhile.
var errWithdrawn = errors.New("the token that the request came with was withdrawn")

// errCancelled is why a request ends that its client has cancelled.
var errCancelled = errors.New("the client cancelled the request")

// interrupted is the error of a request that ended before its response.
func interrupted(ctx context.Context) *jsonrpc.Error {
	text := "the request was cancelled"
	if errors.Is(context.Cause(ctx), toolerr.ErrStopping) {
		text = "the server stopped before the request was done"
	}
	return jsonrpc.Internal(text)
}

// errorStatus is the HTTP status of a JSON-RPC error. Only sessionless revisions give it one.
func errorStatus(sessionless bool) int {
	if sessionless {
		return http.StatusBadRequest
	}
	return http.StatusOK
}
