package engine

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"context"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// misnaming is a transport that gives contacts of a name one that is no text.
type misnaming struct {
	next http.RoundTripper
	name atomic.Value // of string
}

// RoundTrip implements [http.RoundTripper].
func (m *misnaming) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.next.RoundTrip(r)
	name, ok := m.name.Load().(string)
	if err != nil || !ok {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	body = bytes.ReplaceAll(body, fmt.Appendf(nil, `"name":%q`, name), []byte(`"name":{"odd":1}`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// TestReconcileUnread takes up a change of which one contact cannot be read any more: it is unknown, is read
// once, and nothing is sent to it; the others are written.
func TestReconcileUnread(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 30} {
		t.Run(fmt.Sprint(n, " contacts"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 60 + 3*n, RateLimit: 1 << 30})
				odd := &misnaming{next: f.sandbox}
				client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1", Transport: odd})
				if err != nil {
					t.Fatal(err)
				}
				f.client = client
				f.restart()
				items := f.renamings(n)
				f.rename("Odd One", items[1])
				items[1].Before.Set = map[string]any{"name": "Odd One"}
				c := f.interrupted(items...)
				odd.name.Store("Odd One")
				f.sandbox.ResetCalls()
				f.takeOver(c)
				c = f.stored(c.ID)
				reads := 0 // by id
				for _, call := range f.sandbox.Calls() {
					if strings.HasSuffix(call.Path, "/contacts/"+items[1].TargetID) {
						reads++
					}
				}
				if most := map[int]int{3: 1}[n]; reads > most {
					t.Errorf("it was read %d times, at most %d", reads, most)
				}
				if got, want := change.CountItems(c.Items), (change.Count{Changed: n - 1, Unknown: 1}); got != want {
					t.Errorf("%s: %+v, want %+v", c.Status, got, want)
				}
				if item := c.Items[1]; item.Outcome != change.Unknown || !strings.Contains(item.Reason, "name") {
					t.Errorf("%s: %s", item.Outcome, item.Reason)
				}
				if now, _ := f.sandbox.Contact(items[1].TargetID); now.Name != "Odd One" {
					t.Errorf("it was sent: %q", now.Name)
				}
			})
		})
	}
}

// TestReconcileEndedJobs tells nothing of bulk jobs any more once they have ended, while contacts are read.
func TestReconcileEndedJobs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var f *fixture
		var id string
		var told []string
		f = newFixture(t, sandbox.Options{Contacts: 2000, RateLimit: 1 << 30, BulkDelay: time.Minute},
			func(_ context.Context, e intercom.Exchange) {
				mu.Lock()
				defer mu.Unlock()
				if id != "" && e.Route == "/contacts/search" {
					told = append(told, f.Standing(id, Waited{}))
				}
			})
		c := f.killed(30*time.Second, f.renamings(550)...)
		mu.Lock()
		id = c.ID
		mu.Unlock()
		f.denied.Store("by a rule")
		f.takeOver(c)
		mu.Lock()
		defer mu.Unlock()
		if len(told) == 0 || strings.Contains(strings.Join(told, "\n"), "bulk job") {
			t.Errorf("while reading: %q", told)
		}
	})
}

// TestAwaitJobs asks for no job that was refused, nor for one whose items are all on record.
func TestAwaitJobs(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renamings(4)...)
	a.change.Items[0].Outcome, a.change.Items[1].Outcome = change.Changed, change.Changed
	for _, job := range []change.Job{
		{ID: "job_1", At: time.Now(), Items: "0-1"}, {ID: "job_2", At: time.Now(), Items: "2-3", Refused: true},
	} {
		a.change.RecordJob(job)
	}
	f.sandbox.ResetCalls()
	found, err := a.awaitJobs(t.Context())
	if err != nil || len(found.items) > 0 || !found.refused || len(f.sandbox.Calls()) > 0 {
		t.Errorf("%+v, %v: asked %v", found, err, f.sandbox.Calls())
	}
}
