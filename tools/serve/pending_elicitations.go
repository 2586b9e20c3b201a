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

// pendingElicitations are those of one session that its client has not answered yet. It is safe for concurrent use.
//
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
type pendingElicitations struct {
	lastID *atomic.Int64 // of the elicitations, in all sessions

	mu   sync.Mutex
	open map[string]chan jsonrpc.Message // by id
}

func newPendingElicitations(lastID *atomic.Int64) *pendingElicitations {
	return &pendingElicitations{lastID: lastID, open: make(map[string]chan jsonrpc.Message)}
}

// ask sends an elicitation, and waits for the answer as long as ctx, and until over is closed.
func (q *pendingElicitations) ask(ctx context.Context, request mcp.ElicitationRequest, over <-chan struct{}, send func([]byte) error) (*mcp.ElicitationResult, error) {
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

// deliver hands a response to the elicitation it answers, or reports that there is none.
func (q *pendingElicitations) deliver(m jsonrpc.Message) bool {
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
