package sandbox

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// api answers requests as Intercom's API does. It is used under the sandbox's lock.
type api struct {
	opts     Options
	pinned   version // of Options.DefaultVersion
	space    *workspace
	rate     rateWindow
	requests *rand.Rand // request ids
}

// answer runs one request against the workspace.
func (a *api) answer(in *incoming, now time.Time) *reply {
	out := &reply{status: http.StatusOK, header: http.Header{}}
	requestID := randomUUID(a.requests)
	out.header.Set("X-Request-Id", requestID)
	value, refused := a.dispatch(in, out, now)
	if refused != nil {
		out.refuse(refused, requestID)
		return out
	}
	if v, ok := value.(accepted); ok {
		out.status, value = http.StatusAccepted, v.value
	}
	if value != nil {
		out.encode(value)
		if a.opts.Escape {
			out.escape()
		}
	}
	return out
}

// accepted marks a value to answer with 202.
type accepted struct{ value any }

// dispatch checks a request and calls the operation's handler. It sets the headers of rate and version, which refusals
// carry too from the check on that they belong to.
func (a *api) dispatch(in *incoming, out *reply, now time.Time) (any, *apiError) {
	token, refused := a.opts.authenticate(in.header)
	if refused != nil {
		return nil, refused
	}
	fits := a.rate.take(now)
	a.rate.describe(out.header)
	if !fits {
		return nil, a.rate.exceeded()
	}
	if !acceptsJSON(in.header) {
		return nil, errNotAcceptable
	}
	v := a.pinned
	if asked := in.header.Get("Intercom-Version"); asked != "" {
		var known bool
		if v, known = parseVersion(asked); !known {
			return nil, errVersionUnknown
		}
	}
	out.header.Set("Intercom-Version", v.String())
	r := in.route
	if r == nil {
		return nil, errResourceNotFound
	}
	if v < r.since || r.since == preview && a.opts.NoPreview {
		return nil, errVersionLacks
	}
	if refused := token.permits(r.scope); refused != nil {
		return nil, refused
	}
	body, refused := in.object()
	if refused != nil {
		return nil, refused
	}
	a.space.catchUp(now)
	return r.handle(&request{
		space: a.space, version: v, vars: in.vars, query: in.query, body: body, base: in.base, at: now,
	})
}
