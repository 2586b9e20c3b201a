package intercom

import (
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestParseRate(t *testing.T) {
	now := time.Unix(1_800_000_003, 0)
	header := func(limit, remaining, reset, date string) http.Header {
		h := http.Header{}
		for name, value := range map[string]string{"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining,
			"X-RateLimit-Reset": reset, "Date": date} {
			if value != "" {
				h.Set(name, value)
			}
		}
		return h
	}
	hourAgo := now.Add(-time.Hour).UTC().Format(http.TimeFormat)
	tests := []struct {
		name   string
		header http.Header
		want   rate
		ok     bool
	}{
		{"by our clock", header("167", "100", "1800000010", ""), rate{167, 100, 1_800_000_010, 7 * time.Second}, true},
		{"by theirs", header("167", "100", "1799996410", hourAgo), rate{167, 100, 1_799_996_410, 7 * time.Second}, true},
		{"just over", header("167", "100", "1800000002", ""), rate{167, 100, 1_800_000_002, 0}, true},
		{"long over", header("167", "100", "1799999000", ""), rate{167, 100, 1_799_999_000, windowLength}, true},
		{"far ahead", header("167", "100", "1800009000", ""), rate{167, 100, 1_800_009_000, windowLength}, true},
		{"more than all", header("167", "900", "1800000010", ""), rate{167, 167, 1_800_000_010, 7 * time.Second}, true},
		{"no headers", http.Header{}, rate{}, false},
		{"no limit", header("0", "0", "1800000010", ""), rate{}, false},
		{"less than nothing", header("167", "-1", "1800000010", ""), rate{}, false},
		{"in years", header("167", "100", "1800000010000", ""), rate{}, false},
		{"at the end of time", header("167", "100", "9223372036854775807", hourAgo), rate{}, false},
		{"no number", header("167", "many", "1800000010", ""), rate{}, false},
	}
	for _, test := range tests {
		if got, ok := parseRate(test.header, now); got != test.want || ok != test.ok {
			t.Errorf("%s: got %+v, %t; want %+v, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

// say is an answer with what it says about its window.
func say(limit, remaining int, reset int64) *answer {
	a := &answer{header: http.Header{}}
	for name, value := range rateHeader(limit, remaining, reset) {
		a.header.Set(name, value)
	}
	return a
}

// One answer that tells of a window in years to come does not have those that follow count as late.
func TestOddWindowIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, odd := range []int64{time.Now().Unix() + 3600, time.Now().UnixMilli(), math.MaxInt64, math.MinInt64, 0} {
			b := newBudget(Share{})
			for range 3 {
				b.acquire(background, PriorityBulk, nil)
			}
			reset := time.Now().Unix() + 10
			b.complete(say(100, 20, reset), time.Now())
			b.complete(say(1, 0, odd), time.Now())
			b.complete(say(100, 19, reset), time.Now())
			if state := b.state(); state.Remaining > 19 || state.Limit != 100 || state.Reset.Unix() != reset {
				t.Errorf("after a window that ends at %d: %+v", odd, state)
			}
			if skew, _ := b.skew(); skew.Abs() > time.Second {
				t.Errorf("after a window that ends at %d the clocks are %v apart", odd, skew)
			}
		}
	})
}
