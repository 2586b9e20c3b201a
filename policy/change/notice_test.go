package change

import (
	"slices"
	"testing"

	"intercom-mcp/policy"
)

// TestNoticeKinds: a policy names the kinds as they are.
func TestNoticeKinds(t *testing.T) {
	var names []string
	for _, kind := range NoticeKinds() {
		names = append(names, string(kind))
	}
	if wanted := (policy.Notify{}).Wanted(); !slices.Equal(wanted, names) {
		t.Errorf("%q, a policy has %q", names, wanted)
	}
}
