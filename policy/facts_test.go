package policy

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestFacts holds the comment of default.yaml that documents the facts to their table.
func TestFacts(t *testing.T) {
	var want strings.Builder
	for _, fact := range Facts() {
		fmt.Fprintf(&want, "#   %-16s %-13s %s\n", fact.Name, fact.Type, fact.Doc)
	}
	if !bytes.Contains(defaultText, []byte("#\n"+want.String()+"rules:\n")) {
		t.Errorf("default.yaml does not document the facts as\n%s", want.String())
	}
	values := activation(&Request{Reversible: true, Effect: Destroy}, &Policy{})
	if len(values) != len(Facts()) || values["reversible"] != false {
		t.Errorf("facts %v", values)
	}
}
