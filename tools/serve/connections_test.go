package serve

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// modernListen opens a stream that listens.
const modernListen = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` +
	modernMeta + `}}`

// listens opens streams of a principal's, each on a connection of its own, and returns the statuses of those that are
// answered.
func (s *site) listens(ctx context.Context, token string, n int) <-chan int {
	answered := make(chan int, n)
	for range n {
		s.posting.Go(func() {
			request, err := http.NewRequestWithContext(ctx, "POST", s.url+"/mcp", strings.NewReader(modernListen))
			if err != nil {
				s.t.Error(err)
				return
			}
			request.Header = modernHeaders()
			request.Header.Set("Mcp-Method", "subscriptions/listen")
			request.Header.Del("Mcp-Name")
			bearing(token)(request)
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			response, err := transport.RoundTrip(request)
			if err != nil { // left by the client
				return
			}
			defer response.Body.Close()
			_, _ = io.Copy(io.Discard, response.Body)
			answered <- response.StatusCode
		})
	}
	return answered
}

// ends waits until a connection or a stream is closed by the server.
func ends(t *testing.T, r io.Reader) {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, r)
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("it is still open")
	}
}

// narrow is a server of 64 connections, 16 of them of strangers and 32 of one principal, and two principals.
func narrow(t *testing.T) (s *site, issued []string, log *logBuffer) {
	auth, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead},
		TokenLine{Name: "bob", Mode: policy.ModeRead})
	log = new(logBuffer)
	o := HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)}), Auth: auth, MaxConnections: 64,
		MaxCallsPerPrincipal: 4}
	o.Options.Log = log.logger()
	return listening(t, o), issued, log
}

// listening is a server that keeps streams open, as it would if it told of changes of its tools.
func listening(t *testing.T, o HTTPOptions) *site {
	t.Helper()
	return newSiteOf(t, "127.0.0.1:0", func(ctx context.Context, l net.Listener) error {
		s, err := newHTTPServer(o, l.Addr())
		if err != nil {
			return err
		}
		server.WithToolCapabilities(true)(s.core.mcp)
		return s.serve(ctx, l)
	})
}

// served makes a call that must be served, on a connection of its own.
func (s *site) served(token string) {
	s.t.Helper()
	status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), bearing(token),
		func(r *http.Request) { r.Close = true })
	if status != 200 {
		s.t.Errorf("a call of another principal: %d %s", status, text)
	}
}

// TestStreamsThatListenAreCapped refuses a principal more of them than it may have, serves others meanwhile, and opens
// another once one is closed.
func TestStreamsThatListenAreCapped(t *testing.T) {
	s, issued, log := narrow(t)
	ctx, leave := context.WithCancel(t.Context())
	answered := s.listens(ctx, issued[0], 12)
	for range 12 - 4 {
		if status := <-answered; status != 429 {
			t.Errorf("one too many: %d", status)
		}
	}
	log.await(t, `"reason":"streams","why":"too many streams listen"`)
	s.served(issued[1])
	others := s.listens(t.Context(), issued[1], 5)
	if status := <-others; status != 429 {
		t.Errorf("the fifth of another principal: %d", status)
	}
	leave()
	for began := time.Now(); ; {
		again, leave := context.WithTimeout(t.Context(), 100*time.Millisecond)
		status, answered := 0, s.listens(again, issued[0], 1)
		select {
		case status = <-answered:
		case <-again.Done():
		}
		leave()
		if status == 0 { // it listens
			break
		} else if time.Since(began) > 10*time.Second {
			t.Fatalf("after all are closed: %d", status)
		}
	}
	s.stop() // which ends what listens
	for range 4 {
		if status := <-others; status != 200 {
			t.Errorf("at the end of the server: %d", status)
		}
	}
	<-s.done
}

// TestStreamsEndWithTheAccess ends a stream whose principal's token is withdrawn.
func TestStreamsEndWithTheAccess(t *testing.T) {
	file, auth, issued := tokenFile(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	token := issued[0]
	s := listening(t, HTTPOptions{Options: options(t, scripted{}), Auth: auth,
		MaxCallsPerPrincipal: 1})
	answered := s.listens(t.Context(), token, 2)
	if status := <-answered; status != 429 {
		t.Errorf("a second one: %d", status)
	}
	withdraw(t, file, auth, "ann")
	if status := <-answered; status != 200 {
		t.Errorf("when the token is withdrawn: %d", status)
	}
}

// TestCallsEndWithTheAccess ends a call that is under way when the token that it came with is withdrawn, in both
// revisions, whatever the call comes to.
func TestCallsEndWithTheAccess(t *testing.T) {
	file, auth, issued := tokenFile(t, TokenLine{Name: "ann", Mode: policy.ModeRead})
	token := issued[0]
	started := make(chan struct{}, 2)
	s := newSite(t, HTTPOptions{Auth: auth, Options: options(t, scripted{
		"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-ctx.Done()
			return reply(`{"secret":"shown"}`)
		}})})
	headers := func(session ...string) http.Header {
		return http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json, text/event-stream"},
			"Mcp-Session-Id": session}
	}
	_, header, _ := s.do("POST", "/mcp", headers(), strings.NewReader(hello), bearing(token))
	answered := make(chan string, 2)
	for call, headers := range map[string]http.Header{
		modernCall: modernHeaders(),
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags"}}`: headers(
			header.Get("Mcp-Session-Id")),
	} {
		s.posting.Go(func() {
			_, _, text := s.do("POST", "/mcp", headers, strings.NewReader(call), bearing(token))
			answered <- text
		})
	}
	<-started
	<-started
	withdraw(t, file, auth, "ann")
	for range 2 {
		select {
		case text := <-answered:
			if !strings.Contains(text, "the token that the request came with was withdrawn") ||
				strings.Contains(text, "shown") {
				t.Errorf("the call was answered %s", text)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("a call goes on")
		}
	}
}

