package intercom

import (
	"context"
	"io"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// reply is one scripted answer: an error instead of it, or a body that breaks
// off.
type reply struct {
	status    int
	header    map[string]string
	body      string
	err       error
	truncated bool
	after     time.Duration
}

// sent is a request as it arrived.
type sent struct {
	Method, Path, Query, Body string
	Header                    http.Header
	At                        time.Time
}

// fake is an Intercom that answers as a test says, in the caller's goroutine.
type fake struct {
	answer func(n int, r *http.Request) reply // n counts from 1

	mu       sync.Mutex
	requests []sent
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	arrived := sent{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header, At: time.Now()}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		arrived.Body = string(body)
		r.Body.Close()
	}
	f.mu.Lock()
	f.requests = append(f.requests, arrived)
	n := len(f.requests)
	f.mu.Unlock()
	re := f.answer(n, r)
	if re.after > 0 {
		select {
		case <-time.After(re.after):
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if re.err != nil {
		return nil, re.err
	}
	return re.response(r), nil
}

func (re reply) response(r *http.Request) *http.Response {
	resp := &http.Response{StatusCode: re.status, Header: http.Header{}, Request: r, ContentLength: int64(len(re.body))}
	for name, value := range re.header {
		resp.Header.Set(name, value)
	}
	var body io.Reader = strings.NewReader(re.body)
	if re.truncated {
		body = io.MultiReader(strings.NewReader(re.body[:len(re.body)/2]), broken{})
	}
	resp.Body = io.NopCloser(body)
	return resp
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (f *fake) sent() []sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]sent(nil), f.requests...)
}

// always answers every request alike.
func always(re reply) func(int, *http.Request) reply {
	return func(int, *http.Request) reply { return re }
}

// script answers the n-th request with the n-th reply, and those after with
// the last.
func script(replies ...reply) func(int, *http.Request) reply {
	return func(n int, _ *http.Request) reply { return replies[min(n, len(replies))-1] }
}

func ok(body string) reply { return reply{status: http.StatusOK, body: body} }

func refuse(status int, code, message string) reply {
	body := `{"type":"error.list","request_id":"req-1","errors":[{"code":"` + code + `","message":"` + message + `"}]}`
	return reply{status: status, body: body}
}

var (
	reset   = reply{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
	refused = reply{err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
)

// newFake makes a client whose Intercom answers as said.
func newFake(t *testing.T, config Config, answer func(int, *http.Request) reply) (*Client, *fake) {
	t.Helper()
	f := &fake{answer: answer}
	config.Transport = f
	if config.Token == "" {
		config.Token = "secret-token"
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

// drain runs an iterator to its end and returns its error.
func drain[T any](seq iter.Seq2[T, error]) error {
	var failed error
	for _, err := range seq {
		if err != nil {
			failed = err
		}
	}
	return failed
}

// asError is the *Error that err must be.
func asError(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := err.(*Error)
	if !ok {
		t.Fatalf("got error %v (%T), want an *Error", err, err)
	}
	return e
}

// background keeps tables short.
var background = context.Background()
