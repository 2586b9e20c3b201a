package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// How much a client may have under way at a time, and how long its last calls
// get once it has closed stdin or the program is to stop.
const (
	stdioWorkers = 64
	stdioQueue   = 1024
	drainTime    = 1200 * time.Millisecond
	unwindTime   = 300 * time.Millisecond
)

// Stdio serves one client with one JSON message per line on in and out. It
// returns nil at the end of input, and when ctx ends: both let the calls under
// way finish, for at most 1.5 seconds. It returns the error with which in or
// out failed. Nothing else may write to out. When ctx ends, a Read of in that
// is blocked stays behind, since nothing can interrupt it.
//
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
func Stdio(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	c, err := newCore(o)
	if err != nil {
		return err
	}
	s := newStdio(c, out)
	return s.serve(ctx, in)
}

// stdio is one stdio connection. mcp-go's own transport loses progress and the
// last calls, and shares its session with every other; so this one only has
// mcp-go answer messages.
type stdio struct {
	core    *core
	out     *lineWriter
	session *stdioSession
	work    context.Context // of all requests; outlives the reading
	abandon context.CancelFunc
	workers chan struct{}

	running sync.WaitGroup
	mu      sync.Mutex
	calls   map[string]*stdioCall // requests without a response, by id as sent
}

// stdioCall is one request on its way to its response.
type stdioCall struct {
	cancel    context.CancelFunc
	cancelled bool // by the client, who wants no response
}

func newStdio(c *core, out io.Writer) *stdio {
	s := &stdio{
		core:    c,
		out:     &lineWriter{out: out},
		workers: make(chan struct{}, stdioWorkers),
		calls:   make(map[string]*stdioCall),
	}
	s.session = newStdioSession(s.out.write)
	s.work, s.abandon = context.WithCancel(context.Background())
	return s
}

// input is one line, or how reading ended.
type input struct {
	line []byte // the id alone, if err is errTooLong
	err  error
}

func (s *stdio) serve(ctx context.Context, in io.Reader) error {
	defer s.abandon()
	lines := make(chan input)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go readLines(reading, newLineReader(in), lines)
	var err error
	for err == nil {
		select {
		case <-ctx.Done():
			err = io.EOF
		case next := <-lines:
			err = s.accept(next)
		}
	}
	s.drain()
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("serve: stdio: %w", err)
}

// readLines feeds lines until reading fails or ctx ends.
func readLines(ctx context.Context, in lineReader, lines chan<- input) {
	for {
		line, err := in.next()
		select {
		case lines <- input{line, err}:
		case <-ctx.Done():
			return
		}
		if err != nil && !errors.Is(err, errTooLong) {
			return
		}
	}
}

// accept takes one line, and returns the error after which there is no more to
// take. Requests run on their own; all else is done before it returns, so that
// initialize counts for whatever follows it.
func (s *stdio) accept(next input) error {
	if errors.Is(next.err, errTooLong) {
		return s.out.write(errorResponse(next.line, invalid("a message has at most 512 KiB")))
	}
	if next.err != nil {
		return next.err
	}
	if len(next.line) == 0 {
		return nil
	}
	m, refused := readMessage(next.line)
	if refused != nil {
		return s.out.write(errorResponse(m.id, refused))
	}
	switch {
	case m.kind == kindResponse:
		s.session.deliver(m)
	case m.method == string(mcp.MethodNotificationCancelled) && m.kind == kindNotification:
		s.cancel(m)
	case m.kind == kindNotification, m.method == string(mcp.MethodInitialize):
		return s.answer(s.work, m, func() bool { return true })
	default:
		return s.start(m)
	}
	return nil
}

