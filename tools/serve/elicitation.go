package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"intercom-mcp/tools/serve/internal/jsonrpc"

	"github.com/mark3labs/mcp-go/mcp"
)

// elicitations are the questions of one client in the handshake era that it has not
// answered yet. It is safe for concurrent use.
//
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
type elicitations struct {
	lastID *atomic.Int64 // of the questions, in all sessions

	mu   sync.Mutex
	open map[string]chan jsonrpc.Message // by id
}

func newElicitations(lastID *atomic.Int64) *elicitations {
	return &elicitations{lastID: lastID, open: make(map[string]chan jsonrpc.Message)}
}

// ask sends a question, and waits for the answer as long as ctx, and until over is
// closed.
func (q *elicitations) ask(ctx context.Context, request mcp.ElicitationRequest, over <-chan struct{}, send func([]byte) error) (*mcp.ElicitationResult, error) {
	id := strconv.FormatInt(q.lastID.Add(1), 10)
	line, err := jsonrpc.Request(json.RawMessage(id), string(mcp.MethodElicitationCreate), request.Params)
	if err != nil {
		return nil, fmt.Errorf("encoding elicitation/create: %w", err)
	}
	reply := make(chan jsonrpc.Message, 1)
	q.mu.Lock()
	q.open[id] = reply
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.open, id)
	}()
	if err := send(line); err != nil {
		return nil, fmt.Errorf("writing elicitation/create: %w", err)
	}
	select {
	case m := <-reply:
		return elicitationOf(m)
	case <-over:
		return nil, errNoSession
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// elicitationOf reads the client's response to elicitation/create.
func elicitationOf(m jsonrpc.Message) (*mcp.ElicitationResult, error) {
	if m.Err != nil {
		return nil, errors.New("the client answered elicitation/create with an error")
	}
	var result mcp.ElicitationResult
	if err := json.Unmarshal(m.Result, &result); err != nil {
		return nil, fmt.Errorf("reading the answer to elicitation/create: %w", err)
	}
	return &result, nil
}

// deliver hands a response to the question it answers, or reports that there is
// none.
func (q *elicitations) deliver(m jsonrpc.Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := jsonrpc.IDKey(m.ID)
	reply, ok := q.open[id]
	if ok {
		delete(q.open, id)
		reply <- m // never blocks: one slot, one delivery
	}
	return ok
}
