package render

import (
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// View shows changes and records as a policy lets them be shown. It is for one call, and asks Intercom for nothing.
type View struct {
	Policy *policy.Policy
	// Owner is a teammate's e-mail as far as it is known without asking Intercom; "" where it is not.
	Owner func(id string) string
	// FreeText reports whether a custom attribute of contacts is known to hold any text, and not one of a few options, so
	// that masking may leave its first character; nil: none is.
	FreeText func(attribute string) bool
	// Cost estimates the requests and the time that the pending items take.
	Cost func(items []change.Item) (requests int, took time.Duration)
}
