package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// pendingElicitations are those of one session that its client has not answered yet. It is safe for concurrent use.
//
// https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation
type pendingElicitations struct {
	lastID *atomic.Int64 // of the elicitations, in all sessions

	mu     sync.Mutex
	open   map[string]chan jsonrpc.Message // by id
	missed []string                        // ids of the last ones that ended without an answer, at most maxMissed
}

// maxMissed is of how many elicitations it is known that an answer to them comes late.
const maxMissed = 64

// lateYes answers a yes to an elicitation that nobody waits for any longer.
var lateYes = jsonrpc.InvalidRequest("this question is no longer open; confirm_change asks again")

func newPendingElicitations(lastID *atomic.Int64) *pendingElicitations {
	return &pendingElicitations{lastID: lastID, open: make(map[string]chan jsonrpc.Message)}
}

// ask sends an elicitation, and waits for the answer as long as ctx, and until over is closed.
func (q *pendingElicitations) ask(ctx context.Context, request mcp.ElicitationRequest, over <-chan struct{},
	send func([]byte) error) (*mcp.ElicitationResult, error) {
	id := strconv.FormatInt(q.lastID.Add(1), 10)
	line, err := jsonrpc.Request(json.RawMessage(id), string(mcp.MethodElicitationCreate), request.Params)
	if err != nil {
		return nil, fmt.Errorf("encoding elicitation/create: %w", err)
	}
	reply := make(chan jsonrpc.Message, 1)
	q.mu.Lock()
	q.open[id] = reply
	q.mu.Unlock()
	if err = send(line); err != nil {
		q.miss(id)
		return nil, fmt.Errorf("writing elicitation/create: %w", err)
	}
	select {
	case m := <-reply:
		return elicitationOf(m)
	case <-over:
		err = errNoSession
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !q.miss(id) {
		return elicitationOf(<-reply) // which came just in time
	}
	return nil, err
}

// miss closes an elicitation to answers, unless it has one, and reports whether it did.
func (q *pendingElicitations) miss(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, open := q.open[id]; !open {
		return false
	}
	delete(q.open, id)
	q.missed = append(q.missed[max(0, len(q.missed)+1-maxMissed):], id)
	return true
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

// deliver hands a response to the elicitation it answers. It reports whether there is, or was, such an elicitation;
// late is what to answer a yes that comes too late.
func (q *pendingElicitations) deliver(m jsonrpc.Message) (taken bool, late *jsonrpc.Error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id := jsonrpc.IDKey(m.ID)
	if reply, ok := q.open[id]; ok {
		delete(q.open, id)
		reply <- m // never blocks: one slot, one delivery
		return true, nil
	}
	if !slices.Contains(q.missed, id) {
		return false, nil
	}
	if result, err := elicitationOf(m); err == nil && result.Action == mcp.ElicitationResponseActionAccept {
		return true, lateYes
	}
	return true, nil
}
