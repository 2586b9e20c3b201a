package intercom

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestNewChecksItsConfig(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		host   string // "" if refused
	}{
		{"US by default", Config{Token: "t"}, "https://api.intercom.io"},
		{"EU", Config{Token: "t", Region: RegionEU}, "https://api.eu.intercom.io"},
		{"AU in capitals", Config{Token: "t", Region: "AU"}, "https://api.au.intercom.io"},
		{"unknown region", Config{Token: "t", Region: "mars"}, ""},
		{"base URL wins", Config{Token: "t", Region: RegionEU, BaseURL: "https://proxy.example/intercom/"},
			"https://proxy.example/intercom"},
		{"plain HTTP at home", Config{Token: "t", BaseURL: "http://127.0.0.1:8090"}, "http://127.0.0.1:8090"},
		{"plain HTTP at home by name", Config{Token: "t", BaseURL: "http://localhost:8090"}, "http://localhost:8090"},
		{"plain HTTP at home, IPv6", Config{Token: "t", BaseURL: "http://[::1]:8090"}, "http://[::1]:8090"},
		{"plain HTTP elsewhere", Config{Token: "t", BaseURL: "http://api.intercom.io"}, ""},
		{"plain HTTP to a look-alike", Config{Token: "t", BaseURL: "http://localhost.evil.example"}, ""},
		{"another scheme", Config{Token: "t", BaseURL: "ftp://127.0.0.1"}, ""},
		{"no URL", Config{Token: "t", BaseURL: "api.intercom.io"}, ""},
		{"user in the URL", Config{Token: "t", BaseURL: "https://u:p@api.intercom.io"}, ""},
		{"query in the URL", Config{Token: "t", BaseURL: "https://api.intercom.io/?a=b"}, ""},
		{"no token", Config{}, ""},
		{"token with a line break", Config{Token: "t\r\nX: y"}, ""},
		{"version", Config{Token: "t", Version: "2.10"}, "https://api.intercom.io"},
		{"no version", Config{Token: "t", Version: "latest"}, ""},
		{"half a version", Config{Token: "t", Version: "2."}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := New(test.config)
			if (err == nil) != (test.host != "") {
				t.Fatalf("got error %v", err)
			}
			if err != nil {
				if test.config.Token != "" && len(test.config.Token) > 1 && strings.Contains(err.Error(), test.config.Token) {
					t.Errorf("the error tells the token: %v", err)
				}
				return
			}
			if got := c.conn.base.String(); got != test.host {
				t.Errorf("base is %s, want %s", got, test.host)
			}
		})
	}
}

// newServer starts an Intercom on a port, and a client with its own transport.
func newServer(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	c, err := New(Config{Token: "secret-token", BaseURL: server.URL + "/base"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestOverARealConnection(t *testing.T) {
	c := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/contacts/i1" || r.Header.Get("Authorization") != "Bearer secret-token" {
			t.Errorf("%s with %v", r.URL, r.Header)
		}
		w.Write([]byte(contactBody))
	})
	if contact, err := c.Contacts.Get(background, "i1"); err != nil || contact.ID != "i1" {
		t.Errorf("got %+v, %v", contact, err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	c := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/contacts/i1", http.StatusTemporaryRedirect)
	})
	if e := asError(t, result(c.Contacts.Get(background, "i1"))); e.Status != http.StatusTemporaryRedirect ||
		!strings.Contains(e.Message, "redirect") || elsewhere.Load() > 0 {
		t.Errorf("got %v, and %d requests elsewhere", e, elsewhere.Load())
	}
}

func TestBrokenConnectionsAreKnownToHaveSent(t *testing.T) {
	var requests atomic.Int32
	c := newServer(t, func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
		panic(http.ErrAbortHandler)
	})
	e := asError(t, result(c.Notes.AddToContact(background, "i1", NoteWrite{Body: "b"})))
	if e.Kind() != KindOutcomeUnknown || !e.Sent || requests.Load() != 1 {
		t.Errorf("got %v, sent %t, after %d requests", e, e.Sent, requests.Load())
	}
}

func TestNoConnectionIsKnownNotToHaveSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c, err := New(Config{Token: "t", BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	e := asError(t, result(c.Notes.AddToContact(background, "i1", NoteWrite{Body: "b"})))
	if e.Kind() != KindUnavailable || e.Sent {
		t.Errorf("got %v, sent %t", e, e.Sent)
	}
}

func TestErrorBodiesAreCapped(t *testing.T) {
	c := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		w.Write([]byte(`{"errors":[{"code":"x","message":"` + strings.Repeat("m", 1<<20) + `"}]}`))
	})
	e := asError(t, result(c.Contacts.Get(background, "i1")))
	if e.Status != http.StatusUnprocessableEntity || e.Kind() != KindInvalid || e.Code != "" {
		t.Errorf("got status %d, kind %s, and code %q from beyond the cap", e.Status, e.Kind(), e.Code)
	}
}

func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []Exchange
		gone := refuse(404, "not_found", "User Not Found")
		gone.header = map[string]string{"X-Request-Id": "header-id"}
		answers := script(reset, gone, reply{status: 200, body: jobBody,
			header: map[string]string{"X-Request-Id": "header-id"}})
		c, _ := newFake(t, Config{Observe: func(_ context.Context, x Exchange) { seen = append(seen, x) }}, answers)
		err := result(c.Contacts.FindByExternalID(background, "joe@acme.com"))
		if err := result(c.WithPriority(PriorityBulk).Bulk.Job(background, "i1")); KindOf(err) != "" {
			t.Error(err)
		}
		want := []Exchange{
			{Status: 0, Attempt: 1},
			{Status: 404, Attempt: 2, RequestID: "req-1"},
		}
		for i := range want {
			want[i].Method, want[i].Version = "GET", "2.16"
			want[i].Route = "/contacts/find_by_external_id/{external_id}"
			want[i].Path = want[i].Route // the external id is free text, and personal here
		}
		want = append(want, Exchange{
			Method: "GET", Route: "/contacts/bulk/{job_id}", Path: "/contacts/bulk/i1", Version: "Preview",
			Status: 200, RequestID: "header-id", Attempt: 1, Priority: PriorityBulk,
		})
		if diff := cmp.Diff(want, seen, cmpopts.IgnoreFields(Exchange{}, "Duration", "Err")); diff != "" {
			t.Errorf("exchanges (-want +got):\n%s", diff)
		}
		failed := slices.Collect(func(yield func(bool) bool) {
			for _, x := range seen {
				yield(x.Err != nil)
			}
		})
		if !slices.Equal(failed, []bool{true, true, false}) {
			t.Errorf("errors told: %v", failed)
		}
		if strings.Contains(err.Error(), "joe") {
			t.Errorf("the error tells the external id: %v", err)
		}
	})
}

func TestWithPrioritySharesTheBudget(t *testing.T) {
	re := ok(contactBody)
	re.header = rateHeader(500, 400, time.Now().Unix()+5)
	c, _ := newFake(t, Config{}, always(re))
	if err := get(background, c.WithPriority(PriorityBulk)); err != nil {
		t.Fatal(err)
	}
	if state := c.Budget(); state.Limit != 500 || state.Remaining != 400 {
		t.Errorf("got %+v", state)
	}
}
