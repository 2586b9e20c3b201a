package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
	"intercom-mcp/tools/toolerr"
)

// How much a client may have under way at a time.
const (
	stdioWorkers = 64
	stdioQueue   = 1024
)

// How long the calls that were read get: to be done as if nothing had happened, once the client has closed stdin; then,
// and where the program is to stop, to be answered with what came of them; then to unwind.
const (
	drainTime  = 1200 * time.Millisecond
	stopTime   = 1200 * time.Millisecond
	unwindTime = 300 * time.Millisecond
)

// Stdio serves one client with one JSON message per line on in and out. It returns nil at the end of input, when ctx
// ends, and when the client no longer reads. At the end of input the calls that were read are made, for 1.2 seconds, so
// that a file of calls can be piped in; then, and else at once, they have 1.5 seconds to be answered. It returns the
// error with which in or out failed otherwise. Nothing else may write to out. A Read of in, and a Write to out,
// that is blocked when it returns stays behind, since nothing can interrupt it.
//
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports
func Stdio(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	o.logs = o.Decisions != nil
	c, err := newCore(o)
	if err != nil {
		return err
	}
	s, work := newStdio(c, out)
	var telling sync.WaitGroup
	defer telling.Wait()
	working, end := context.WithCancel(work)
	defer end()
	if o.ToolsChanged != nil {
		telling.Go(func() { s.tellToolsChanged(working, o.ToolsChanged) })
	}
	if o.logs {
		s.decisions = newDecisions(o.Decisions, s)
		telling.Go(func() { s.decisions.tell(working) })
	}
	return s.serve(ctx, work, in)
}

// stdio is one stdio connection. mcp-go's own transport loses progress and the last calls, and shares its session with
// every other; so this one only has mcp-go answer messages.
type stdio struct {
	core    *core
	out     *jsonrpc.LineWriter
	session *stdioSession
	workers chan struct{} // a place for each call that runs
	pool    *goroutines   // in which requests are answered

	decisions *decisions // nil: the caller knows of none

	abandon   context.CancelFunc // ends the work on all requests, which outlives the reading
	abandoned <-chan struct{}    // closed then

	running  sync.WaitGroup        // requests and flushes; added to under mu, while not draining
	mu       sync.Mutex            // guards what follows
	draining bool                  // nothing more is taken
	calls    map[string]*stdioCall // requests without a response, by jsonrpc.IDKey
}

// stdioCall is one request on its way to its response.
type stdioCall struct {
	cancel    context.CancelFunc
	cancelled bool // by the client, who wants no response
}

// newStdio returns a connection, and the context of the work on its requests.
func newStdio(c *core, out io.Writer) (*stdio, context.Context) {
	c.elicitations = newSlots(stdioQueue, stdioQueue)
	s := &stdio{
		core:    c,
		out:     jsonrpc.NewLineWriter(out),
		workers: make(chan struct{}, stdioWorkers),
		calls:   make(map[string]*stdioCall),
	}
	s.session = newStdioSession(s.out.Write)
	work, end := context.WithCancelCause(context.Background())
	s.abandon, s.abandoned = func() { end(toolerr.ErrStopping) }, work.Done()
	s.pool = newGoroutines(s.abandoned)
	return s, work
}

// input is one line, or how reading ended.
type input struct {
	line []byte // the id alone, if err says that the line is refused
	err  error
}

func (s *stdio) serve(ctx, work context.Context, in io.Reader) error {
	defer s.abandon()
	ended := make(chan error, 1)
	go func() { ended <- s.acceptAll(work, jsonrpc.NewLineReader(in)) }()
	var err error
	select {
	case <-ctx.Done():
		err = io.EOF
	case err = <-ended:
	case <-s.out.Failed(): // whatever still comes in, nobody learns what becomes of it
		err = s.out.Err()
	}
	drain := time.Duration(0)
	if errors.Is(err, io.EOF) && ctx.Err() == nil {
		drain = drainTime
	}
	s.drain(ctx, drain)
	switch {
	case errors.Is(err, jsonrpc.ErrUnread):
		s.core.log.WarnContext(ctx, "the client reads nothing, and its input is not seen to end", "for", jsonrpc.QueueTimeout)
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE): // the client is gone
		return nil
	}
	return fmt.Errorf("serve: stdio: %w", err)
}

