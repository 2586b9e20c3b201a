package serve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/tools/serve/internal/auth"
	"intercom-mcp/tools/serve/internal/jsonrpc"
)

// trickle is a body that stays unfinished until it is let go.
type trickle struct {
	begin io.Reader
	gone  chan struct{}
}

func (b trickle) Read(p []byte) (int, error) {
	if n, err := b.begin.Read(p); err == nil {
		return n, nil
	}
	<-b.gone
	return 0, io.ErrUnexpectedEOF
}

// Only so many long bodies are read at a time, and fewer of one principal, so
// that the others still have theirs read. Short ones are read whatever happens.
func TestLongBodiesAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
		post := func(name string, body io.Reader) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost/mcp", body)
			r.Header = modernHeaders()
			w := httptest.NewRecorder()
			o.guard.post(w, r, auth.Principal{Name: name, Mode: auth.Local.Mode})
			return w
		}
		long := strings.Replace(modernCall, `"arguments":{}`, `"arguments":{"x":"`+strings.Repeat("x", freeBody)+`"}`, 1)
		gone := make(chan struct{})
		for range maxLongBodiesEach {
			go post("ann", trickle{strings.NewReader(long[:freeBody+1]), gone})
		}
		for range maxLongBodies {
			go post("cid", trickle{strings.NewReader(long[:freeBody]), gone}) // not long yet
		}
		synctest.Wait()
		if w := post("ann", strings.NewReader(long)); w.Code != http.StatusServiceUnavailable ||
			w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "-32603") {
			t.Errorf("a long body beyond the cap: %d %s", w.Code, w.Body)
		}
		if w := post("ann", strings.NewReader(modernCall)); w.Code != http.StatusOK {
			t.Errorf("a short body beyond the cap: %d %s", w.Code, w.Body)
		}
		if w := post("bob", strings.NewReader(long)); w.Code != http.StatusOK {
			t.Errorf("another principal's long body: %d %s", w.Code, w.Body)
		}
		close(gone)
		synctest.Wait()
		if w := post("ann", strings.NewReader(long)); w.Code != http.StatusOK {
			t.Errorf("a long body once the others have ended: %d %s", w.Code, w.Body)
		}
	})
}

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (b unread) Read([]byte) (int, error) {
	b.t.Error("the body is read")
	return 0, io.EOF
}

// A body that says itself that it is too long is refused unread; the longest that may be is taken.
func TestDeclaredLengths(t *testing.T) {
	o := newOffline(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0)})})
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost/mcp", unread{t})
	r.Header, r.ContentLength = modernHeaders(), jsonrpc.MaxMessage+1
	w := httptest.NewRecorder()
	o.guard.post(w, r, auth.Local)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
	longest := modernCall + strings.Repeat(" ", jsonrpc.MaxMessage-len(modernCall))
	r = httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost/mcp", strings.NewReader(longest))
	r.Header = modernHeaders()
	body, refused := o.guard.read(httptest.NewRecorder(), r, auth.Local)
	if refused != nil || len(body) != jsonrpc.MaxMessage {
		t.Errorf("%d bytes are read, %v", len(body), refused)
	}
}
