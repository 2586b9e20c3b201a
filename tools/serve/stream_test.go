package serve

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools"
)

// A call that takes long shows a sign of life every 15 seconds, in either kind of revision, where its client takes an
// event stream; the answer is whole. A question is such a call.
func TestWaitingResponsesShowSignsOfLife(t *testing.T) {
	lasting := scripted{"list_tags": func(context.Context, tools.Call) (tools.Result, error) {
		time.Sleep(70 * time.Second)
		return reply(`{"slept":true}`)
	}, "tag_contacts": (&asking{ttl: 70 * time.Second}).call}
	for name, test := range map[string]struct {
		line   string
		plain  bool
		beats  int
		answer string
	}{
		"session-based": {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`,
			false, 4, `"slept":true`},
		"sessionless": {modernCall, false, 4, `"slept":true`},
		"no stream":   {modernCall, true, 0, `"slept":true`},
		"a question":  {askingCall, false, 4, `"status":"cancel"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffline(t, HTTPOptions{Options: options(t, lasting)})
				defer o.stop(context.Background())
				r := httptest.NewRequestWithContext(t.Context(), "POST", "http://localhost/mcp", strings.NewReader(test.line))
				if test.line == modernCall {
					r.Header = modernHeaders()
				}
				r.Header.Set("Mcp-Session-Id", o.send(t.Context(), "POST", "", askingHello).Header().Get("Mcp-Session-Id"))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Accept", "application/json, text/event-stream")
				if test.plain {
					r.Header.Set("Accept", "application/json")
				}
				w := httptest.NewRecorder()
				o.routes().ServeHTTP(w, r)
				body := w.Body.String()
				if beats := strings.Count(body, ": still waiting\n\n"); beats != test.beats ||
					!strings.Contains(body, test.answer) {
					t.Errorf("%d signs of life, want %d, in %s", beats, test.beats, body)
				}
				after := len(body)
				time.Sleep(time.Minute)
				if w.Body.Len() != after {
					t.Error("something was written after the response")
				}
			})
		})
	}
}
