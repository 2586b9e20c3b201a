package tools

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

var stormContacts = flag.Int("crash.contacts", 500, "how many contacts TestStorm updates")

// TestStorm updates hundreds of contacts (-crash.contacts makes it thousands), of whom one in a hundred fails,
// while a third of the requests are answered 429, connections break after
// requests took effect, and the process is killed twice. Every outcome must be
// what the sandbox holds.
func TestStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	random := rand.New(rand.NewPCG(crashSeed(t), 1))
	sb := sandbox.New(sandbox.Options{Contacts: *stormContacts, BulkDelay: crashBulkDelay})
	failing := 0
	for i, c := range sb.Contacts() {
		if i%100 == 50 {
			sb.FailContact(c.ID, "parameter_invalid", "Phone number is on the do-not-touch list")
			failing++
		}
	}
	r := &crashRun{
		kind: stormKind, sandbox: sb, faults: new(storm).over, dir: t.TempDir(),
		at: 10 + random.IntN(60), again: 5 + random.IntN(30),
	}
	if err := r.run(t.Context()); err != nil {
		t.Errorf("killed at point %d, again at %d: %v", r.at, r.again, err)
	}
	if len(r.gates) != 3 {
		t.Errorf("%d processes worked on the change, want 3", len(r.gates))
	}
	t.Logf("%d contacts, %d of them failing; killed at points %d and %d", *stormContacts, failing, r.at, r.again)
}

// stormKind writes to everyone.
var stormKind = &crashKind{name: "everyone", tool: "bulk_update_contacts", args: func(*world) object {
	return object{
		"where": []object{{"field": "created_at", "operator": ">", "value": "2000-01-01"}},
		"set":   object{"custom_attributes": object{"plan": "enterprise"}, "add_tags": []string{"VIP"}},
	}
}}

// storm refuses every third request with 429, and breaks the connection after
// every thirteenth took effect; but none like it twice in a row, since nobody
// can tell what became of a request that never gets through.
type storm struct {
	mu   sync.Mutex
	n    int
	last map[string]bool // by method and path: the last one did not get through
}

// over puts the storm over a workspace.
func (s *storm) over(workspace http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused, lost := s.strike(r.Method + " " + r.URL.Path)
		if refused {
			http.Error(w, `{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit"}]}`, http.StatusTooManyRequests)
			return
		}
		answer := httptest.NewRecorder()
		workspace.ServeHTTP(answer, r)
		if lost {
			panic(http.ErrAbortHandler)
		}
		for key, values := range answer.Header() {
			w.Header()[key] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()) // who is gone misses it
	})
}

// strike decides about the next request.
func (s *storm) strike(name string) (refused, lost bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = make(map[string]bool)
	}
	s.n++
	refused, lost = s.n%3 == 0 && !s.last[name], s.n%13 == 0 && !s.last[name]
	s.last[name] = refused || lost
	return refused, lost && !refused
}
