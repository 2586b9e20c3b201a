package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestFaultSchedule holds which of the matching requests a fault strikes.
func TestFaultSchedule(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		want  string // of ten requests: x is struck
	}{
		"each":       {Fault{}, "xxxxxxxxxx"},
		"third":      {Fault{Every: 3}, "..x..x..x."},
		"after":      {Fault{After: 4}, "....xxxxxx"},
		"twice":      {Fault{Times: 2}, "xx........"},
		"all":        {Fault{After: 1, Every: 2, Times: 3}, "..x.x.x..."},
		"other path": {Fault{Path: "/tags/*"}, ".........."},
		"method":     {Fault{Method: "POST"}, ".........."},
		"path":       {Fault{Path: "/con*", Method: "GET"}, "xxxxxxxxxx"},
	} {
		c := newCaller(t, Options{Contacts: 1})
		test.fault.Status = http.StatusServiceUnavailable
		remove := c.AddFault(test.fault)
		got := ""
		for range 10 {
			if c.do("GET", "/contacts", "").status == http.StatusOK {
				got += "."
			} else {
				got += "x"
			}
		}
		if got != test.want {
			t.Errorf("%s: struck %s, want %s", name, got, test.want)
		}
		remove()
		c.ok("GET", "/contacts", "")
	}
}

// TestFaultAnswers holds what struck requests are answered with.
func TestFaultAnswers(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1, RateLimit: 50})
	c.AddFault(Fault{Times: 1, Status: 500})
	c.refused("GET", "/tags", "", 500, "server_error", "Internal Server Error")
	c.AddFault(Fault{Times: 1, Status: 422, Code: "odd", Message: "Odd"})
	c.refused("GET", "/tags", "", 422, "odd", "Odd")
	c.AddFault(Fault{Times: 1, Status: 502})
	if a := c.do("GET", "/tags", ""); a.status != 502 || a.header.Get("Content-Type") != "text/html" {
		t.Errorf("a gateway's error: %d %v", a.status, a.header)
	}
	c.AddFault(Fault{Times: 1, RateLimited: true})
	a := c.do("GET", "/tags", "")
	if a.status != 429 || a.text("errors.0.message") != "Exceeded rate limit of 50 in 10_seconds" ||
		a.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("rate limited: %d %s %v", a.status, a.body, a.header)
	}
	if got := c.RateLimited(); got != 0 {
		t.Errorf("a fault's 429 counts as the window's: %d", got)
	}
}

// TestBrokenConnections holds on which side of the effect a connection breaks.
func TestBrokenConnections(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1})
	name := func() string { return c.Contacts()[0].Name }
	write := func(to string) (*http.Response, error) {
		return c.RoundTrip(c.request("PUT", "/contacts/"+c.Contacts()[0].ID, `{"name":"`+to+`"}`))
	}
	c.AddFault(Fault{Times: 1, Reset: true})
	if _, err := write("reset"); !errors.Is(err, syscall.ECONNRESET) || name() == "reset" {
		t.Errorf("reset before: %v, name %q", err, name())
	}
	c.AddFault(Fault{Times: 1, ResetAfter: true})
	if _, err := write("after"); !errors.Is(err, syscall.ECONNRESET) || name() != "after" {
		t.Errorf("reset after: %v, name %q", err, name())
	}
	c.AddFault(Fault{Times: 1, Truncate: true})
	response, err := write("cut")
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(response.Body); !errors.Is(err, io.ErrUnexpectedEOF) || len(data) == 0 || name() != "cut" {
		t.Errorf("truncated: %d bytes, %v, name %q", len(data), err, name())
	}
	var statuses []int
	for _, call := range c.Calls() {
		statuses = append(statuses, call.Status)
	}
	if !slices.Equal(statuses, []int{0, 200, 200}) {
		t.Errorf("recorded %v", statuses)
	}
}

// TestWaiting holds that latency and hanging obey the request's context.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &caller{New(Options{Contacts: 1, Latency: time.Second}), t, ""}
		c.AddFault(Fault{Path: "/tags", Latency: 2 * time.Second})
		c.AddFault(Fault{Path: "/me", Hang: true})
		start := time.Now()
		c.ok("GET", "/tags", "")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v, want 3s", took)
		}
		for _, path := range []string{"/me", "/tags"} {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			if _, err := c.RoundTrip(c.request("GET", path, "").WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", path, err)
			}
		}
	})
}

// TestCallRecords holds what is remembered of a request.
func TestCallRecords(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1})
	c.in("Preview").do("PUT", "/contacts/bulk", `{"contacts":[]}`)
	c.do("PATCH", "/contacts", "")
	want := []Call{
		{"PUT", "/contacts/bulk", "PUT /contacts/bulk", "Preview", 202, noon},
		{"PATCH", "/contacts", "", "2.16", 404, noon},
	}
	if got := c.Calls(); !slices.Equal(got, want) {
		t.Errorf("recorded %v, want %v", got, want)
	}
	if c.ResetCalls(); len(c.Calls()) != 0 {
		t.Error("calls are not forgotten")
	}
}

// TestRequestBodyIsClosed holds the contract of http.RoundTripper.
func TestRequestBodyIsClosed(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1})
	body := &closeRecorder{Reader: strings.NewReader(`{}`)}
	r := c.request("POST", "/contacts/search", "")
	r.Body = body
	c.send(r)
	if !body.closed {
		t.Error("the body is left open")
	}
}

type closeRecorder struct {
	io.Reader
	closed bool
}

func (c *closeRecorder) Close() error {
	c.closed = true
	return nil
}