// start runs a request in the background, or refuses it.
func (s *stdio) start(m message) error {
	ctx, cancel := context.WithCancel(s.work)
	s.mu.Lock()
	_, taken := s.calls[string(m.id)]
	full := len(s.calls) >= stdioWorkers+stdioQueue
	if !taken && !full {
		s.calls[string(m.id)] = &stdioCall{cancel: cancel}
	}
	s.mu.Unlock()
	switch {
	case taken:
		cancel()
		return s.out.write(errorResponse(m.id, invalid("a request with this id is still running")))
	case full:
		cancel()
		return s.refuseBusy(m)
	}
	s.running.Go(func() {
		defer cancel()
		select {
		case s.workers <- struct{}{}:
			defer func() { <-s.workers }()
		case <-ctx.Done():
		}
		// A failed write is remembered by the writer, and ends the next accept.
		_ = s.answer(ctx, m, func() bool { return s.finish(m) })
	})
	return nil
}

// refuseBusy answers a request beyond the queue.
func (s *stdio) refuseBusy(m message) error {
	if m.method != string(mcp.MethodToolsCall) {
		return s.out.write(errorResponse(m.id, &protocolError{Code: mcp.INTERNAL_ERROR, Message: tooBusy.Error()}))
	}
	line, err := json.Marshal(mcp.NewJSONRPCResultResponse(mcp.NewRequestId(m.id), failure(tooBusy)))
	if err != nil {
		return fmt.Errorf("encoding a refusal: %w", err)
	}
	return s.out.write(line)
}

// answer has mcp-go handle the message and writes the response, if there is
// one and it is still wanted. Notifications go out before it.
func (s *stdio) answer(ctx context.Context, m message, wanted func() bool) error {
	e := newExchange(local)
	e.send = s.notify
	ctx = withExchange(s.core.mcp.WithContext(ctx, stdioRequest{s.session, s.core, e}), e)
	response := s.handle(ctx, m)
	e.end()
	if !wanted() || response == nil {
		return nil
	}
	line, err := encodeResponse(m, response, e.failed())
	if err != nil {
		s.core.log.ErrorContext(ctx, "response not encoded", "method", m.method, "err", err)
		line = errorResponse(m.id, &protocolError{Code: mcp.INTERNAL_ERROR, Message: "internal error"})
	}
	return s.out.write(line)
}

// handle calls mcp-go, whose panics must not end the process.
func (s *stdio) handle(ctx context.Context, m message) (response mcp.JSONRPCMessage) {
	defer func() {
		if caught := recover(); caught != nil {
			incident := newIncident()
			s.core.log.ErrorContext(ctx, "request panicked", "method", m.method, "incident", incident,
				"panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
			response = mcp.NewJSONRPCError(mcp.NewRequestId(m.id), mcp.INTERNAL_ERROR, "internal error (incident "+incident+")", nil)
		}
	}()
	return s.core.mcp.HandleMessage(ctx, m.raw)
}

// encodeResponse encodes what mcp-go answered, with a handler's own protocol
// error in place of mcp-go's.
func encodeResponse(m message, response mcp.JSONRPCMessage, failed *protocolError) ([]byte, error) {
	if _, isError := response.(mcp.JSONRPCError); isError && failed != nil {
		return errorResponse(m.id, failed), nil
	}
	return json.Marshal(response)
}

// notify writes a notification; see [exchange.send].
func (s *stdio) notify(method string, params any) {
	if line, err := notification(method, params); err == nil {
		_ = s.out.write(line) // remembered by the writer
	}
}

// cancel ends the request that notifications/cancelled names.
func (s *stdio) cancel(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call, ok := s.calls[string(m.params["requestId"])]; ok {
		call.cancelled = true
		call.cancel()
	}
}

// finish forgets a request and reports whether the client still wants its
// response.
func (s *stdio) finish(m message) (wanted bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	call := s.calls[string(m.id)]
	delete(s.calls, string(m.id))
	return !call.cancelled
}

// drain lets the requests under way finish, then cancels them. Questions end
// at once, since nobody is left to answer.
func (s *stdio) drain() {
	s.core.hangUp()
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	for _, step := range []struct {
		wait time.Duration
		then context.CancelFunc
	}{{drainTime, s.abandon}, {unwindTime, func() {}}} {
		select {
		case <-done:
			return
		case <-time.After(step.wait):
			step.then()
		}
	}
}
