package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// lenient is a policy that asks nobody.
var lenient = &policy.Policy{Mode: policy.ModeFull, Limits: policy.Limits{BulkContacts: 100, InlineUpdates: 100,
	ContactsPer10m: 1_000_000}}

// A server that is told to stop while 64 clients write leaves no call without
// its answer, and no change of which nobody knows what became of it.
func TestStoppingUnderLoad(t *testing.T) {
	t.Parallel()
	workspace := sandbox.New(sandbox.Options{RateLimit: 1_000_000})
	store := change.NewMemory(10_000)
	pipeline := pipelineWith(t, workspace, store, lenient)
	o := options(t, pipeline)
	o.Stopping = func() { pipeline.Stop(time.Minute) }
	s := newSite(t, HTTPOptions{Options: o})
	contacts := workspace.Contacts()
	var answered, refused atomic.Int64
	var clients sync.WaitGroup
	for i := range 64 {
		clients.Go(func() {
			for n := 0; ; n++ {
				line := fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"update_contact","arguments":{"contact":%q,"set":{"name":"N%d"}},%s}}`,
					n, contacts[i].ID, n, modernMeta)
				if !write(t, s, line, &answered) {
					refused.Add(1)
					return
				}
				if answered.Load() == 200 {
					s.stop()
				}
			}
		})
	}
	clients.Wait()
	<-s.done
	if refused.Load() != 64 || answered.Load() < 200 {
		t.Errorf("%d calls answered, %d clients ended", answered.Load(), refused.Load())
	}
	pipeline.Close(context.Background())
	list, err := store.List(context.Background(), "local", change.Query{Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		switch c.Change.Status {
		case change.StatusApplied, change.StatusCancelled, change.StatusStopped: // the last two were not sent
		default:
			t.Errorf("%s is %s", c.Change.ID, c.Change.Status)
		}
	}
}

// write makes one call and reports false when the server no longer takes any.
// A call that was taken must be answered in full.
func write(t *testing.T, s *site, line string, answered *atomic.Int64) bool {
	header := modernHeaders()
	header.Set("Mcp-Name", "update_contact")
	request, err := http.NewRequest("POST", s.url+"/mcp", strings.NewReader(line))
	if err != nil {
		t.Error(err)
		return false
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil { // not taken: the listener is closed
		return false
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if response.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(raw), "stopping") {
		return false // not taken either
	}
	var w wire
	if err != nil || json.Unmarshal(bytes.TrimSpace(raw), &w) != nil || w.Result["content"] == nil {
		t.Errorf("a call was answered %d %s, %v", response.StatusCode, raw, err)
	}
	answered.Add(1)
	return true
}

// A cancelled read stops its request to Intercom.
func TestCancelledReadsStopAtIntercom(t *testing.T) {
	workspace := sandbox.New(sandbox.Options{})
	hanging := make(chan struct{})
	stopped := make(chan struct{})
	pipeline := pipelineWith(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path != "/tags" {
			return workspace.RoundTrip(r)
		}
		close(hanging)
		<-r.Context().Done()
		close(stopped)
		return nil, r.Context().Err()
	}), change.NewMemory(10), lenient)
	p := connect(t, options(t, pipeline))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`)
	<-hanging
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	<-stopped
}

// A cancelled write that has sent bytes finishes, and its change tells so.
func TestCancelledWritesFinish(t *testing.T) {
	workspace := sandbox.New(sandbox.Options{})
	contact := workspace.Contacts()[0].ID
	sent, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	store := change.NewMemory(10)
	pipeline := pipelineWith(t, transportFunc(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPut {
			once.Do(func() { close(sent); <-release })
		}
		return workspace.RoundTrip(r)
	}), store, lenient)
	p := connect(t, options(t, pipeline))
	p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_contact","arguments":{"contact":%q,"set":{"name":"After"}}}}`, contact)
	<-sent
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	p.send(`{"jsonrpc":"2.0","id":2,"method":"ping"}`)
	if w := p.receive(); string(w.ID) != "2" {
		t.Errorf("the cancelled call was answered: %+v", w)
	}
	close(release)
	pipeline.Close(context.Background())
	p.send(`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"list_changes","arguments":{}}}`)
	if w := p.receive(); !strings.Contains(w.text(), `"applied"`) {
		t.Errorf("the changes are %s", w.text())
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
