package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// tape is an output that a test can wait on.
type tape struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written chan struct{} // holds a token after each write
}

func newTape() *tape { return &tape{written: make(chan struct{}, 1)} }

// Write implements io.Writer.
func (o *tape) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.written <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *tape) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await returns the first submatch of pattern once it was written.
func (o *tape) await(t *testing.T, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	for {
		if found := expression.FindStringSubmatch(o.String()); found != nil {
			return found[1]
		}
		select {
		case <-o.written:
		case <-t.Context().Done():
			t.Fatalf("%s was never written: %s", pattern, o)
		case <-time.After(30 * time.Second):
			t.Fatalf("%s was not written in time: %s", pattern, o)
		}
	}
}

// environment is an empty environment but for the pairs given.
func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// running is the program at work in this process.
type running struct {
	stdout, stderr *tape
	stop           context.CancelFunc
	code           chan int
}

// launch starts the program.
func launch(t *testing.T, stdin io.Reader, env func(string) (string, bool), args ...string) *running {
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stdout: newTape(), stderr: newTape(), stop: stop, code: make(chan int, 1)}
	go func() { r.code <- run(ctx, args, stdin, r.stdout, r.stderr, env) }()
	t.Cleanup(stop)
	return r
}

// get requests url of the program's server.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer test")
	request.Header.Set("Accept", "application/json")
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// The stdio server answers on stdout with nothing but the protocol, and ends
// with its input.
func TestStdio(t *testing.T) {
	const requests = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_tags","arguments":{"limit":1}}}
`
	server := launch(t, strings.NewReader(requests), environment("INTERCOM_SANDBOX", "true"), "stdio")
	if code := <-server.code; code != exitOK {
		t.Fatalf("exit code %d: %s", code, server.stderr)
	}
	var ids []int
	for line := range strings.Lines(server.stdout.String()) {
		var message struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      int             `json:"id"`
			Result  json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil || message.JSONRPC != "2.0" || message.Result == nil {
			t.Errorf("no answer: %s (%v)", line, err)
		}
		ids = append(ids, message.ID)
	}
	if len(ids) != 2 {
		t.Errorf("answers %v, want two", ids)
	}
}

// The http server answers until it is told to stop.
func TestHTTP(t *testing.T) {
	server := launch(t, nil, environment("INTERCOM_HTTP_ADDR", "127.0.0.1:0"), "http", "--sandbox")
	url := server.stderr.await(t, `"url":"(http://[^"]+)/mcp"`)
	if status, body := get(t, url+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d %s", status, body)
	}
	if status, body := get(t, url+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if status, body := get(t, url+"/metrics"); status != http.StatusOK || !strings.Contains(body, "intercom_mcp_rate_budget_remaining") {
		t.Errorf("/metrics: %d %s", status, body)
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
	if strings.Contains(server.stdout.String(), "\n") {
		t.Errorf("stdout: %s", server.stdout)
	}
}

// The sandbox server says how to reach it, and is Intercom there.
func TestSandboxServer(t *testing.T) {
	faults := filepath.Join(t.TempDir(), "faults.yaml")
	if err := os.WriteFile(faults, []byte("faults:\n  - {path: /tags, status: 503}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := launch(t, nil, environment(), "sandbox", "--addr", "127.0.0.1:0", "--contacts", "3", "--faults", faults)
	url := server.stdout.await(t, `listens on (http://\S+)`)
	server.stdout.await(t, `(--base-url `+regexp.QuoteMeta(url)+`)`)
	status, body := get(t, url+"/contacts?per_page=1")
	var list struct {
		TotalCount int `json:"total_count"`
	}
	if err := json.Unmarshal([]byte(body), &list); status != http.StatusOK || err != nil {
		t.Errorf("/contacts: %d %s (%v)", status, body, err)
	}
	if status, body := get(t, url+"/tags"); status != http.StatusServiceUnavailable {
		t.Errorf("/tags: %d %s", status, body)
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
}
