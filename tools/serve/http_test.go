package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// principals starts a server that knows n principals, and returns a client of
// each.
func principals(t *testing.T, o HTTPOptions, n int) (*site, []*httpPeer) {
	t.Helper()
	lines := make([]TokenLine, n)
	for i := range lines {
		lines[i] = TokenLine{Name: fmt.Sprintf("principal%d", i), Mode: policy.ModeFull}
	}
	auth, issued := bearers(t, lines...)
	o.Auth = auth
	s := newSite(t, o)
	clients := make([]*httpPeer, n)
	for i := range clients {
		clients[i] = s.peer(issued[i])
	}
	return s, clients
}

// calls counts what came back for one call.
type calls struct {
	t      *testing.T
	ticks  map[string]int // by progress token
	ended  map[string]bool
	client string // the principal, as ticking tells it
}

// take counts one message.
func (c *calls) take(raw []byte) {
	var w wire
	if err := json.Unmarshal(raw, &w); err != nil {
		c.t.Errorf("%s: %s", c.client, raw)
		return
	}
	if w.Method == "" {
		c.ended[strings.Trim(string(w.ID), `"`)] = true
		if w.Error != nil || w.Result["isError"] != nil {
			c.t.Errorf("%s: a call failed: %s", c.client, raw)
		}
		return
	}
	token := fmt.Sprint(w.Params.Token)
	switch {
	case w.Params.Message != c.client:
		c.t.Errorf("%s: crossed: %s", c.client, raw)
	case c.ended[token]:
		c.t.Errorf("%s: late: %s", c.client, raw)
	case w.Params.Progress != float64(c.ticks[token]+1):
		c.t.Errorf("%s: lost before: %s", c.client, raw)
	}
	c.ticks[token]++
}

// Sixteen principals make 2,000 calls at once (in a short run 400), half of them in either kind of revision, each
// with progress: none is crossed, lost or late.
func TestProgressOfManyPrincipals(t *testing.T) {
	t.Parallel()
	const ticks = 5
	each := 125
	if testing.Short() {
		each = 25
	}
	_, clients := principals(t, HTTPOptions{
		Options: options(t, scripted{"list_tags": ticking(ticks)}), MaxCalls: 2000, MaxCallsPerPrincipal: 200,
		MaxConnections: 10_000,
	}, 16)
	var all sync.WaitGroup
	for i, client := range clients {
		all.Go(func() {
			got := calls{t: t, ticks: map[string]int{}, ended: map[string]bool{}, client: fmt.Sprintf("principal%d", i)}
			meta := `"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},`
			if i%2 == 0 {
				meta = ""
				client.post(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
				client.next()
			}
			var posting sync.WaitGroup
			for n := range each {
				posting.Go(func() {
					client.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":"c%d","method":"tools/call","params":{"name":"list_tags","arguments":{},"_meta":{%s"progressToken":"c%d"}}}`, n, meta, n))
				})
			}
			for range each * (ticks + 1) {
				got.take(client.next())
			}
			posting.Wait()
			if len(got.ended) != each {
				t.Errorf("principal %d: %d calls answered", i, len(got.ended))
			}
		})
	}
	all.Wait()
}

func TestSessionsBelongToTheirPrincipal(t *testing.T) {
	_, clients := principals(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})}, 2)
	owner, thief := clients[0], clients[1]
	list := `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	status := func(p *httpPeer, method, line string) int {
		request, err := http.NewRequest(method, p.site.url+"/mcp", strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+p.token)
		request.Header.Set("Mcp-Session-Id", p.session)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	if got := status(owner, "POST", list); got != 400 {
		t.Errorf("without a session: %d", got)
	}
	owner.post(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
	if got := status(owner, "POST", list); got != 200 {
		t.Errorf("the owner's request: %d", got)
	}
	thief.session = owner.session
	for _, method := range []string{"POST", "DELETE"} {
		if got := status(thief, method, list); got != 404 {
			t.Errorf("another principal's %s: %d", method, got)
		}
	}
	if got := status(owner, "DELETE", ""); got != 200 {
		t.Errorf("the owner's DELETE: %d", got)
	}
	if got := status(owner, "POST", list); got != 404 {
		t.Errorf("after the end: %d", got)
	}
}

// A principal may open sessions without end: the ones idle for longest go.
func TestSurplusSessionsEnd(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	alive := func(p *httpPeer) bool {
		response := p.roundTrip(context.Background(), `{"jsonrpc":"2.0","id":1,"method":"ping"}`)
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	}
	clients := make([]*httpPeer, maxSessionsEach+1)
	for i := range clients {
		clients[i] = s.peer("")
		clients[i].post(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
		if i == 1 && !alive(clients[0]) {
			t.Error("the first session ended at once")
		}
	}
	if !alive(clients[0]) || alive(clients[1]) || !alive(clients[2]) {
		t.Error("not the session idle for longest has ended")
	}
}

func TestForeignCancellationIsDropped(t *testing.T) {
	started, release := make(chan struct{}, 1), make(chan struct{})
	_, clients := principals(t, HTTPOptions{Options: options(t, scripted{
		"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
			started <- struct{}{}
			select {
			case <-ctx.Done():
			case <-release:
			}
			return reply(`{"cancelled":%t}`, ctx.Err() != nil)
		},
	})}, 2)
	go clients[0].post(modernCall)
	<-started
	clients[1].post(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,` + modernMeta + `}}`)
	close(release)
	if raw := clients[0].next(); !strings.Contains(string(raw), `"cancelled":false`) {
		t.Errorf("the call was answered %s", raw)
	}
}

