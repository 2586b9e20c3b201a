package change

import (
	"strings"
	"testing"
)

// TestDifferences tells two servers of one kind from others.
func TestDifferences(t *testing.T) {
	here := Instance{ID: "a", Version: "1.1", Mode: "write", Revision: "r1"}
	alike := here
	alike.ID, alike.Workspace = "b", "w"
	if got := here.Differences(alike); got != nil {
		t.Errorf("alike: %q", got)
	}
	got := strings.Join(here.Differences(Instance{ID: "c", Version: "1.2", Mode: "write", Revision: "r2"}), "; ")
	if want := `its version is "1.2", and "1.1" here; its policy is "r2", and "r1" here`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
