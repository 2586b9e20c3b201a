package policy

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy/internal/builtin"
)

// TestFacts holds the comment of default.yaml that documents the facts to their table.
func TestFacts(t *testing.T) {
	var want strings.Builder
	for _, fact := range facts {
		fmt.Fprintf(&want, "#   %-17s %-16s %s\n", fact.name, fact.is, fact.doc)
	}
	if !bytes.Contains(builtin.Text, []byte("#\n"+want.String()+"rules:\n")) {
		t.Errorf("default.yaml does not document the facts as\n%s", want.String())
	}
	values := activation(&Request{Reversible: true, Effect: Destroy}, &Policy{}, &Target{})
	if len(values) != len(facts) || values["reversible"] != false {
		t.Errorf("facts %v", values)
	}
}
