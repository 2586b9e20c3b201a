package notify

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// delivery is a request that a receiver got.
type delivery struct {
	id, signature, body string
	at                  time.Time
	message             message
}

// receiver is a webhook that answers as a test has it.
type receiver struct {
	answer func(n int, w http.ResponseWriter, r *http.Request) // n counts from 0
	mu     sync.Mutex
	got    []delivery
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	d := delivery{id: request.Header.Get("Webhook-Id"), signature: request.Header.Get("Webhook-Signature"),
		body: string(body), at: time.Now()}
	if err != nil || json.Unmarshal(body, &d.message) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	n := len(r.got)
	r.got = append(r.got, d)
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(n, w, request)
	}
}

// RoundTrip implements http.RoundTripper, without a network.
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ServeHTTP(w, request)
	}()
	<-done
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

func (r *receiver) deliveries() []delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// fixture is a store, a receiver, and what sends from one to the other.
type fixture struct {
	t     *testing.T
	path  string
	store change.Store
	*receiver
	logs bytes.Buffer
}

func newFixture(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *fixture {
	f := &fixture{t: t, path: filepath.Join(t.TempDir(), "state.db"), receiver: &receiver{answer: answer}}
	f.store = f.open()
	if err := f.store.Shared().Outbox.Want(t.Context(), time.Now().Add(wantFor), change.NoticeKinds()...); err != nil {
		t.Fatal(err)
	}
	return f
}

// open opens the store, as one more process does.
func (f *fixture) open() *sqlite.Store {
	f.t.Helper()
	store, err := sqlite.Open(f.path)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := store.Close(); err != nil {
			f.t.Error(err)
		}
	})
	return store
}

// start starts a sender over a store.
func (f *fixture) start(store change.Store, adjust ...func(*Config)) *Sender {
	f.t.Helper()
	cfg := Config{URL: "https://hooks.example/services/secret", Outbox: store.Shared().Outbox,
		Events: change.NoticeKinds, Console: "https://mcp.example.com/console", Transport: f.receiver,
		Log: slog.New(slog.NewTextHandler(&f.logs, nil))}
	for _, a := range adjust {
		a(&cfg)
	}
	s, err := Start(cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

// proposes records a change that waits for an approver for a time.
func (f *fixture) proposes(wait time.Duration) change.Change { return f.proposed(time.Now(), wait) }

// proposed does so with one that was planned at some time.
func (f *fixture) proposed(at time.Time, wait time.Duration) change.Change {
	f.t.Helper()
	c := change.Change{ID: change.NewID(), Principal: "ann", Person: policy.Person{Name: "Ann Secret"},
		Tool: "update_contact", Fingerprint: "f", Status: change.StatusAwaiting, Level: policy.LevelApprover,
		Decision:  policy.Decision{Verdict: policy.Confirm, Level: policy.LevelApprover},
		CreatedAt: at, ExpiresAt: time.Now().Add(wait),
		Items: []change.Item{{TargetID: "1", Label: "secret@x.example",
			Patch: change.Patch{Set: map[string]any{"name": "Secret"}}}}}
	if _, err := f.store.Create(f.t.Context(), c, nil); err != nil {
		f.t.Fatal(err)
	}
	return c
}

// waiting counts the notices in the outbox.
func (f *fixture) waiting() int {
	f.t.Helper()
	list, err := f.store.Shared().Outbox.Waiting(f.t.Context(), 100)
	if err != nil {
		f.t.Fatal(err)
	}
	return len(list)
}

// undelivered lists why notices were given up.
func (f *fixture) undelivered() (why []string) {
	f.t.Helper()
	for e, err := range f.store.(change.Durable).Events(f.t.Context(), change.EventQuery{Kind: change.KindUndelivered}) {
		if err != nil {
			f.t.Fatal(err)
		}
		why = append(why, e.Facts["notice"]+": "+e.Facts["reason"])
	}
	return why
}
