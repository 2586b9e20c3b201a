package intercom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// An attempt that may have done its work stays in doubt, however the later
// ones end, unless Intercom then says a definite no.
func TestDoubtOutlivesLaterAttempts(t *testing.T) {
	update := func(ctx context.Context, c *Client) error {
		return result(c.Contacts.Update(ctx, "i1", ContactWrite{Name: Value("n")}))
	}
	tag := func(ctx context.Context, c *Client) error { return result(c.Contacts.AddTag(ctx, "i1", "i2")) }
	untag := func(ctx context.Context, c *Client) error { return result(c.Contacts.RemoveTag(ctx, "i1", "i2")) }
	gone := []reply{reset, refuse(404, "not_found", "Resource Not Found")}
	archive := func(ctx context.Context, c *Client) error { return c.Contacts.Archive(ctx, "i1") }
	block := func(ctx context.Context, c *Client) error { return c.Contacts.Block(ctx, "i1") }
	remove := func(ctx context.Context, c *Client) error { return c.Contacts.Delete(ctx, "i1") }
	unarchive := func(ctx context.Context, c *Client) error { return c.Contacts.Unarchive(ctx, "i1") }
	merged := refuse(410, "contact_merged", "This contact has been merged.")
	merged.header = map[string]string{"Link": `</contacts/i9>; rel="canonical"`}
	tests := []struct {
		name    string
		call    func(context.Context, *Client) error
		replies []reply
		want    Kind
	}{
		{"then no connection", tag, []reply{reset, refused}, KindOutcomeUnknown},
		{"then a limit", tag, []reply{reset, refuse(429, "rate_limit_exceeded", "no")}, KindOutcomeUnknown},
		{"then a bad token", tag, []reply{reset, refuse(401, "unauthorized", "no")}, KindOutcomeUnknown},
		{"then a refusal", tag, []reply{reset, refuse(422, "data_invalid", "no")}, KindInvalid},
		{"then success", tag, []reply{reset, ok(tagOne)}, ""},
		{"values are not sent twice", update, []reply{reset, ok(contactBody)}, KindOutcomeUnknown},
		{"untagging, then gone", untag, gone, ""},
		{"archiving, then gone", archive, gone, ""},
		{"blocking, then gone", block, gone, KindOutcomeUnknown},
		{"blocking, then merged", block, append(gone[:len(gone):len(gone)], merged), KindMerged},
		{"blocking who is gone", block, gone[1:], KindNotFound},
		{"deleting, then merged", remove, append(gone[:len(gone):len(gone)], merged), KindMerged},
		{"archiving, then merged", archive, append(gone[:len(gone):len(gone)], merged), KindMerged},
		{"deleting, then gone or merged", remove, append(gone[:len(gone):len(gone)], refuse(422, "x", "no")),
			KindOutcomeUnknown},
		{"untagging, then merged", untag, append(gone[:len(gone):len(gone)], merged), KindMerged},
		{"deleting, then gone", remove, gone, ""},
		{"unarchiving, then gone", unarchive, gone, KindNotFound},
		{"untagging what was gone", untag, []reply{refuse(404, "not_found", "Resource Not Found")}, KindNotFound},
		{"untagging, gone after a limit", untag, []reply{refuse(429, "rate_limit_exceeded", "no"),
			refuse(404, "not_found", "gone")}, KindNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, _ := newFake(t, Config{}, script(test.replies...))
				if err := test.call(background, c); KindOf(err) != test.want || (err == nil) != (test.want == "") {
					t.Errorf("got %v, want kind %q", err, test.want)
				}
			})
		})
	}
}

func TestRemoveTagTellsItsIDWhenGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newFake(t, Config{}, script(reset, refuse(404, "not_found", "gone")))
		tag, err := c.Contacts.RemoveTag(background, "i1", "i2")
		if err != nil || tag.ID != "i2" {
			t.Errorf("got %+v, %v", tag, err)
		}
	})
}

func TestRateLimitWaitsForTheReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := refuse(429, "rate_limit_exceeded", "no")
		limited.header = rateHeader(167, 0, time.Now().Unix()+7)
		c, f := newFake(t, Config{}, script(limited, ok(noteBody)))
		if _, err := c.Notes.AddToContact(background, "i1", NoteWrite{Body: "b"}); err != nil {
			t.Fatal(err)
		}
		if got := gaps(f.sent()); len(got) != 1 || got[0] != 7*time.Second {
			t.Errorf("waited %v, want 7 s", got)
		}
	})
}

func TestRateLimitNeverOutlastsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := refuse(429, "rate_limit_exceeded", "no")
		limited.header = rateHeader(167, 0, time.Now().Unix()+7)
		c, f := newFake(t, Config{}, always(limited))
		ctx, cancel := context.WithTimeout(background, 6*time.Second)
		defer cancel()
		start := time.Now()
		e := asError(t, result(c.Contacts.Get(ctx, "i1")))
		if e.Kind() != KindRateLimited || e.RetryAfter != 7*time.Second || len(f.sent()) != 1 || time.Since(start) != 0 {
			t.Errorf("got %v after %v and %d requests, retry after %v", e, time.Since(start), len(f.sent()), e.RetryAfter)
		}
	})
}

