package serve

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools"
)

// waitingCall is a call of a session-based revision, by id as sent.
func waitingCall(id string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`
}

func cancellation(id string) string {
	return `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`
}

// patient is a caller that answers after a minute, or when its call is cancelled.
func patient() scripted {
	return scripted{"list_tags": func(ctx context.Context, _ tools.Call) (tools.Result, error) {
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
		}
		return reply(`{"cancelled":%t}`, ctx.Err() != nil)
	}}
}

// A cancellation names its request by the very same JSON: a number is no string
// of its digits.
func TestCancellationsHitTheIDTheyName(t *testing.T) {
	for _, test := range []struct{ running, named string }{
		{`3`, `"3"`}, {`"3"`, `3`}, {`1`, `1.0`}, {`1`, `1e0`}, {`"[1]"`, `[1]`}, {`"<nil>"`, `null`}, {`"true"`, `true`},
		{`"map[]"`, `{}`}, {`""`, `null`},
	} {
		t.Run(test.running+" by "+test.named, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffline(t, HTTPOptions{Options: options(t, patient())})
				defer o.stop(context.Background())
				session := o.open()
				answer := make(chan string, 1)
				go func() { answer <- o.send(t.Context(), "POST", session, waitingCall(test.running)).Body.String() }()
				synctest.Wait()
				o.send(t.Context(), "POST", session, cancellation(test.named))
				if text := <-answer; !strings.Contains(text, `"cancelled":false`) {
					t.Errorf("answered %s", text)
				}
			})
		})
	}
}

// Two requests whose ids differ in type alone are two requests, each cancelled by
// its own id, and answered so.
func TestCancelledCallsSayThatTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, patient())})
		defer o.stop(context.Background())
		session := o.open()
		answers := map[string]chan string{`3`: make(chan string, 1), `"3"`: make(chan string, 1)}
		for id, answer := range answers {
			go func() { answer <- o.send(t.Context(), "POST", session, waitingCall(id)).Body.String() }()
			synctest.Wait()
		}
		o.send(t.Context(), "POST", session, cancellation(`3`))
		if text, want := <-answers[`3`],
			`{"jsonrpc":"2.0","id":3,"error":{"code":-32603,"message":"the request was cancelled"}}`; text != want {
			t.Errorf("the cancelled call was answered %s, want %s", text, want)
		}
		if text := <-answers[`"3"`]; !strings.Contains(text, `"cancelled":false`) {
			t.Errorf("the other call was answered %s", text)
		}
	})
}

// A call that is cancelled while its elicitation is open ends alike.
func TestCancelledElicitationsSayThatTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes := &asking{ttl: time.Hour}
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})})
		defer o.stop(context.Background())
		ann := o.asker("ann")
		_, answered := ann.askAs("it")
		began := time.Now()
		ann.post(httptest.NewRecorder(), cancellation(`"it"`))
		if text := <-answered; strings.Count(text, "the request was cancelled") != 1 ||
			strings.Contains(text, "round-trip") || time.Since(began) > 0 {
			t.Errorf("answered %s after %v", text, time.Since(began))
		}
		if len(changes.answers) > 0 {
			t.Errorf("heard %v", changes.answers)
		}
	})
}

// An id has one request at a time in a session, and is free again after it.
func TestIDsAreUsedOnceAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, patient())})
		defer o.stop(context.Background())
		session, other := o.open(), o.open()
		for round := range 2 {
			answer := make(chan string, 1)
			go func() { answer <- o.send(t.Context(), "POST", session, waitingCall(`1`)).Body.String() }()
			synctest.Wait()
			w := o.send(t.Context(), "POST", session, `{"jsonrpc":"2.0","id":1,"method":"ping"}`)
			if text := w.Body.String(); w.Code != 400 ||
				!strings.Contains(text, `"id":1,"error":{"code":-32600,"message":"a request with this id is still running"`) {
				t.Errorf("%d: a second request is answered %d %s", round, w.Code, text)
			}
			if text := o.send(t.Context(), "POST", other,
				`{"jsonrpc":"2.0","id":1,"method":"ping"}`).Body.String(); !strings.Contains(text, "result") {
				t.Errorf("%d: another session's request is answered %s", round, text)
			}
			o.send(t.Context(), "POST", session, cancellation(`1`))
			if text := <-answer; !strings.Contains(text, "was cancelled") {
				t.Errorf("%d: the first request is answered %s", round, text)
			}
		}
	})
}

// Ids may be used again as soon as the response is there, also where it comes
// last on a stream.
func TestIDsAreFreeWithTheResponse(t *testing.T) {
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(2)})})
	p := s.peer("")
	p.post(hello)
	p.next()
	for i := range 200 {
		p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{},"_meta":{"progressToken":%d}}}`, i))
		for range 2 {
			p.next()
		}
		if raw := p.next(); !strings.Contains(string(raw), `"result"`) {
			t.Fatalf("call %d is answered %s", i, raw)
		}
	}
}