// acceptAll takes lines until there are no more to take, and returns why. A
// client that does not read holds it up only once it is owed some hundred lines.
func (s *stdio) acceptAll(work context.Context, in *jsonrpc.LineReader) error {
	for {
		line, err := in.Next()
		if err = s.accept(work, input{line, err}); err != nil {
			return err
		}
	}
}

// accept takes one line, and returns the error after which there is no more to take. Requests run on their own; all
// else is done before it returns, so that initialize counts for whatever follows it. What it has to say is written
// later: the input may end while the client does not read.
func (s *stdio) accept(work context.Context, next input) error {
	switch {
	case errors.Is(next.err, jsonrpc.ErrTooLong):
		return s.reply(jsonrpc.ErrorResponse(next.line, jsonrpc.InvalidRequest("a message has at most 512 KiB")))
	case errors.Is(next.err, jsonrpc.ErrBareReturn):
		return s.reply(jsonrpc.ErrorResponse(next.line, jsonrpc.InvalidRequest(
			"a message ends with a line feed (or CR LF); a carriage return alone ends none, and stands in no message")))
	case next.err != nil:
		return next.err
	}
	if len(next.line) == 0 {
		return nil
	}
	m, refused := jsonrpc.Read(next.line)
	if refused != nil {
		return s.reply(jsonrpc.ErrorResponse(m.ID, refused))
	}
	switch {
	case m.Kind == jsonrpc.KindResponse:
		if _, late := s.session.pending.deliver(m); late != nil {
			return s.reply(jsonrpc.ErrorResponse(nil, late)) // the id is the server's
		}
	case m.Method == string(mcp.MethodNotificationCancelled) && m.Kind == jsonrpc.KindNotification:
		s.cancel(m)
	case m.Kind == jsonrpc.KindNotification, m.Method == string(mcp.MethodInitialize):
		return s.answer(work, m, func() bool { return true }, s.reply)
	default:
		return s.start(work, m)
	}
	return nil
}

// start runs a request in the background, or refuses it.
func (s *stdio) start(work context.Context, m jsonrpc.Message) error {
	key := jsonrpc.IDKey(m.ID)
	s.mu.Lock()
	_, taken := s.calls[key]
	full, late := len(s.calls) >= stdioWorkers+stdioQueue, s.draining
	if !taken && !full && !late {
		ctx, cancel := context.WithCancel(work)
		s.calls[key] = &stdioCall{cancel: cancel}
		s.running.Add(1)
		s.pool.run(func() {
			defer s.running.Done()
			defer cancel()
			s.run(work, ctx, m)
		})
	}
	s.mu.Unlock()
	switch {
	case late:
		return io.EOF
	case taken:
		return s.reply(jsonrpc.ErrorResponse(m.ID, jsonrpc.InvalidRequest("a request with this id is still running")))
	case full:
		return s.refuseBusy(m)
	}
	return nil
}

// run answers a request. Calls of tools take turns at the workers; what costs nothing, ping for one, does not wait for
// them.
func (s *stdio) run(work, ctx context.Context, m jsonrpc.Message) {
	if m.Method == string(mcp.MethodToolsCall) {
		select {
		case s.workers <- struct{}{}:
			defer func() { <-s.workers }()
		case <-ctx.Done():
		}
	}
	if work.Err() != nil { // first: a context's end reaches the calls one after the other
		ctx = work
	}
	if ctx.Err() != nil { // nothing has begun, and nothing is to
		if s.finish(m) {
			_ = s.out.Write(jsonrpc.ErrorResponse(m.ID, interrupted(ctx)))
		}
		return
	}
	// A failed write is remembered by the writer, and ends the server.
	_ = s.answer(ctx, m, func() bool { return s.finish(m) }, s.out.Write)
}

// yieldWorker waits without a worker: an elicitation may stay open for long.
func (s *stdio) yieldWorker(wait func()) {
	<-s.workers
	defer func() { s.workers <- struct{}{} }()
	wait()
}