func TestWaitsThatAnswersAskFor(t *testing.T) {
	in := func(d time.Duration) time.Time {
		return time.Date(2000, 1, 1, 0, 0, 0, 0,
			time.UTC).Add(d)
	} // synctest begins then
	tests := []struct {
		status int
		header map[string]string
		want   time.Duration // at least, and less than a second more
	}{
		{429, map[string]string{"Retry-After": "4"}, 4 * time.Second},
		{429, map[string]string{"Retry-After": in(5 * time.Second).Format(http.TimeFormat)}, 5 * time.Second},
		{429, map[string]string{"Retry-After": "-4"}, limitedWait},
		{429, nil, limitedWait},
		{429, rateHeader(100, 0, in(6*time.Second).Unix()), 6 * time.Second},
		{429, rateHeader(100, 0, in(-time.Hour).Unix()), windowLength}, // by a clock that is wrong
		{503, map[string]string{"Retry-After": "3"}, 3 * time.Second},
		{503, rateHeader(100, 50, in(9*time.Second).Unix()), 0},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			failing := refuse(test.status, "too_many_requests", "no")
			failing.header = test.header
			c, f := newFake(t, Config{}, script(failing, ok(contactBody)))
			if err := get(background, c); err != nil {
				t.Fatal(err)
			}
			if got := gaps(f.sent())[0]; got < test.want || got >= test.want+time.Second {
				t.Errorf("%d with %v: waited %v, want %v", test.status, test.header, got, test.want)
			}
		})
	}
}

func TestWaitsAreCapped(t *testing.T) {
	for _, wait := range []string{"86400", "2147483648", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		limited := refuse(429, "rate_limit_exceeded", "no")
		limited.header = map[string]string{"Retry-After": wait}
		c, _ := newFake(t, Config{}, always(limited))
		if e := asError(t, get(background, c)); e.RetryAfter != maxRetryAfter {
			t.Errorf("%s: retry after %v", wait, e.RetryAfter)
		}
	}
}

func TestBackoffIsBounded(t *testing.T) {
	for n, most := range []time.Duration{250, 500, 1000, 2000, 4000, 8000, 8000} {
		for range 200 {
			if got := backoff(n); got < 0 || got > most*time.Millisecond {
				t.Fatalf("backoff(%d) = %v", n, got)
			}
		}
	}
}

func TestRetriesAreATenthOfRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := newFake(t, Config{}, func(n int, _ *http.Request) reply {
			// Every answer after a success fails, so that the breaker
			// stays closed.
			if n%3 == 0 {
				return refuse(503, "service_unavailable", "no")
			}
			return ok(contactBody)
		})
		const calls = 300
		failed := 0
		for range calls {
			if _, err := c.Contacts.Get(background, "i1"); err != nil {
				failed++
			}
			time.Sleep(time.Second)
		}
		retried := len(f.sent()) - calls
		if most := calls/10 + retryBurst; retried > most || failed == 0 {
			t.Errorf("%d retries of %d calls, want at most %d; %d failed", retried, calls, most, failed)
		}
	})
}

func TestRetriesAreNotSavedUp(t *testing.T) {
	q := newRetryQuota()
	for range 1000 {
		q.earn()
	}
	n := 0
	for q.spend() {
		n++
	}
	if n != retryBurst {
		t.Errorf("%d retries at once, want %d", n, retryBurst)
	}
}

func TestConnectionsThatNeverWere(t *testing.T) {
	tests := map[error]bool{
		&net.DNSError{Err: "no such host"}:                  true,
		&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}: true,
		&net.OpError{Op: "read", Err: syscall.ECONNRESET}:   false,
		io.ErrUnexpectedEOF:                                 false,
	}
	for err, want := range tests {
		if got := neverConnected(fmt.Errorf("wrapped: %w", err)); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}

func TestCancelledInFlight(t *testing.T) {
	tests := []struct {
		name string
		call func(context.Context, *Client) error
		want Kind
	}{
		{"read", func(ctx context.Context, c *Client) error { return result(c.Contacts.Get(ctx, "i1")) }, KindUnavailable},
		{"write", func(ctx context.Context, c *Client) error { return result(c.Contacts.AddTag(ctx, "i1", "i2")) },
			KindOutcomeUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, f := newFake(t, Config{}, always(reply{after: time.Minute}))
				ctx, cancel := context.WithCancel(background)
				defer time.AfterFunc(time.Second, cancel).Stop()
				err := test.call(ctx, c)
				if e := asError(t, err); e.Kind() != test.want || !e.Sent || len(f.sent()) != 1 ||
					!errors.Is(err, context.Canceled) {
					t.Errorf("got %v, kind %s, %d requests", err, e.Kind(), len(f.sent()))
				}
			})
		})
	}
}

func TestInteractiveCallsEnd(t *testing.T) {
	for priority, want := range map[Priority]time.Duration{PriorityInteractive: callTimeout, PriorityBulk: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			c, _ := newFake(t, Config{}, func(_ int, r *http.Request) reply {
				<-r.Context().Done()
				return reset
			})
			ctx, cancel := context.WithTimeout(background, time.Hour)
			defer cancel()
			start := time.Now()
			if err := result(c.WithPriority(priority).Contacts.Get(ctx, "i1")); err == nil || time.Since(start) > want {
				t.Errorf("priority %d: %v after %v, want %v at most", priority, err, time.Since(start), want)
			}
		})
	}
}

// gaps are the times between requests.
func gaps(requests []sent) []time.Duration {
	var between []time.Duration
	for i := 1; i < len(requests); i++ {
		between = append(between, requests[i].At.Sub(requests[i-1].At))
	}
	return between
}

// rateHeader is what Intercom says about a window.
func rateHeader(limit, remaining int, reset int64) map[string]string {
	return map[string]string{
		"X-RateLimit-Limit":     strconv.Itoa(limit),
		"X-RateLimit-Remaining": strconv.Itoa(remaining),
		"X-RateLimit-Reset":     strconv.FormatInt(reset, 10),
	}
}
