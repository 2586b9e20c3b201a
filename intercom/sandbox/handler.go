package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxBody is the size in bytes of the largest request body read.
const maxBody = 8 << 20

// ServeHTTP answers one request. A fault that breaks the connection, and a
// caller who gives up, end in a panic with http.ErrAbortHandler, on which
// net/http closes the connection.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in, err := readIncoming(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out, err := s.serve(r.Context(), in)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	for key, values := range out.header {
		h[key] = values
	}
	h.Set("Content-Length", strconv.Itoa(len(out.body)))
	w.WriteHeader(out.status)
	if !out.truncated {
		w.Write(out.body) // a caller who is gone misses the answer, nothing else
		return
	}
	w.Write(out.firstHalf())
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	panic(http.ErrAbortHandler)
}

// incoming is a request read off the wire.
type incoming struct {
	method string
	path   string // still escaped
	plain  string // the path unescaped
	query  url.Values
	header http.Header
	body   []byte
	base   string // scheme and host, for absolute URLs in answers
	large  bool   // the body was longer than maxBody
}

func readIncoming(r *http.Request) (*incoming, error) {
	in := &incoming{
		method: r.Method,
		path:   r.URL.EscapedPath(),
		plain:  r.URL.Path,
		query:  r.URL.Query(),
		header: r.Header,
		base:   baseURL(r),
	}
	if r.Body == nil {
		return in, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	in.body, in.large = body, len(body) > maxBody
	return in, nil
}

// baseURL is how the caller reached the sandbox.
func baseURL(r *http.Request) string {
	scheme, host := r.URL.Scheme, r.Host
	if scheme == "" {
		scheme = "http"
		if r.TLS != nil {
			scheme = "https"
		}
	}
	orElse(&host, r.URL.Host)
	return scheme + "://" + host
}

func (in *incoming) call(route string, out *reply, now time.Time) Call {
	c := Call{Method: in.method, Path: in.path, Route: route, At: now}
	if out != nil {
		c.Status, c.Version = out.status, out.header.Get("Intercom-Version")
	}
	return c
}

// reply is an answer before it goes out on the wire.
type reply struct {
	status    int
	header    http.Header
	body      []byte
	truncated bool
}

func (r *reply) firstHalf() []byte { return r.body[:len(r.body)/2] }

// refuse makes the reply an error.
func (r *reply) refuse(e *apiError, requestID string) {
	r.status = e.status
	r.header.Set("X-Request-Id", requestID)
	if e.link != "" {
		r.header.Set("Link", e.link)
	}
	r.encode(e.envelope(requestID))
}

// encode makes value the body. The values are the package's own, which always
// have a JSON form.
func (r *reply) encode(value any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic(fmt.Sprintf("sandbox: encoding a response: %v", err))
	}
	r.header.Set("Content-Type", "application/json; charset=utf-8")
	r.body = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// serve lets a request pass through faults, time and the workspace. It fails
// where the connection breaks or the context ends.
func (s *Sandbox) serve(ctx context.Context, in *incoming) (*reply, error) {
	fault := s.faultFor(in.method, in.plain)
	err := pause(ctx, s.opts.Latency+fault.Latency)
	if err == nil && fault.Hang {
		<-ctx.Done()
		err = ctx.Err()
	}
	if err == nil && fault.Reset {
		err = errReset
	}
	if err != nil {
		s.journal.add(in.call(s.routeName(in), nil, s.clock.now()))
		return nil, err
	}
	if fault.answers() {
		return s.faultReply(fault, in), nil
	}
	out := s.answer(in)
	if fault.ResetAfter {
		return nil, errReset
	}
	out.truncated = fault.Truncate
	return out, nil
}

// pause waits for d or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer runs one request against the workspace.
func (s *Sandbox) answer(in *incoming) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	out := &reply{status: http.StatusOK, header: http.Header{}}
	requestID := s.newRequestID()
	out.header.Set("X-Request-Id", requestID)
	value, err := s.dispatch(in, out, now)
	var refused *apiError
	switch {
	case errors.As(err, &refused):
		out.refuse(refused, requestID)
	case err != nil:
		panic(fmt.Sprintf("sandbox: %s %s: %v", in.method, in.path, err))
	default:
		if a, ok := value.(accepted); ok {
			out.status, value = http.StatusAccepted, a.value
		}
		if value != nil {
			out.encode(value)
		}
	}
	s.journal.add(in.call(s.routeName(in), out, now))
	return out
}

// accepted marks a value to answer with 202.
type accepted struct{ value any }

// dispatch checks a request in the order in which Intercom does and calls the
// operation's handler. It sets the headers that every answer carries.
func (s *Sandbox) dispatch(in *incoming, out *reply, now time.Time) (any, error) {
	token, refused := s.opts.authenticate(in.header)
	if refused != nil {
		return nil, refused
	}
	fits := s.rate.take(now)
	s.rate.describe(out.header)
	if !fits {
		return nil, s.rate.exceeded()
	}
	if !acceptsJSON(in.header) {
		return nil, errNotAcceptable
	}
	v := s.pinned
	if asked := in.header.Get("Intercom-Version"); asked != "" {
		var known bool
		if v, known = parseVersion(asked); !known {
			return nil, errVersionUnknown
		}
	}
	out.header.Set("Intercom-Version", v.String())
	r, vars := findRoute(in.method, in.path)
	if r == nil {
		return nil, errResourceNotFound
	}
	if v < r.since || r.since == preview && s.opts.NoPreview {
		return nil, errVersionLacks
	}
	if refused := token.permits(r.scope); refused != nil {
		return nil, refused
	}
	body, refused := in.object()
	if refused != nil {
		return nil, refused
	}
	s.space.settle(now)
	return r.handle(&request{
		workspace: s.space, version: v, vars: vars, query: in.query, body: body, base: in.base, at: now,
	})
}

// object parses the body; a missing one is an object without members.
func (in *incoming) object() (object, *apiError) {
	if in.large {
		return nil, errBodyTooLarge
	}
	if len(bytes.TrimSpace(in.body)) == 0 {
		return nil, nil
	}
	o, ok := parseObject(in.body)
	if !ok {
		return nil, errBadJSON
	}
	return o, nil
}

// acceptsJSON reports whether the Accept header lets JSON through.
func acceptsJSON(h http.Header) bool {
	for _, part := range strings.Split(strings.Join(h.Values("Accept"), ","), ",") {
		kind, _, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		switch {
		case kind == "application/json", kind == "application/*", kind == "*/*",
			strings.HasPrefix(kind, "application/vnd.intercom.") && strings.HasSuffix(kind, "+json"):
			return true
		}
	}
	return false
}

// newRequestID draws the next request id, a version 4 UUID.
func (s *Sandbox) newRequestID() string {
	hi := s.requests.Uint64()&^0xf000 | 0x4000
	lo := s.requests.Uint64()&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}