// refuseBusy answers a request beyond the queue.
func (s *stdio) refuseBusy(m jsonrpc.Message) error {
	if m.Method != string(mcp.MethodToolsCall) {
		return s.reply(jsonrpc.ErrorResponse(m.ID, jsonrpc.Internal(tooBusy.Error())))
	}
	line, err := jsonrpc.Response(m.ID, failure(tooBusy))
	if err != nil {
		return fmt.Errorf("encoding a refusal: %w", err)
	}
	return s.reply(line)
}

// reply has a line written by someone who may wait, unlike who reads the input.
func (s *stdio) reply(line []byte) error {
	if err := s.out.Enqueue(line, s.abandoned); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return io.EOF
	}
	s.running.Go(s.out.Flush)
	return nil
}

// answer has mcp-go handle the message and writes the response, if there is one and it is still wanted. Notifications
// go out before it.
func (s *stdio) answer(ctx context.Context, m jsonrpc.Message, wanted func() bool, write func([]byte) error) error {
	e := newExchange(auth.Local)
	e.yieldWorker, e.sessionless = s.yieldWorker, m.Sessionless()
	if s.decisions != nil && !e.sessionless {
		e.awaitDecision = s.decisions.await
	}
	e.send = func(method string, params any) {
		if line, err := jsonrpc.Notification(method, params); err == nil {
			_ = write(m.Outer(line)) // remembered by the writer
		}
	}
	ctx = withExchange(s.core.mcp.WithContext(ctx, stdioRequest{s.session, s.core, e}), e)
	response := s.handle(ctx, m)
	e.end()
	if !wanted() || response == nil || m.Kind == jsonrpc.KindNotification {
		return nil
	}
	line, err := encodeResponse(m, response, e.failed())
	if err != nil {
		s.core.log.ErrorContext(ctx, "response not encoded", "method", m.Method, "err", err)
		line = jsonrpc.ErrorResponse(m.ID, jsonrpc.Failed())
	}
	return write(line)
}

// handle calls mcp-go, whose panics must not end the process. Where the message cannot be passed on, or mcp-go fails,
// the exchange has the error.
func (s *stdio) handle(ctx context.Context, m jsonrpc.Message) (response mcp.JSONRPCMessage) {
	e := exchangeFrom(ctx)
	defer func() {
		if caught := recover(); caught != nil {
			incident := newIncident()
			s.core.log.ErrorContext(ctx, "request panicked", "method", m.Method, "incident", incident,
				"panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
			_ = e.fail(jsonrpc.Internal("internal error (incident " + incident + ")"))
			response = mcp.JSONRPCError{}
		}
	}()
	stripped, err := s.core.stripArguments(e, m)
	if err != nil {
		s.core.log.ErrorContext(ctx, "request not passed on", "method", m.Method, "err", err)
		_ = e.fail(jsonrpc.Failed())
		return mcp.JSONRPCError{}
	}
	return s.core.mcp.HandleMessage(ctx, stripped)
}

// cancel ends the request that notifications/cancelled names.
func (s *stdio) cancel(m jsonrpc.Message) {
	key := jsonrpc.IDKey(m.Params["requestId"])
	s.mu.Lock()
	defer s.mu.Unlock()
	if call, ok := s.calls[key]; ok {
		call.cancelled = true
		call.cancel()
	}
}

// finish forgets a request and reports whether the client still wants its response.
func (s *stdio) finish(m jsonrpc.Message) (wanted bool) {
	key := jsonrpc.IDKey(m.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	call := s.calls[key]
	delete(s.calls, key)
	return !call.cancelled
}

// drain lets the requests under way finish for a time, or until ctx ends; then it has the caller answer them, then
// cancels them. Elicitations end at once, since nobody is left to answer.
func (s *stdio) drain(ctx context.Context, most time.Duration) {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.core.endElicitations()
	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	case <-time.After(most):
	}
	s.core.stopping()
	for _, step := range []struct {
		wait time.Duration
		then context.CancelFunc
	}{{stopTime, s.abandon}, {unwindTime, func() {}}} {
		select {
		case <-done:
			return
		case <-time.After(step.wait):
			step.then()
		}
	}
}
