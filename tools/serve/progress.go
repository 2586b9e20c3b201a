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
	Progress float64         `json:"progress"`
	Total    int             `json:"total,omitempty"`
	Message  string          `json:"message,omitempty"`
}

// progress returns what a call reports its progress to: notifications on the exchange, if the request asks for them
// with a token.
func progress(e *exchange) func(tools.Progress) {
	if e.progressToken == nil {
		return nil
	}
	return func(p tools.Progress) {
		done := float64(p.Done)
		if p.Done == 0 && p.Looked > 0 { // less than the first item, and ever more
			done = 1 - 1/float64(1+p.Looked)
		}
		e.report(progressParams{e.progressToken, done, p.Total, p.Message})
	}
}

// report tells the client of progress. The protocol wants it to increase; a report that does not is left out.
func (e *exchange) report(p progressParams) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p.Progress <= e.reported {
		return
	}
	e.reported = p.Progress
	e.notify(string(mcp.MethodNotificationProgress), p)
}

// newIncident returns an id under which the log explains what the client is only told to have failed.
func newIncident() string { return rand.Text()[:12] }
