package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
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
	return launchTo(t, nil, stdin, env, args...)
}

// launchTo starts the program, which sends its requests to intercom where that is not nil.
func launchTo(
	t *testing.T, intercom http.RoundTripper, stdin io.Reader, env func(string) (string, bool), args ...string,
) *running {
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stdout: newTape(), stderr: newTape(), stop: stop, code: make(chan int, 1)}
	h := &host{stdin: stdin, stdout: r.stdout, stderr: r.stderr, env: env, intercom: intercom}
	go func() { r.code <- h.execute(ctx, args) }()
	t.Cleanup(stop)
	return r
}

// output runs the program with arguments alone, to its end.
func output(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	out, log := newTape(), newTape()
	code = run(t.Context(), args, nil, out, log, environment())
	return code, out.String(), log.String()
}

// outputAtOnce is output on a clock that jumps over each wait, for commands that open no connection.
func outputAtOnce(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { code, stdout, stderr = output(t, args...) })
	return code, stdout, stderr
}

// initializeLine is the first message of a client of the session-based revisions.
const initializeLine = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{` +
	`"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`

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
