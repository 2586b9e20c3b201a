package serve

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// embedded mounts a handler in a server of the test's own.
func embedded(t *testing.T, o HTTPOptions) (*Handler, *site) {
	t.Helper()
	h, err := NewHandler(o)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/own", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "own") })
	mux.Handle("/mcp", h)
	web := httptest.NewUnstartedServer(mux)
	h.Bound(web.Config)
	web.Start()
	s := &site{t: t, url: web.URL}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
		s.posting.Wait()
		http.DefaultClient.CloseIdleConnections()
		web.Close()
	})
	return h, s
}

// A handler beside a program's own pages answers calls, and refuses what a listener's server refuses.
func TestHandler(t *testing.T) {
	_, s := embedded(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	if status, _, text := s.do("GET", "/own", http.Header{}, nil); status != 200 {
		t.Errorf("the program's own page: %d %s", status, text)
	}
	call := func(edit ...func(*http.Request)) (int, string) {
		status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), edit...)
		return status, text
	}
	if status, text := call(); status != 200 || !strings.Contains(text, `"result"`) {
		t.Errorf("a call: %d %s", status, text)
	}
	if status, text := call(func(r *http.Request) { r.Host = "evil.example" }); status != 403 {
		t.Errorf("another Host: %d %s", status, text)
	}
	page := func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }
	if status, text := call(page); status != 403 {
		t.Errorf("a foreign page: %d %s", status, text)
	}
}

// Other machines are served with tokens alone, and those are not sent in the clear.
func TestHandlerReach(t *testing.T) {
	tokens, _ := bearers(t, TokenLine{Name: "p", Mode: policy.ModeRead})
	for name, c := range map[string]struct {
		o      HTTPOptions
		local  net.Addr
		secure bool
		want   int
	}{
		"open":          {HTTPOptions{}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, true, 403},
		"open, socket":  {HTTPOptions{}, &net.UnixAddr{Name: "s"}, true, 403},
		"open, unknown": {HTTPOptions{}, nil, true, 403},
		"in the clear":  {HTTPOptions{Auth: tokens}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, false, 403},
		"secured":       {HTTPOptions{Auth: tokens}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, true, 401},
		"behind a proxy": {
			HTTPOptions{Auth: tokens, BehindProxy: true}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, false, 401,
		},
		"loopback": {HTTPOptions{Auth: tokens}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, false, 401},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Options, c.o.AllowedHosts = options(t, scripted{}), []string{"localhost"}
			h, err := NewHandler(c.o)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close(t.Context())
			for _, path := range []string{"/mcp", "/metrics"} {
				r := httptest.NewRequest("GET", path, nil)
				r.Host = "localhost"
				if c.secure {
					r.TLS = new(tls.ConnectionState)
				}
				if c.local != nil {
					r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, c.local))
				}
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Code != c.want {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
			}
		})
	}
}

// What belongs to a listener is refused, and so is a further Host without authentication.
func TestHandlerOptions(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, o := range []HTTPOptions{
		{Admin: l}, {Certificate: new(Certificate)}, {AllowedHosts: []string{"mcp.example.com"}},
	} {
		o.Options = options(t, scripted{})
		if _, err := NewHandler(o); err == nil {
			t.Errorf("taken: %+v", o)
		}
	}
}

// Close waits for the answer of a call under way; further calls are told that the server stops.
func TestHandlerCloseWaits(t *testing.T) {
	started, release := make(chan struct{}, 1), make(chan struct{})
	h, s := embedded(t, HTTPOptions{Options: options(t, scripted{
		"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
			started <- struct{}{}
			<-release
			return reply(`{"done":true}`)
		},
	})})
	p := s.peer("")
	go p.post(modernCall)
	<-started
	closed := make(chan error, 1)
	go func() { closed <- h.Close(context.Background()) }()
	for began := time.Now(); h.server.core.closing.Err() == nil; time.Sleep(time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatal("Close does not begin")
		}
	}
	if status, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall)); status != 503 {
		t.Errorf("a further call: %d %s", status, text)
	}
	select {
	case err := <-closed:
		t.Errorf("Close has not waited: %v", err)
	default:
	}
	close(release)
	if raw := p.next(); !strings.Contains(string(raw), `"done":true`) {
		t.Errorf("the call under way was answered %s", raw)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// A call that does not end by itself is cancelled when Close is not to wait any longer.
func TestHandlerCloseCancels(t *testing.T) {
	started := make(chan struct{}, 1)
	h, s := embedded(t, HTTPOptions{Options: options(t, scripted{"list_tags": waiting(started)})})
	p := s.peer("")
	go p.post(modernCall)
	<-started
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Close(ctx); err != nil {
		t.Error(err)
	}
	if raw := p.next(); !strings.Contains(string(raw), "the server stopped") {
		t.Errorf("the call was answered %s", raw)
	}
}
