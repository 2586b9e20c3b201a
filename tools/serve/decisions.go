package serve

import (
	"context"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/policy/change"
	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// maxDecisions is how many decisions are waited for at a time: of more, get_change tells.
const maxDecisions = 50

// decisions tells the client of a session on stdio, by a message to its log, what people decided about the changes that
// it proposed. A sessionless revision has no way for that: its client asks get_change again. It is safe for concurrent
// use.
type decisions struct {
	decided func(ctx context.Context, principal, id string) (change.Status, string, error)
	stdio   *stdio
	asked   chan string // changes to wait for

	mu      sync.Mutex
	waiting map[string]bool // by handle
}

func newDecisions(decided func(context.Context, string, string) (change.Status, string, error), s *stdio) *decisions {
	return &decisions{decided: decided, stdio: s, asked: make(chan string, maxDecisions), waiting: make(map[string]bool)}
}

// await has the client be told about a change, once, unless that is more than is waited for.
func (d *decisions) await(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.waiting[id] && len(d.waiting) < maxDecisions {
		d.waiting[id] = true
		d.asked <- id // of which there are at most as many as it holds
	}
}

// tell waits for decisions, and tells the client, until ctx ends.
func (d *decisions) tell(ctx context.Context) {
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-d.asked:
			waiting.Go(func() { d.tellOne(ctx, id) })
		}
	}
}

// tellOne tells the client what was decided about a change.
func (d *decisions) tellOne(ctx context.Context, id string) {
	status, text, err := d.decided(ctx, auth.Local.Name, id)
	d.mu.Lock()
	delete(d.waiting, id)
	d.mu.Unlock()
	if err != nil || !d.stdio.session.Initialized() || !d.wanted() {
		return // get_change tells
	}
	line, err := jsonrpc.Notification("notifications/message", map[string]any{"level": mcp.LoggingLevelNotice,
		"logger": "approvals", "data": map[string]any{"change": id, "status": status, "message": text}})
	if err == nil {
		_ = d.stdio.reply(line) // fails once nobody reads
	}
}

// wanted reports whether the client takes notices.
func (d *decisions) wanted() bool {
	return slices.Contains([]mcp.LoggingLevel{"", mcp.LoggingLevelDebug, mcp.LoggingLevelInfo, mcp.LoggingLevelNotice},
		d.stdio.session.GetLogLevel())
}
