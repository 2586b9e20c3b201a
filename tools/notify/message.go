package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"intercom-mcp/policy/change"
)

// message is the body of a notice: for programs, and for what shows its text alone.
type message struct {
	Event     string    `json:"event"` // change.waiting, writes.frozen; what Slack's likes call type is another thing
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
	Text      string    `json:"text"` // for people, as Slack's incoming webhooks take it
}

// data is what a notice tells. It names no person and no customer.
type data struct {
	Severity  string     `json:"severity"` // info, action, warning or critical
	Change    string     `json:"change,omitempty"`
	Code      string     `json:"code,omitempty"` // the change's short code, which the page and the agent show, too
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	Link      string     `json:"link,omitempty"`
}

// about is what there is to say of a kind of notice.
type about struct{ event, severity, text string }

// kinds are the notices. The text goes on with the code.
var kinds = map[change.NoticeKind]about{
	change.NoticeWaiting:  {"change.waiting", "action", "A change to Intercom waits for approval"},
	change.NoticeApproved: {"change.approved", "info", "A change to Intercom was approved"},
	change.NoticeDeclined: {"change.declined", "info", "A change to Intercom was declined"},
	change.NoticeStopped:  {"change.stopped", "warning", "A change to Intercom was stopped before its end"},
	change.NoticeFailed:   {"change.failed", "warning", "A change to Intercom failed"},
	change.NoticeUnknown: {"change.unknown", "warning",
		"Of a change to Intercom it is unknown whether all of it was written"},
	change.NoticeChainBroken: {"trail.broken", "critical",
		"The audit trail of changes to Intercom is not as it was written"},
	change.NoticeFrozen: {"writes.frozen", "critical", "Writes to Intercom were frozen"},
}

// newMessage is the body of a notice. console is where the console is; "" where people have none.
func newMessage(n change.Notice, console string) ([]byte, error) {
	of := kinds[n.Kind]
	m := message{Event: of.event, Timestamp: n.At.UTC(), Data: data{Severity: of.severity, Change: n.Change},
		Text: of.text}
	if n.Change != "" {
		m.Data.Code = change.ShortCode(n.Change)
		m.Text += " (" + m.Data.Code + ")"
	}
	if !n.ExpiresAt.IsZero() {
		expires := n.ExpiresAt.UTC()
		m.Data.ExpiresAt = &expires
		m.Text += " until " + expires.Format("2006-01-02 15:04 UTC")
	}
	if console != "" {
		m.Data.Link = console
		if n.Change != "" {
			m.Data.Link += "/changes/" + n.Change
		}
		m.Text += ": " + m.Data.Link
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding a notice: %w", err)
	}
	return body, nil
}