func TestAClosedConnectionCancelsItsCall(t *testing.T) {
	started, ended := make(chan struct{}, 1), make(chan struct{})
	s := newSite(t, HTTPOptions{Options: options(t, scripted{
		"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-ctx.Done()
			close(ended)
			return reply(`{}`)
		},
	})})
	ctx, beginShutdown := context.WithCancel(context.Background())
	var posting sync.WaitGroup
	posting.Go(func() { s.peer("").roundTrip(ctx, modernCall) })
	<-started
	beginShutdown()
	<-ended
	posting.Wait()
}

func TestCapsAnswerBusy(t *testing.T) {
	started, release := make(chan struct{}, 3), make(chan struct{})
	_, clients := principals(t, HTTPOptions{
		Options: options(t, scripted{"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-release
			return reply(`{}`)
		}}), MaxCalls: 2, MaxCallsPerPrincipal: 1,
	}, 3)
	var posting sync.WaitGroup
	defer posting.Wait()
	defer close(release)
	for _, client := range clients[:2] {
		posting.Go(func() { client.post(modernCall) })
		<-started
	}
	for i, client := range []*httpPeer{clients[0], clients[2]} { // over their own cap, over the cap for all
		response := client.roundTrip(context.Background(), strings.Replace(modernCall, `"id":1`, `"id":2`, 1))
		client.read(response)
		if raw := client.next(); !strings.Contains(string(raw), `"code":"busy"`) {
			t.Errorf("%d: answered %s", i, raw)
		}
	}
}

func TestShutdownAnswersWhatIsUnderWay(t *testing.T) {
	started, release := make(chan struct{}, 1), make(chan struct{})
	s := newSite(t, HTTPOptions{Options: options(t, scripted{
		"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-release
			return reply(`{"done":true}`)
		},
	})})
	p := s.peer("")
	go p.post(modernCall)
	<-started
	s.stop()
	close(release)
	if raw := p.next(); !strings.Contains(string(raw), `"done":true`) {
		t.Errorf("the call under way was answered %s", raw)
	}
	<-s.done
}

// While a server that stops lets its calls finish, probes see that it is not ready, and further calls are told.
func TestDrainingServersSayThatTheyAre(t *testing.T) {
	started, release := make(chan struct{}, 1), make(chan struct{})
	s := newSite(t, HTTPOptions{Options: options(t, scripted{
		"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-release
			return reply(`{"done":true}`)
		},
	})})
	if status, _, text := s.do("GET", "/readyz", http.Header{}, nil); status != 200 {
		t.Errorf("/readyz before: %d %s", status, text)
	}
	p := s.peer("")
	go p.post(modernCall)
	<-started
	s.stop()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		status, _, text := s.do("GET", "/readyz", http.Header{}, nil)
		if status == 503 && strings.Contains(text, "stopping") {
			break
		}
		if time.Since(began) > 5*time.Second {
			t.Fatalf("/readyz while draining: %d %s", status, text)
		}
	}
	if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall)); status != 503 ||
		!strings.Contains(text, "stopping") {
		t.Errorf("a further call was answered %d %s", status, text)
	}
	close(release)
	if raw := p.next(); !strings.Contains(string(raw), `"done":true`) {
		t.Errorf("the call under way was answered %s", raw)
	}
	<-s.done
}

// A path that is nearly right gets a hint.
func TestPathsThatAreNearlyRight(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	for _, method := range []string{"GET", "POST"} {
		if status, _, text := s.do(method, "/mcp/", modernHeaders(), nil); status != 404 ||
			!strings.Contains(text, "served at /mcp,") {
			t.Errorf("%s /mcp/: %d %s", method, status, text)
		}
	}
}

// A call that does not end by itself is cancelled, and answered.
func TestShutdownCancelsWhatDoesNotEnd(t *testing.T) {
	started := make(chan struct{}, 1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := newHTTPServer(HTTPOptions{Options: options(t, scripted{"list_tags": waiting(started)})}, l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	server.grace = time.Millisecond
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.serve(ctx, l) }()
	p := (&site{t: t, url: "http://" + l.Addr().String()}).peer("")
	go p.post(modernCall)
	<-started
	stop()
	if raw := p.next(); !strings.Contains(string(raw), "the server stopped") {
		t.Errorf("the call was answered %s", raw)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// A server that was told to stop takes calls until its delay has passed, though probes are told at once.
func TestShutdownDelay(t *testing.T) {
	o := HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)}), ShutdownDelay: time.Hour}
	var listener net.Listener
	s := newSiteOf(t, "127.0.0.1:0", func(ctx context.Context, l net.Listener) error {
		listener = l
		if err := HTTP(ctx, o, l); !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("it ended with %w", err)
		}
		return nil
	})
	if status, _, text := s.do("GET", "/readyz", http.Header{}, nil); status != 200 {
		t.Errorf("/readyz before: %d %s", status, text)
	}
	s.stop()
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		status, _, text := s.do("GET", "/readyz", http.Header{}, nil)
		if status == 503 && strings.Contains(text, "stopping") {
			break
		}
		if time.Since(began) > 5*time.Second {
			t.Fatalf("/readyz after: %d %s", status, text)
		}
	}
	if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall)); status != 200 {
		t.Errorf("a call within the delay was answered %d %s", status, text)
	}
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	<-s.done
}
