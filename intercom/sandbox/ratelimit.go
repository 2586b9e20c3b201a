package sandbox

import (
	"net/http"
	"strconv"
	"time"
)

// rateSeconds is the length of a window. Windows are aligned to the clock.
const rateSeconds = 10

// rateWindow counts the requests of the current window of ten seconds. See
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
type rateWindow struct {
	limit   int   // requests per window
	start   int64 // Unix seconds
	used    int
	refused int // since the sandbox began
}

// take counts one request at now and reports whether it fits.
func (r *rateWindow) take(now time.Time) bool {
	r.roll(now)
	if r.used >= r.limit {
		r.refused++
		return false
	}
	r.used++
	return true
}

// roll starts a new window when the current one is over.
func (r *rateWindow) roll(now time.Time) {
	if start := now.Unix() / rateSeconds * rateSeconds; start != r.start {
		r.start, r.used = start, 0
	}
}

// describe writes the headers of the current window.
func (r *rateWindow) describe(h http.Header) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(r.limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(r.limit-r.used))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(r.start+rateSeconds, 10))
}

// exceeded is the refusal of a request that does not fit.
func (r *rateWindow) exceeded() *apiError {
	return fail(http.StatusTooManyRequests, "rate_limit_exceeded", "Exceeded rate limit of %d in %d_seconds", r.limit,
		rateSeconds)
}
