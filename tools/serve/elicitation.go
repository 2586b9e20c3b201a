package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
)

// elicitations are the questions of one client in the handshake era that it has not
// answered yet. It is safe for concurrent use.
//
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
type elicitations struct {
	lastID *atomic.Int64 // of the questions, in all sessions

	mu   sync.Mutex
	open map[string]chan message // by id
}

func newElicitations(lastID *atomic.Int64) *elicitations {
	return &elicitations{lastID: lastID, open: make(map[string]chan message)}
}

// ask sends a question, and waits for the answer as long as ctx, and until over is
// closed.
func (q *elicitations) ask(ctx context.Context, request mcp.ElicitationRequest, over <-chan struct{}, send func([]byte) error) (*mcp.ElicitationResult, error) {
	id := strconv.FormatInt(q.lastID.Add(1), 10)
	line, err := json.Marshal(struct {
		JSONRPC string                `json:"jsonrpc"`
		ID      json.RawMessage       `json:"id"`
		Method  mcp.MCPMethod         `json:"method"`
		Params  mcp.ElicitationParams `json:"params"`
	}{mcp.JSONRPC_VERSION, json.RawMessage(id), mcp.MethodElicitationCreate, request.Params})
	if err != nil {
		return nil, fmt.Errorf("encoding elicitation/create: %w", err)
	}
	reply := make(chan message, 1)
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
func elicitationOf(m message) (*mcp.ElicitationResult, error) {
	if m.err != nil {
		return nil, errors.New("the client answered elicitation/create with an error")
	}
	var result mcp.ElicitationResult
	if err := json.Unmarshal(m.result, &result); err != nil {
		return nil, fmt.Errorf("reading the answer to elicitation/create: %w", err)
	}
	return &result, nil
}

// deliver hands a response to the question it answers, or reports that there is
// none.
func (q *elicitations) deliver(m message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := idKey(m.id)
	reply, ok := q.open[id]
	if ok {
		delete(q.open, id)
		reply <- m // never blocks: one slot, one delivery
	}
	return ok
}
