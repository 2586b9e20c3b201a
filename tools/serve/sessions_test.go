package serve

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"intercom-mcp/tools"
)

const hello = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`

// offline is an HTTP server without a network, for tests in which time passes.
type offline struct {
	*httpServer
	t *testing.T
}

func newOffline(t *testing.T, o HTTPOptions) offline {
	t.Helper()
	s, err := newHTTPServer(o, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	return offline{s, t}
}

// send serves one request and returns its response.
func (o offline) send(ctx context.Context, method, session, line string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, "http://localhost/mcp", strings.NewReader(line))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Mcp-Session-Id", session)
	w := httptest.NewRecorder()
	o.routes().ServeHTTP(w, r)
	return w
}

// open opens a session.
func (o offline) open() string {
	o.t.Helper()
	id := o.send(o.t.Context(), "POST", "", hello).Header().Get("Mcp-Session-Id")
	if id == "" {
		o.t.Fatal("no session")
	}
	return id
}

// alive asks in the session, which so has a recent request if it is there.
func (o offline) alive(session string) bool {
	return o.send(o.t.Context(), "POST", session, `{"jsonrpc":"2.0","id":"alive","method":"ping"}`).Code == http.StatusOK
}

// ended reports whether a request in the session gets 404, and nothing of it
// is left, here or in mcp-go.
func (o offline) ended(session string) bool {
	code := o.send(o.t.Context(), "POST", session, `{"jsonrpc":"2.0","id":"alive","method":"ping"}`).Code
	return code == http.StatusNotFound && len(o.sessions.byID) == 0 && o.core.mcp.SendNotificationToSpecificClient(session,
		"notifications/message", nil) != nil
}

func TestIdleSessionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{})})
		defer o.stop(context.Background())
		session := o.open()
		for range 5 {
			time.Sleep(sessionIdle - time.Second)
			if !o.alive(session) {
				t.Fatal("the session ended in spite of a recent request")
			}
		}
		if o.core.mcp.SendNotificationToSpecificClient(session, "notifications/message", nil) != nil {
			t.Error("mcp-go does not know the session")
		}
		time.Sleep(sessionIdle)
		synctest.Wait()
		if !o.ended(session) {
			t.Error("the idle session has not ended, or not all of it")
		}
	})
}

// What is under way in a session holds it, however long the client says
// nothing: an elicitation to the user may stay open for a day.
func TestSessionsInUseDoNotEnd(t *testing.T) {
	for name, use := range map[string]struct{ method, line string }{
		"a call": {"POST",
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`},
		"a listen stream": {"GET", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				settings := options(t, scripted{"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
					<-ctx.Done()
					return reply(`{}`)
				}})
				o := newOffline(t, HTTPOptions{Options: settings})
				server.WithDisableStreaming(false)(o.inner) // else there are no listen streams of a session
				defer o.stop(context.Background())
				session := o.open()
				ctx, release := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					o.send(ctx, use.method, session, use.line)
				}()
				time.Sleep(4 * sessionIdle)
				if !o.alive(session) {
					t.Error("the session ended while it was in use")
				}
				time.Sleep(4 * sessionIdle)
				release()
				<-done
				time.Sleep(sessionIdle - time.Second)
				if !o.alive(session) {
					t.Error("the session ended soon after its last use")
				}
				time.Sleep(sessionIdle)
				synctest.Wait()
				if !o.ended(session) {
					t.Error("the session has not ended, or not all of it")
				}
			})
		})
	}
}

// A request of a session-based revision is cancelled by its own session alone, though
// others of the same principal count their requests alike.
func TestCancellationStaysInItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{
			"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
				select {
				case <-ctx.Done():
				case <-time.After(time.Minute):
				}
				return reply(`{"cancelled":%t}`, ctx.Err() != nil)
			},
		})})
		defer o.stop(context.Background())
		const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`
		const cancelled = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
		mine, other := o.open(), o.open()
		for from, want := range map[string]time.Duration{other: time.Minute, mine: time.Second} {
			began := time.Now()
			answer := make(chan string, 1)
			go func() { answer <- o.send(t.Context(), "POST", mine, call).Body.String() }()
			time.Sleep(time.Second)
			if code := o.send(t.Context(), "POST", from, cancelled).Code; code != http.StatusAccepted {
				t.Errorf("the cancellation is answered %d", code)
			}
			text := <-answer
			if took := time.Since(began); took != want || strings.Contains(text, `"cancelled":false`) != (from == other) {
				t.Errorf("cancelled by another session %t: answered %s after %v", from == other, text, took)
			}
		}
	})
}

// However many are opened at once, a principal has so many sessions and no more,
// and mcp-go knows no others.
func TestSessionsOpenedAtOnceAreCapped(t *testing.T) {
	o := newOffline(t, HTTPOptions{Options: options(t, scripted{})})
	defer o.stop(context.Background())
	ids := make(chan string, 4*maxSessionsEach)
	var opening sync.WaitGroup
	for range cap(ids) {
		opening.Go(func() { ids <- o.open() })
	}
	opening.Wait()
	close(ids)
	live := 0
	for id := range ids {
		known := o.core.mcp.SendNotificationToSpecificClient(id, "notifications/message", nil) == nil
		if alive := o.alive(id); alive {
			live++
		} else if known {
			t.Error("mcp-go knows a session that has ended")
		}
	}
	if live != maxSessionsEach {
		t.Errorf("%d sessions live", live)
	}
}

// A handshake that fails, or asks for no response, leaves no session behind and
// ends none.
func TestFailedHandshakesOpenNothing(t *testing.T) {
	o := newOffline(t, HTTPOptions{Options: options(t, scripted{})})
	defer o.stop(context.Background())
	first := o.open()
	for _, line := range []string{
		strings.Replace(hello, `"2025-11-25"`, `5`, 1),
		strings.Replace(hello, `"capabilities":{}`, `"capabilities":[]`, 1),
		strings.Replace(hello, `"id":0,`, ``, 1),
	} {
		for range maxSessionsEach + 1 {
			if id := o.send(t.Context(), "POST", "", line).Header().Get("Mcp-Session-Id"); id != "" {
				t.Fatalf("%s opens a session", line)
			}
		}
	}
	if !o.alive(first) {
		t.Error("the first session has ended")
	}
	if n := len(o.sessions.byID); n != 1 {
		t.Errorf("there are %d sessions", n)
	}
}
