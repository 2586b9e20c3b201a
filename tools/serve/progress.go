package serve

import (
	"crypto/rand"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools"
)

// progressParams is the payload of notifications/progress.
type progressParams struct {
	Token    json.RawMessage `json:"progressToken"` // as it was sent
	Progress int             `json:"progress"`
	Total    int             `json:"total,omitempty"`
	Message  string          `json:"message,omitempty"`
}

// progress returns what a call reports its progress to: notifications on the exchange, if the request asks for them
// with a token. The protocol wants progress to increase; a report that does not is left out.
func progress(e *exchange) func(tools.Progress) {
	if e.progressToken == nil {
		return nil
	}
	last := -1
	return func(p tools.Progress) {
		if p.Done <= last {
			return
		}
		last = p.Done
		e.notify(string(mcp.MethodNotificationProgress), progressParams{e.progressToken, p.Done, p.Total, p.Message})
	}
}

// newIncident returns an id under which the log explains what the client is only told to have failed.
func newIncident() string { return rand.Text()[:12] }
