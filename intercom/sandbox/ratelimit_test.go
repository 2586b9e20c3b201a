package sandbox

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestRateWindow holds the window of ten seconds, aligned to the clock, and
// the headers that tell about it.
func TestRateWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &caller{New(Options{Contacts: 1, RateLimit: 3}), t, ""}
		time.Sleep(4 * time.Second) // into a window
		end := strconv.FormatInt(time.Now().Unix()/10*10+10, 10)
		for i, want := range []struct {
			status    int
			remaining string
		}{{200, "2"}, {200, "1"}, {200, "0"}, {429, "0"}, {429, "0"}} {
			a := c.do("GET", "/tags", "")
			if a.status != want.status || a.header.Get("X-RateLimit-Remaining") != want.remaining ||
				a.header.Get("X-RateLimit-Limit") != "3" || a.header.Get("X-RateLimit-Reset") != end {
				t.Errorf("request %d: %d %v, want %v until %s", i, a.status, a.header, want, end)
			}
		}
		c.refused("GET", "/tags", "", 429, "rate_limit_exceeded", "Exceeded rate limit of 3 in 10_seconds")
		if got := c.RateLimited(); got != 3 {
			t.Errorf("%d requests were limited, want 3", got)
		}
		time.Sleep(6 * time.Second) // into the next window
		c.ok("GET", "/tags", "")
	})
}
