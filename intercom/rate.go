package intercom

import (
	"net/http"
	"strconv"
	"time"
)

// rate is the rate window that the headers of an answer report. See
// https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting
type rate struct {
	limit     int
	remaining int
	epoch     int64         // when the window ends, Unix seconds by Intercom's clock
	left      time.Duration // from now until then
}

const (
	// late is how long after its window an answer may arrive.
	late = 2 * time.Second
	// stale is how far the end of a window may be behind that of the latest one for the answer to be late: that of one
	// further behind tells that the latest was none.
	stale = 6 * windowLength
	// apart is how far two clocks may be apart: a window that ends later, or ended earlier, is none.
	apart = 24 * time.Hour
)

// parseRate reads the headers; there are none where the token was refused. What is left of the window is taken from
// Intercom's own clock, if the answer tells it, so that ours may be wrong.
func parseRate(h http.Header, now time.Time) (rate, bool) {
	limit, err1 := strconv.Atoi(h.Get("X-RateLimit-Limit"))
	remaining, err2 := strconv.Atoi(h.Get("X-RateLimit-Remaining"))
	epoch, err3 := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || limit <= 0 || remaining < 0 {
		return rate{}, false
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	left := time.Unix(epoch, 0).Sub(now)
	if left > apart || left < -apart {
		return rate{}, false
	}
	if left < -late || left > windowLength {
		left = windowLength // the clocks differ: any window is over by then
	}
	return rate{limit: limit, remaining: min(remaining, limit), epoch: epoch, left: max(left, 0)}, true
}
