package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestServer talks to the sandbox through a real HTTP server: answers, broken
// connections and a caller who gives up.
func TestServer(t *testing.T) {
	s := New(Options{Contacts: 20})
	server := httptest.NewServer(s)
	defer server.Close()
	client := server.Client()
	defer client.CloseIdleConnections()
	get := func(ctx context.Context, path string) (string, error) {
		r, err := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
		if err != nil {
			return "", err
		}
		r.Header.Set("Authorization", "Bearer token")
		r.Header.Set("Accept", "application/json")
		response, err := client.Do(r)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		data, err := io.ReadAll(response.Body)
		return string(data), err
	}
	body, err := get(t.Context(), "/companies?per_page=1")
	if err != nil || !strings.HasPrefix(body, `{"type":"list"`) {
		t.Fatalf("%v: %s", err, body)
	}
	remove := s.AddFault(Fault{Path: "/tags", Reset: true})
	if body, err := get(t.Context(), "/tags"); err == nil {
		t.Errorf("a broken connection answers %s", body)
	}
	remove()
	remove = s.AddFault(Fault{Path: "/tags", Truncate: true})
	if body, err := get(t.Context(), "/tags"); !errors.Is(err, io.ErrUnexpectedEOF) || body == "" {
		t.Errorf("a truncated body: %v: %s", err, body)
	}
	remove()
	s.AddFault(Fault{Path: "/me", Hang: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if body, err := get(ctx, "/me"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hanging request: %v: %s", err, body)
	}
}

// TestParallel has many callers at once; run it with the race detector.
func TestParallel(t *testing.T) {
	c := newCaller(t, Options{Contacts: 200, SearchLag: time.Millisecond, Now: time.Now})
	ids := c.Contacts()
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 20 {
				id := ids[(worker*20+i)%len(ids)].ID
				for _, r := range []*http.Request{
					c.request("PUT", "/contacts/"+id, fmt.Sprintf(`{"name":"%d-%d"}`, worker, i)),
					c.request("POST", "/contacts/"+id+"/tags", `{"id":"7522901"}`),
					c.request("POST", "/contacts/search", `{"query":{"field":"name","operator":"~","value":"-"}}`),
				} {
					response, err := c.RoundTrip(r)
					if err != nil || response.StatusCode != http.StatusOK {
						t.Errorf("%s %s: %v %v", r.Method, r.URL, response, err)
						return
					}
				}
				c.Snapshot()
				c.Advance(time.Millisecond)
			}
		})
	}
	wg.Wait()
	if got := len(c.Calls()); got != 8*20*3 {
		t.Errorf("%d calls recorded", got)
	}
}

// TestSearchLag holds that list and search see a contact as it was, and that
// reading by id sees it at once.
func TestSearchLag(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, SearchLag: 10 * time.Second})
	named := func(name string) int {
		return len(c.search(`{"field":"name","operator":"=","value":"` + name + `"}`))
	}
	id := c.ok("POST", "/contacts", `{"role":"lead","name":"one"}`).text("id")
	if c.ok("GET", "/contacts/"+id, "").text("name") != "one" || named("one") != 0 ||
		c.ok("GET", "/contacts", "").number("total_count") != 0 {
		t.Error("a new contact is seen by search")
	}
	c.Advance(4 * time.Second)
	c.ok("PUT", "/contacts/"+id, `{"name":"two"}`)
	c.Advance(7 * time.Second)
	if named("one") != 1 || named("two") != 0 {
		t.Errorf("after 11s: one %d, two %d", named("one"), named("two"))
	}
	c.Advance(4 * time.Second)
	if named("one") != 0 || named("two") != 1 {
		t.Errorf("after 15s: one %d, two %d", named("one"), named("two"))
	}
	c.ok("POST", "/contacts/"+id+"/archive", "")
	if named("two") != 1 {
		t.Error("search sees the archiving at once")
	}
	c.Advance(10 * time.Second)
	if named("two") != 0 {
		t.Error("search never sees the archiving")
	}
}
