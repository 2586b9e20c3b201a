package sandbox

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Fault makes matching requests go wrong. Which requests: Method, Path, After, Every, Times. How: one of Status,
// RateLimited, Reset, ResetAfter, Truncate and Hang, or none of them with only Latency.
type Fault struct {
	Method string // "" matches any
	Path   string // a pattern of path.Match, as "/contacts/*"; "" matches any
	After  int    // how many matching requests pass first
	Every  int    // 0 and 1: each one after that, 3: every third
	Times  int    // how often it strikes; 0: for ever

	// Status answers without any effect, with an error list of Code and Message. Without a Code it is the one usual for
	// the status; a gateway's statuses (502, 504) then carry a page of HTML, as load balancers do.
	Status        int
	Code, Message string
	// RateLimited answers 429 as an exhausted rate window does.
	RateLimited bool
	// Reset breaks the connection before the request takes effect, ResetAfter once it has.
	Reset, ResetAfter bool
	// Truncate breaks the connection half-way through the answer's body.
	Truncate bool
	// Hang answers nothing until the caller gives up.
	Hang bool
	// Latency passes before all that, on top of Options.Latency.
	Latency time.Duration
}

// OddValues are what a key of an answer may turn out to hold: JSON of each kind, out of range, and too long. They are
// for tests that replace one key.
func OddValues() []string {
	return []string{
		`null`, `true`, `15`, `-1.5`, `1e400`, `""`, `"text"`, `[]`, `{}`, `[null]`, `{"id":{"type":[]}}`,
		`"` + strings.Repeat("x", 70_000) + `"`,
	}
}

// armedFault is a fault and its counts.
type armedFault struct {
	fault        Fault
	seen, struck int
}

// AddFault arms a fault; remove disarms it. Of several that match a request, the first armed that is due strikes, and
// each of them counts it. It panics on a malformed Path pattern.
func (s *Sandbox) AddFault(f Fault) (remove func()) {
	if _, err := path.Match(f.Path, ""); err != nil {
		panic(fmt.Sprintf("sandbox: fault path %q: %v", f.Path, err))
	}
	armed := &armedFault{fault: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, armed)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(a *armedFault) bool { return a == armed })
	}
}

// faultList is the armed faults, the first armed first.
type faultList []*armedFault

// strike counts the request with every fault that matches it and returns the one that strikes; the zero Fault is none.
func (l faultList) strike(method, urlPath string) Fault {
	var strikes *armedFault
	for _, a := range l {
		if a.matches(method, urlPath) && a.due() && strikes == nil {
			strikes = a
		}
	}
	if strikes == nil {
		return Fault{}
	}
	strikes.struck++
	return strikes.fault
}

func (a *armedFault) matches(method, urlPath string) bool {
	if a.fault.Method != "" && a.fault.Method != method {
		return false
	}
	if a.fault.Path == "" {
		return true
	}
	ok, err := path.Match(a.fault.Path, urlPath)
	return ok && err == nil
}

// due counts one match and reports whether the fault would strike on it.
func (a *armedFault) due() bool {
	a.seen++
	n := a.seen - a.fault.After
	if n <= 0 || a.fault.Times > 0 && a.struck >= a.fault.Times {
		return false
	}
	return n%max(a.fault.Every, 1) == 0
}

// answers reports whether the fault answers in the workspace's place.
func (f Fault) answers() bool { return f.Status != 0 || f.RateLimited }

// usualCodes are the error codes of statuses that a Fault may leave out.
var usualCodes = map[int]string{
	http.StatusBadRequest:          "bad_request",
	http.StatusUnauthorized:        "unauthorized",
	http.StatusForbidden:           "forbidden",
	http.StatusNotFound:            "not_found",
	http.StatusRequestTimeout:      "request_timeout",
	http.StatusConflict:            "conflict",
	http.StatusUnprocessableEntity: "unprocessable_entity",
	http.StatusTooManyRequests:     "too_many_requests",
	http.StatusInternalServerError: "server_error",
	http.StatusServiceUnavailable:  "service_unavailable",
}

// fail is what a fault answers in the workspace's place.
func (a *api) fail(f Fault, now time.Time) *reply {
	out := &reply{header: http.Header{}}
	requestID := randomUUID(a.requests)
	switch {
	case f.RateLimited:
		a.rate.roll(now)
		a.rate.describe(out.header)
		out.header.Set("X-RateLimit-Remaining", "0")
		out.refuse(a.rate.exceeded(), requestID)
	case f.Code == "" && (f.Status == http.StatusBadGateway || f.Status == http.StatusGatewayTimeout):
		out.status = f.Status
		out.header.Set("Content-Type", "text/html")
		out.body = fmt.Appendf(nil, "<html><body><h1>%d %s</h1></body></html>\n", f.Status, http.StatusText(f.Status))
	default:
		e := &apiError{status: f.Status, code: f.Code, message: f.Message}
		orElse(&e.code, usualCodes[f.Status])
		orElse(&e.code, "server_error")
		orElse(&e.message, http.StatusText(f.Status))
		out.refuse(e, requestID)
	}
	return out
}
