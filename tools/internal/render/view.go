package render

import (
	"time"

	"intercom-mcp/policy/change"
)

// View shows changes: previews, receipts and details. It is for one call, and asks Intercom for nothing.
type View struct {
	Mask *Mask
	Rows *Rows
	// Cost estimates the requests and the time that the pending items of a change take.
	Cost func(c *change.Change) (requests int, took time.Duration)
}
