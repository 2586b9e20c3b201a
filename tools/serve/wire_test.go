package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
)

// peer is a client on the far side of a transport. It knows just enough of the
// protocol to carry messages.
type peer interface {
	// post sends one message.
	post(line string)
	// next waits for the next message from the server, and returns nil when
	// there will be none.
	next() []byte
}

// transports are the ways in, by name, for tests that hold on all of them.
var transports = map[string]func(*testing.T, Options) peer{
	"stdio": func(t *testing.T, o Options) peer { return stdioPeer{connect(t, o)} },
	"http":  func(t *testing.T, o Options) peer { return newSite(t, HTTPOptions{Options: o}).peer("") },
}

// stdioPeer is a peer on Stdio.
type stdioPeer struct{ *pipe }

func (p stdioPeer) post(line string) { p.send("%s", line) }

func (p stdioPeer) next() []byte {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return nil
	}
	return bytes.TrimSpace(line)
}

// site is a running HTTP server.
type site struct {
	t    *testing.T
	url  string
	stop context.CancelFunc
	done chan struct{}
	err  error // of the server, when done

	posting sync.WaitGroup // responses being read
}

// newSite starts an HTTP server that ends with the test.
func newSite(t *testing.T, o HTTPOptions) *site {
	t.Helper()
	return newSiteAt(t, o, "127.0.0.1:0")
}

// newSiteAt starts the server on an address that 127.0.0.1 is, or is part of.
func newSiteAt(t *testing.T, o HTTPOptions, addr string) *site {
	t.Helper()
	return newSiteOf(t, addr, func(ctx context.Context, l net.Listener) error { return HTTP(ctx, o, l) })
}

// newSiteOf runs serve on an address that 127.0.0.1 is, or is part of.
func newSiteOf(t *testing.T, addr string, serve func(context.Context, net.Listener) error) *site {
	t.Helper()
	l, err := net.Listen("tcp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	url := fmt.Sprintf("http://127.0.0.1:%d", l.Addr().(*net.TCPAddr).Port)
	s := &site{t: t, url: url, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = serve(ctx, l)
	}()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		<-s.done
		s.posting.Wait()
		if s.err != nil {
			t.Errorf("the server ended with %v", s.err)
		}
	})
	return s
}

// httpPeer is a peer on HTTP, for one principal.
type httpPeer struct {
	site     *site
	token    string
	messages chan []byte

	mu      sync.Mutex
	session string
}

// peer returns a new client; the token may be empty.
func (s *site) peer(token string) *httpPeer {
	return &httpPeer{site: s, token: token, messages: make(chan []byte, 4096)}
}

// post sends a message and reads its response in the background, except that
// what others depend on has been answered when it returns.
func (p *httpPeer) post(line string) {
	response := p.roundTrip(context.Background(), line)
	if response == nil {
		return
	}
	if strings.Contains(line, `"initialize"`) || response.StatusCode != http.StatusOK {
		p.read(response)
		return
	}
	p.site.posting.Go(func() { p.read(response) })
}

// roundTrip sends a message with the headers that its revision wants.
func (p *httpPeer) roundTrip(ctx context.Context, line string) *http.Response {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.site.url+"/mcp", strings.NewReader(line))
	if err != nil {
		p.site.t.Error(err)
		return nil
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream")
	if p.token != "" {
		request.Header.Set("Authorization", "Bearer "+p.token)
	}
	var m struct {
		Method string `json:"method"`
		Params struct {
			Name string         `json:"name"`
			URI  string         `json:"uri"`
			Meta map[string]any `json:"_meta"`
		} `json:"params"`
	}
	_ = json.Unmarshal([]byte(line), &m) // broken messages are sent as they are
	if version, ok := m.Params.Meta[mcp.MetaKeyProtocolVersion].(string); ok {
		request.Header.Set("Mcp-Protocol-Version", version)
		request.Header.Set("Mcp-Method", m.Method)
		if name := m.Params.Name + m.Params.URI; name != "" {
			request.Header.Set("Mcp-Name", name)
		}
	}
	p.mu.Lock()
	request.Header.Set("Mcp-Session-Id", p.session)
	p.mu.Unlock()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() == nil {
			p.site.t.Errorf("posting %s: %v", line, err)
		}
		return nil
	}
	return response
}

// read passes on the messages in a response. What is no message becomes one
// that tells the HTTP status.
func (p *httpPeer) read(response *http.Response) {
	defer response.Body.Close()
	if id := response.Header.Get("Mcp-Session-Id"); id != "" {
		p.mu.Lock()
		p.session = id
		p.mu.Unlock()
	}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		events := bufio.NewScanner(response.Body)
		events.Buffer(nil, 1<<20)
		for events.Scan() {
			if data, ok := strings.CutPrefix(events.Text(), "data: "); ok {
				p.messages <- []byte(data)
			}
		}
		return
	}
	body, err := io.ReadAll(response.Body)
	switch {
	case err != nil || len(body) == 0:
	case response.Header.Get("Content-Type") == "application/json":
		p.messages <- bytes.TrimSpace(body)
	default:
		p.messages <- fmt.Appendf(nil, `{"http":%d,"text":%q}`, response.StatusCode, bytes.TrimSpace(body))
	}
}

func (p *httpPeer) next() []byte { return <-p.messages }