// TestStrangersAreCapped closes connections that bring no request which is admitted where there are many, and serves
// who has a token.
func TestStrangersAreCapped(t *testing.T) {
	s, issued, log := narrow(t)
	var strangers []net.Conn
	for i := range 40 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 0 { // half of them begin a request
			_, _ = conn.Write([]byte("POST /mcp HTTP/1.1\r\n"))
		}
		strangers = append(strangers, conn)
	}
	for _, conn := range strangers[:24] {
		ends(t, conn)
	}
	s.served(issued[0])
	log.await(t, `"reason":"connections","why":"too many that have not signed in"`)
}

// TestIdleConnectionsGiveWay closes a principal's idle connections where it opens more than it may have, and serves
// others meanwhile.
func TestIdleConnectionsGiveWay(t *testing.T) {
	s, issued, _ := narrow(t)
	for range 80 {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		request, err := http.NewRequest("POST", s.url+"/mcp", strings.NewReader(modernCall))
		if err != nil {
			t.Fatal(err)
		}
		request.Header = modernHeaders()
		bearing(issued[0])(request)
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != 200 {
			t.Errorf("%d %s %v", response.StatusCode, text, err)
		}
		response.Body.Close()
		s.served(issued[1])
	}
}

// TestConnectionsInUseAreCapped counts them by principal, and takes none from others.
func TestConnectionsInUseAreCapped(t *testing.T) {
	c := newConnections(16, newRefusals(new(logBuffer).logger(), nil, false))
	arrive := func(principal string) (net.Conn, context.Context, bool) {
		conn, peer := net.Pipe()
		t.Cleanup(func() { peer.Close() })
		ctx := c.open(t.Context(), conn)
		c.changed(conn, http.StateActive)
		return conn, ctx, c.admit(ctx, principal)
	}
	var first net.Conn
	for i := range 8 {
		conn, _, ok := arrive("ann")
		if !ok {
			t.Fatalf("connection %d is refused", i)
		}
		if i == 0 {
			first = conn
		}
	}
	_, ninth, ok := arrive("ann")
	if ok {
		t.Error("more than half are one principal's")
	}
	if _, _, ok := arrive("bob"); !ok {
		t.Error("another principal is refused")
	}
	c.changed(first, http.StateIdle)
	if !c.admit(ninth, "ann") || c.each["ann"] != 8 {
		t.Errorf("an idle one gives no way: %v", c.each)
	}
	if !c.admit(ninth, "bob") || c.each["ann"] != 7 || c.each["bob"] != 2 { // a proxy's, that serves both
		t.Errorf("a connection that serves another now: %v", c.each)
	}
	for conn := range c.all {
		c.changed(conn, http.StateClosed)
	}
	if len(c.all) > 0 || c.strangers != 0 || len(c.each) > 0 {
		t.Errorf("after all are closed: %d, %d, %v", len(c.all), c.strangers, c.each)
	}
}
