package intercom

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// The timeouts of one attempt. A whole call has callTimeout.
const (
	dialTimeout    = 2 * time.Second
	tlsTimeout     = 3 * time.Second
	headerTimeout  = 10 * time.Second
	attemptTimeout = 12 * time.Second
)

// connection is the state shared by all clients of one token.
type connection struct {
	base      *url.URL
	token     atomic.Pointer[string]
	version   version
	userAgent string
	observe   func(context.Context, Exchange)
	transport http.RoundTripper
	traced    bool // the transport reports to httptrace
	budget    *budget
	quota     *retryQuota
	latch     *credentialLatch
	breaker   breaker
	pace      *pacing
	scroll    *semaphore.Weighted // held while a scroll is open
	bodies    *bodies
}

func newConnection(base *url.URL, v version, config Config) *connection {
	c := &connection{
		base: base, version: v, userAgent: config.UserAgent,
		observe: config.Observe, transport: config.Transport,
		budget: newBudget(config.Share), quota: newRetryQuota(), latch: &credentialLatch{}, breaker: newBreaker(),
		pace:   new(pacing),
		scroll: semaphore.NewWeighted(1), bodies: newBodies(),
	}
	c.token.Store(&config.Token)
	if c.userAgent == "" {
		c.userAgent = defaultUserAgent
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	_, c.traced = c.transport.(*http.Transport)
	return c
}

// NewTransport returns a transport such as the one that a [Config] without one stands for, to change before its first
// use.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		ExpectContinueTimeout: time.Second,
		IdleConnTimeout:       90 * time.Second,
		MaxConnsPerHost:       32,
		MaxIdleConnsPerHost:   32,
		ForceAttemptHTTP2:     true,

		OnProxyConnectResponse: proxyRefuses,
	}
}

// answer is the result of one attempt.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration // since the request had left, of one that was read to its end
	// sent reports whether bytes of the request may have left.
	sent bool
	// release gives the room of the body back; nil for none. Nothing may use the body after it.
	release func()
}

func (a *answer) ok() bool { return a.status >= 200 && a.status < 300 }

// foreign reports whether an error cannot be Intercom's: Intercom says in JSON what is wrong. A refused token counts
// whoever tells it, unless it is a page, which asks a person to sign in; a limit always does.
func (a *answer) foreign() bool {
	switch {
	case a.ok() || a.status == 0 || a.status == http.StatusTooManyRequests:
		return false
	case a.status == http.StatusUnauthorized:
		return isPage(bytes.TrimSpace(a.body)) || a.header.Get("Proxy-Authenticate") != ""
	}
	if bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{")) {
		return false
	}
	_, ok := parseErrorBody(a.body)
	return !ok || !a.isJSON()
}

// isJSON reports whether an answer says that it is JSON.
func (a *answer) isJSON() bool {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}

// isPage reports whether a body is HTML, or another markup.
func isPage(body []byte) bool { return bytes.HasPrefix(body, []byte("<")) }

// requestID is Intercom's id of the request: in the body of errors, and in a header of all answers.
func (a *answer) requestID() string {
	if !a.ok() {
		if body, ok := parseErrorBody(a.body); ok && body.requestID != "" {
			return body.requestID
		}
	}
	return safeRequestID(a.header.Get("X-Request-Id"))
}

// errBroken is an answer that broke off.
var errBroken = errors.New("the answer broke off")

// errTooLong is an answer beyond what is read.
var errTooLong = errors.New("the answer is too long")

// errUpgrade is a 101, or another 1xx in place of an answer.
var errUpgrade = errors.New("a switch to another protocol, which the client did not ask for")

// exchange makes one attempt. The answer is never nil: with an error, it has what is known so far.
func (c *connection) exchange(ctx context.Context, p *prepared) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var sent atomic.Pointer[time.Time]
	leave := func() { now := time.Now(); sent.Store(&now) }
	if c.traced {
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: leave})
	}
	req, err := http.NewRequestWithContext(ctx, p.request.method, p.url, bytes.NewReader(p.payload))
	if err != nil {
		return &answer{}, err
	}
	req.Header = c.header(p)
	if p.payload == nil {
		req.Body, req.GetBody, req.ContentLength = nil, nil, 0
	}
	if err := ctx.Err(); err != nil {
		return &answer{}, err
	}
	if !c.traced {
		leave()
	}
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return &answer{sent: sent.Load() != nil && (c.traced || !neverConnected(err))}, err
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header, sent: true}
	if a.status < http.StatusOK {
		return a, errUpgrade // its body is the connection, which no context ends
	}
	// A transport need not end a body with its context.
	defer context.AfterFunc(ctx, func() { _ = resp.Body.Close() })()
	most := int64(maxBody)
	if !a.ok() {
		most = maxErrorBody
	}
	a.body, a.release, err = c.bodies.read(ctx, resp, most)
	if left := sent.Load(); left != nil && err == nil {
		a.took = time.Since(*left)
	}
	return a, err
}

// neverConnected reports whether err says that no connection was made.
func neverConnected(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
