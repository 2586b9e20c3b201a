package sandbox

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody is the size in bytes of the largest request body read.
const maxBody = 8 << 20

// incoming is a request read off the wire.
type incoming struct {
	method string
	path   string // still escaped
	plain  string // the path unescaped
	query  url.Values
	header http.Header
	body   []byte
	base   string            // scheme and host, for absolute URLs in answers
	large  bool              // the body was longer than maxBody
	route  *route            // nil for an unknown operation
	vars   map[string]string // of the route's pattern
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
	in.route, in.vars = findRoute(in.method, in.path)
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

// call is the request's record; out is nil when there was no answer.
func (in *incoming) call(out *reply, now time.Time) Call {
	c := Call{Method: in.method, Path: in.path, At: now}
	if in.route != nil {
		c.Route = in.route.method + " " + in.route.pattern
	}
	if out != nil {
		c.Status, c.Version = out.status, out.header.Get("Intercom-Version")
	}
	return c
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
