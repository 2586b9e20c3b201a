package intercom

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Error is the error of every method. It contains neither the token nor the request's body, and of Intercom's own words
// no more than [SafeText] leaves. See
// https://developers.intercom.com/docs/references/rest-api/errors/error-objects
type Error struct {
	Status    int    // HTTP status of the last attempt, 0 without an answer
	Code      string // Intercom's code, "" without one
	Message   string // what may be told of Intercom's words, or the client's own; see MessageFor
	Field     string // the parameter that Intercom blames, if it names one
	RequestID string // Intercom's id of the request, "" if unknown
	Method    string
	Path      string // without the query, and without free text such as external ids

	// RetryAfter is how long to wait before the call can work, 0 if unknown.
	RetryAfter time.Duration
	// MergedInto is the id of the contact that the requested one was merged into.
	MergedInto string
	// MergedFrom is the id of the merged contact, set where the request names two.
	MergedFrom string
	// Missing names the kind of object that was not found, such as "contact" or "tag"; "" if unknown.
	Missing string
	// ConflictID is the id of the existing contact; ConflictArchived reports whether it is archived.
	ConflictID       string
	ConflictArchived bool
	// RequiredPermissions are the permissions that the token lacks, if reported.
	RequiredPermissions []string
	// Sent reports whether any byte of the call may have reached Intercom.
	Sent bool
	// Lasting reports that the call fails until somebody sets right what Message says, such as a certificate.
	Lasting bool
	// Foreign reports that something between here and Intercom, such as a proxy, answered in its place.
	Foreign bool
	// Err is the cause: of the network, the context, or the decoding.
	Err error

	said string // Intercom's words, which may repeat what records hold; "" where Message is the client's own
	kind Kind   // what the client knows beyond status and code, "" for nothing
}

// Error returns the request, the failure and Intercom's id of the request.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("intercom:")
	if e.Method != "" {
		fmt.Fprintf(&b, " %s %s:", e.Method, e.Path)
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Message != "" {
		b.WriteString(" " + e.Message)
	}
	if e.Err != nil && !strings.Contains(e.Message, e.Err.Error()) {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Kind classifies the error.
func (e *Error) Kind() Kind {
	if e.kind != "" {
		return e.kind
	}
	return kindOf(e.Status, e.Code, cmp.Or(e.said, e.Message))
}

// Retryable reports whether the call had no effect and may succeed later.
func (e *Error) Retryable() bool {
	kind := e.Kind()
	return kind == KindUnavailable || kind == KindRateLimited
}

// notFound is the error of a lookup without a result.
func (r request) notFound(message string) *Error {
	return &Error{
		Status: http.StatusNotFound, Code: "not_found", Message: message, Method: r.method, Path: r.route, Sent: true,
	}
}

// maxMessage bounds the message that an error keeps, in bytes.
const maxMessage = 1000

var (
	conflictPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bid=([0-9a-f]{24})\b`) })
	scopePattern    = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\brequired scope \(([a-z_]{1,64})\)`)
	})
	canonicalPattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`<[^>]*/contacts/([A-Za-z0-9_-]{1,64})>\s*;[^,]*rel="?canonical"?`)
	})
)

// refusal is the error of an answer with an error status.
func (p *prepared) refusal(a *answer) *Error {
	e := &Error{Status: a.status, Method: p.request.method, Path: p.shown, Sent: true, RequestID: a.requestID()}
	body, _ := parseErrorBody(a.body)
	if len(body.faults) > 0 {
		e.Code, e.Field = safeCode(body.faults[0].code), body.faults[0].field
		e.RequiredPermissions = body.faults[0].permissions
	}
	switch {
	case a.status < 200:
		e.Message = errUpgrade.Error()
	case a.status < 400:
		e.Message, e.kind = redirected(a.header.Get("Location")), KindRedirect
	case a.foreign():
		e.Message = fmt.Sprintf("status %d from something between here and Intercom", a.status)
		e.kind, e.Foreign = KindUnavailable, a.status < http.StatusInternalServerError
	default:
		e.said = body.message()
		if len(e.said) > maxMessage {
			e.said = strings.ToValidUTF8(e.said[:maxMessage], "")
		}
		e.Message = tellable(e.said, http.StatusText(a.status), nil)
	}
	e.addDetails(a.header)
	return e
}

// redirected says where a redirect leads, by its host alone: paths may be personal.
func redirected(location string) string {
	where := ""
	if to, err := url.Parse(location); err == nil && to.Host != "" && len(to.Host) <= 255 {
		where = " to " + to.Host
	}
	return "a redirect" + where + ", which the client does not follow: wrong host or region"
}

// addDetails extracts what headers and messages say beside the code.
func (e *Error) addDetails(h http.Header) {
	switch e.Status {
	case http.StatusForbidden:
		if found := scopePattern().FindStringSubmatch(e.said); found != nil && e.RequiredPermissions == nil {
			e.RequiredPermissions = found[1:]
		}
	case http.StatusConflict:
		if found := conflictPattern().FindStringSubmatch(e.said); found != nil {
			e.ConflictID = found[1]
		}
		e.ConflictArchived = strings.Contains(strings.ToLower(e.said), "archived")
	case http.StatusGone:
		if e.kind != "" {
			return
		}
		if found := canonicalPattern().FindStringSubmatch(h.Get("Link")); found != nil {
			e.MergedInto = found[1]
			e.kind = KindMerged
		}
	case http.StatusTooManyRequests:
		e.RetryAfter = retryAfter(h, time.Now())
		if rate, ok := parseRate(h, time.Now()); ok && e.RetryAfter == 0 {
			e.RetryAfter = rate.left
		}
	case http.StatusServiceUnavailable:
		e.RetryAfter = retryAfter(h, time.Now())
	}
}

// maxRetryAfter is the longest wait that an answer can ask for.
const maxRetryAfter = time.Minute

// retryAfter reads the Retry-After header, 0 without one. Proxies send it; Intercom documents X-RateLimit-Reset alone.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var wait time.Duration
	// A number out of the range of 32 bits comes as the end of that range.
	if seconds, err := strconv.ParseInt(h.Get("Retry-After"), 10, 32); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}
