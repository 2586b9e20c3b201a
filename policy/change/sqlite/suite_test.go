package sqlite

import (
	"testing"

	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/changetest"
)

// TestContract holds the store to the contract of all stores.
func TestContract(t *testing.T) {
	t.Parallel()
	changetest.Run(t, func(t *testing.T) change.Store { return openTemp(t) })
}
