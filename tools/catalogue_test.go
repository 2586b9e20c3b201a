package tools

import (
	"slices"
	"testing"

	"intercom-mcp/policy"
)

// TestNarrow offers the sets that are on by default, and others where they are asked for by name.
func TestNarrow(t *testing.T) {
	common, rare := Set{Name: "common", Default: true}, Set{Name: "rare"}
	all := []Tool{{Name: "a", Set: common, Effect: policy.Read}, {Name: "b", Set: rare, Effect: policy.Read}, {Name: "c", Set: rare, Effect: policy.Write}}
	for _, test := range []struct {
		mode policy.Mode
		sets []string
		want []string // nil: refused
	}{
		{policy.ModeWrite, nil, []string{"a"}},
		{policy.ModeWrite, []string{"default"}, []string{"a"}},
		{policy.ModeWrite, []string{"rare"}, []string{"b", "c"}},
		{policy.ModeWrite, []string{"default", "rare"}, []string{"a", "b", "c"}},
		{policy.ModeWrite, []string{"all"}, []string{"a", "b", "c"}},
		{policy.ModeRead, []string{"all"}, []string{"a", "b"}},
		{policy.ModeWrite, []string{"common", "cars"}, nil},
	} {
		listed, err := narrow(all, test.mode, test.sets)
		var got []string
		for _, tool := range listed {
			got = append(got, tool.Name)
		}
		if (err != nil) != (test.want == nil) || !slices.Equal(got, test.want) {
			t.Errorf("%s with sets %q lists %q, want %q (%v)", test.mode, test.sets, got, test.want, err)
		}
	}
}
