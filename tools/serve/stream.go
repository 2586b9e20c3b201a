package serve

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// stream is the response to one POST. It begins as plain JSON, held back until the request has ended, and becomes an
// event stream with the first message before that: a notification or elicitation of ours, or an event of mcp-go's. The
// final response is then its last event. So every call has its own progress, in order and whole, which mcp-go's
// channels do not promise. A comment every [commentEvery] keeps proxies from cutting a response that is waited for.
type stream struct {
	outer   func([]byte) []byte // gives what mcp-go writes the request's own id
	streams bool                // the client takes an event stream
	failed  func() bool         // what mcp-go still writes is to be replaced

	// mu guards what follows; header is changed by the goroutine of the request alone.
	mu      sync.Mutex
	w       http.ResponseWriter
	header  http.Header // mcp-go's, until it is sent
	status  int
	body    []byte      // mcp-go's JSON, or the text of an HTTP error
	started bool        // the event stream has begun
	events  bool        // mcp-go itself writes events
	beat    *time.Timer // writes the next comment; nil: none is to be written
	ended   bool        // nothing more is written
}

// commentEvery is how often a response that is waited for shows a sign of life: proxies cut a connection after 60
// seconds without a byte.
const commentEvery = 15 * time.Second

func newStream(w http.ResponseWriter, streams bool, failed func() bool, outer func([]byte) []byte) *stream {
	return &stream{w: w, streams: streams, failed: failed, outer: outer, header: make(http.Header)}
}

// newDiscard returns a stream of which nothing is sent.
func newDiscard() *stream { return &stream{header: make(http.Header)} }

// keepAlive has comments written until finish, where the client takes an event stream.
func (s *stream) keepAlive() {
	if !s.streams {
		return
	}
	s.mu.Lock() // the timer may fire before it is kept
	defer s.mu.Unlock()
	s.beat = time.AfterFunc(commentEvery, s.comment)
}

// comment writes a comment, which clients pass over, and sets the time for the next. The response is an event stream
// from then on.
func (s *stream) comment() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.startSSE()
	s.extendWriteDeadline()
	_, _ = io.WriteString(s.w, ": still waiting\n\n") // the client is gone if it fails
	s.flush()
	s.beat.Reset(commentEvery)
}

// Header implements [http.ResponseWriter].
func (s *stream) Header() http.Header { return s.header }

// WriteHeader implements [http.ResponseWriter].
func (s *stream) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(status)
}

// begin takes mcp-go's status, and learns whether events follow. s.mu is held.
func (s *stream) begin(status int) {
	if s.status != 0 {
		return
	}
	s.status = status
	if s.header.Get("Content-Type") == "text/event-stream" {
		s.events = true
		s.startSSE()
	}
}

// Write implements [http.ResponseWriter].
func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(http.StatusOK)
	if s.events && !s.failed() {
		s.extendWriteDeadline()
		if _, err := s.w.Write(s.outer(p)); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	s.body = append(s.body, p...) // replaced, if it is an event
	return len(p), nil
}

// Flush implements [http.Flusher].
func (s *stream) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		s.flush()
	}
}

// flush sends what was written. s.mu is held.
func (s *stream) flush() {
	_ = http.NewResponseController(s.w).Flush() // the client is gone if it fails
}

// startSSE sends the header of an event stream, once. s.mu is held.
func (s *stream) startSSE() {
	if s.started {
		return
	}
	s.started = true
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Accel-Buffering", "no")
	s.w.WriteHeader(http.StatusOK)
}

// notify writes a notification ahead of the response; see [exchange.send].
func (s *stream) notify(method string, params any) {
	if line, err := jsonrpc.Notification(method, params); err == nil {
		s.send(s.outer(line))
	}
}

// send writes a message ahead of the response, if the client takes a stream; see [exchange.sendElicitation].
func (s *stream) send(line []byte) {
	if !s.streams {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.startSSE()
	s.event(line)
}

// writeTimeout is how long a client may take to read what is written to it.
const writeTimeout = 30 * time.Second

// extendWriteDeadline gives the next write its time: a client that does not read must not hold a call for
// ever. s.mu is held.
func (s *stream) extendWriteDeadline() {
	// A writer without deadlines serves tests, not a network.
	_ = http.NewResponseController(s.w).SetWriteDeadline(time.Now().Add(writeTimeout))
}

// event writes one event. s.mu is held.
func (s *stream) event(message []byte) {
	s.extendWriteDeadline()
	_, _ = fmt.Fprintf(s.w, "event: message\ndata: %s\n\n", message) // the client is gone if it fails
	s.flush()
}

// replace puts another response in the place of mcp-go's.
func (s *stream) replace(status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body = status, body
	s.header = http.Header{"Content-Type": {"application/json"}}
}

// fill puts a result into mcp-go's response, if that has a stand-in for one and is no error after all. It reports
// whether there is a response to send.
func (s *stream) fill(body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Contains(s.body, []byte(`"content":[]`)) {
		return !s.events
	}
	s.body = body
	return true
}

// silent reports whether mcp-go has answered nothing at all.
func (s *stream) silent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status == 0
}

// finish sends what was held back. Nothing may be written after it.
func (s *stream) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.beat != nil {
		s.beat.Stop()
	}
	// The connection may go on to serve other requests.
	defer func() { _ = http.NewResponseController(s.w).SetWriteDeadline(time.Time{}) }()
	if s.started {
		if len(s.body) > 0 {
			s.event(bytes.TrimRight(s.outer(s.body), "\r\n"))
		}
		return
	}
	for key, values := range s.header {
		s.w.Header()[key] = values
	}
	body := s.outer(s.body)
	s.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	s.extendWriteDeadline()
	s.w.WriteHeader(s.status)
	_, _ = s.w.Write(body) // the client is gone if it fails
	s.flush()
}
