package tools

import (
	"flag"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change/changetest"
)

var stormContacts = flag.Int("crash.contacts", 500, "how many contacts TestStorm updates")

// TestStorm updates hundreds of contacts (-crash.contacts makes it thousands), of whom one in a hundred fails
// or takes its tag alone, while a third of the requests are answered 429, connections break after
// requests took effect, and the process is killed twice. Every outcome must be
// what the sandbox holds. Most of it is waiting, so it does not wait for its turn among the parallel tests.
func TestStorm(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	onBothStores(t, stormOver)
}

func stormOver(t *testing.T, fresh freshState) {
	random := rand.New(rand.NewPCG(changetest.CrashSeed(t), 1))
	sb := sandbox.New(sandbox.Options{Contacts: *stormContacts, BulkDelay: crashBulkDelay})
	s := &storm{sandbox: sb, taggable: make(map[string]bool)}
	failing := 0
	for i, c := range sb.Contacts() {
		if i%100 == 50 {
			sb.FailContact(c.ID, doNotTouch.Code, doNotTouch.Message)
			s.taggable[c.ID] = failing%2 == 0
			failing++
		}
	}
	r := &crashRun{
		kind: stormKind, fresh: fresh, sandbox: sb, faults: s.over, dir: t.TempDir(),
		at: 10 + random.IntN(60), again: 5 + random.IntN(30),
	}
	if err := r.run(t.Context()); err != nil {
		t.Errorf("killed at point %d, again at %d: %v", r.at, r.again, err)
	}
	if len(r.gates) != 3 {
		t.Errorf("%d processes worked on the change, want 3", len(r.gates))
	}
	if r.count.Partly+r.count.Failed != failing || r.count.Partly == 0 { // some have the tag before
		t.Errorf("%d contacts fail: %+v", failing, r.count)
	}
	t.Logf("%d contacts, %d of them failing: %+v; killed at points %d and %d", *stormContacts, failing, r.count, r.at,
		r.again)
}

// doNotTouch is why a contact fails.
var doNotTouch = sandbox.Fault{Code: "parameter_invalid", Message: "Phone number is on the do-not-touch list"}

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
	sandbox  *sandbox.Sandbox
	taggable map[string]bool // contacts that fail, by whether they take tags all the same

	mu   sync.Mutex
	n    int
	last map[string]bool // by method and path: the last one did not get through
}

// over puts the storm over a workspace.
func (s *storm) over(workspace http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused, lost := s.strike(r.Method + " " + r.URL.Path)
		if refused {
			http.Error(w, `{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit"}]}`,
				http.StatusTooManyRequests)
			return
		}
		answer := httptest.NewRecorder()
		if id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/contacts/"), "/tags"); r.Method == http.MethodPost &&
			s.taggable[id] {
			s.sandbox.FailContact(id, "", "")
			defer s.sandbox.FailContact(id, doNotTouch.Code, doNotTouch.Message)
		}
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
