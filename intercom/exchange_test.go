package intercom

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// rawServer answers every request with the bytes that it is given, and keeps the connection open until the test ends.
func rawServer(t *testing.T, answer func(io.Writer)) *Client {
	t.Helper()
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			answer(conn)
			<-over
		}()
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	c, err := New(Config{Token: "token", BaseURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// forever writes a line again and again until nobody takes it.
func forever(begin, line string) func(io.Writer) {
	return func(w io.Writer) {
		if _, err := io.WriteString(w, begin); err != nil {
			return
		}
		for {
			if _, err := io.WriteString(w, line); err != nil {
				return
			}
			time.Sleep(time.Millisecond)
		}
	}
}

// No answer outlives the deadline of its call, whatever it is.
func TestAnswersObeyTheDeadline(t *testing.T) {
	t.Parallel()
	once := func(answer string) func(io.Writer) {
		return func(w io.Writer) { _, _ = io.WriteString(w, answer) }
	}
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-More\r\n\r\n2\r\n{}\r\n0\r\n"
	for name, answer := range map[string]func(io.Writer){
		"upgrade":          once("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
		"upgrade, no name": once("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
		"1xx for ever":     forever("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
		"no trailer":       once(chunked),
		"trailers":         forever(chunked, "X-More: 1\r\n"),
		"header for ever":  forever("HTTP/1.1 200 OK\r\n", "X-More: 1\r\n"),
		"body for ever":    forever("HTTP/1.1 200 OK\r\n\r\n", " "),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := rawServer(t, answer)
			for method, call := range map[string]func(context.Context) error{
				"read":  func(ctx context.Context) error { return result(c.Contacts.Get(ctx, "c1")) },
				"write": func(ctx context.Context) error { return c.Contacts.Archive(ctx, "c1") },
			} {
				ctx, cancel := context.WithTimeout(background, 500*time.Millisecond)
				ended := make(chan error, 1)
				go func() { ended <- call(ctx) }()
				select {
				case err := <-ended:
					if kind := KindOf(err); kind != KindUnavailable && kind != KindOutcomeUnknown {
						t.Errorf("%s: %v", method, err)
					}
				case <-time.After(5 * time.Second):
					t.Errorf("%s goes on after its deadline", method)
				}
				cancel()
			}
		})
	}
}

// An upgrade that nobody asked for is told at once as what it is.
func TestUpgrade(t *testing.T) {
	c := rawServer(t, func(w io.Writer) {
		_, _ = io.WriteString(w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	})
	e := asError(t, c.Contacts.Archive(background, "c1"))
	if e.Kind() != KindOutcomeUnknown || e.Status != 101 || !strings.Contains(e.Message, "protocol") {
		t.Errorf("got %v of kind %s", e, e.Kind())
	}
}
