package tools

import (
	"strings"
	"sync"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/sqlite"
)

// TestServersShareLimits has three pipelines on one file, as three servers of a desktop
// are, write to one contact after the other, all at once: together they stay
// within what one of them may write unasked.
func TestServersShareLimits(t *testing.T) {
	t.Parallel()
	path := stateFile(t)
	var mu sync.Mutex
	allowed := 0
	var calls sync.WaitGroup
	for n := range 3 {
		store, err := sqlite.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
		w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store })
		for i := range 20 {
			args := object{"contact": w.user(20*n + i).ID, "set": object{"name": "Slice"}}
			calls.Go(func() {
				result := w.try("update_contact", args)
				mu.Lock()
				defer mu.Unlock()
				if result.Err == nil && strings.Contains(string(result.JSON), `"status":"applied"`) {
					allowed++
				}
			})
		}
	}
	calls.Wait()
	if allowed == 0 || allowed > 25 {
		t.Errorf("%d writes went through unasked, the policy allows 25 within 10 minutes", allowed)
	}
}
