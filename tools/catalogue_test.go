package tools

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolstest"
)

// TestNarrow offers the sets that are on by default, and others where they are asked for by name.
func TestNarrow(t *testing.T) {
	common, rare := Set{Name: "common", Default: true}, Set{Name: "rare"}
	all := []Tool{{Name: "a", Set: common, Effect: policy.Read}, {Name: "b", Set: rare, Effect: policy.Read},
		{Name: "c", Set: rare, Effect: policy.Write}}
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
		offered, err := narrow(all, test.sets)
		p := &Pipeline{tools: offered, current: policy.Always(policy.Default(test.mode))}
		var got []string
		for _, tool := range p.Tools() {
			got = append(got, tool.Name)
		}
		if (err != nil) != (test.want == nil) || !slices.Equal(got, test.want) {
			t.Errorf("%s with sets %q lists %q, want %q (%v)", test.mode, test.sets, got, test.want, err)
		}
	}
}

// TestUsualCalls demands a usual call of every tool, and makes each in the default workspace: it is answered, and shows
// what it says.
func TestUsualCalls(t *testing.T) {
	t.Parallel()
	plain := usualAnswers(t, false)
	for i, answer := range usualAnswers(t, true) {
		if answer != plain[i] {
			t.Errorf("where Intercom escapes texts: %s\nand else: %s", answer, plain[i])
		}
	}
}

// usualAnswers makes the usual calls in a workspace that gives texts escaped, or not. Handles are left out of the
// answers.
func usualAnswers(t *testing.T, escape bool) (answers []string) {
	handles := regexp.MustCompile(`chg_\w+`)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, inMode(policy.ModeFull), withSandbox(func(o *sandbox.Options) { o.Escape = escape }))
		called := make(map[string]bool)
		for _, usual := range toolstest.UsualCalls() {
			called[usual.Tool] = true
			call := w.prepared(usual)
			call.CanAsk = true
			result, err := w.Call(t.Context(), call)
			if result.Ask != nil {
				call.Answer = &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept}
				result, err = w.Call(t.Context(), call)
			}
			if err != nil || result.Err != nil {
				t.Errorf("%s %s: %v %v", usual.Tool, usual.Args, err, result.Err)
				continue
			}
			answers = append(answers, usual.Tool+": "+handles.ReplaceAllString(string(result.JSON), "chg_"))
			for _, text := range usual.Shows {
				if !strings.Contains(string(result.JSON), text) {
					t.Errorf("%s %s does not show %s: %s", usual.Tool, usual.Args, text, result.JSON)
				}
			}
		}
		for _, tool := range Catalogue() {
			if !called[tool.Name] {
				t.Errorf("%s has no usual call in tools/toolstest/usual_calls.json", tool.Name)
			}
		}
	})
	return answers
}
