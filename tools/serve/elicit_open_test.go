package serve

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/serve/internal/auth"
)

// However many elicitations are open, calls and pings are answered: none of them
// holds a worker.
func TestOpenElicitationsHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const open = stdioWorkers + 6
		changes := &asking{ttl: time.Hour}
		p := connect(t, options(t, scripted{"tag_contacts": changes.call, "list_tags": ticking(0)}))
		p.send("%s", askingHello)
		p.receive()
		elicitations := make(map[string]bool)
		for i := range open {
			p.send("%s", strings.Replace(askingCall, `"id":1`, fmt.Sprintf(`"id":"q%d"`, i), 1))
			w := p.receive()
			if w.Method != "elicitation/create" {
				t.Fatalf("the client was sent %+v in place of an elicitation", w)
			}
			elicitations[string(w.ID)] = true
		}
		for i := range open {
			p.send(`{"jsonrpc":"2.0","id":"c%d","method":"tools/call","params":{"name":"list_tags","arguments":{}}}`, i)
			if w := p.receive(); string(w.ID) != fmt.Sprintf(`"c%d"`, i) || w.Result["structuredContent"] == nil {
				t.Fatalf("call %d was answered %+v", i, w)
			}
		}
		p.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
		if w := p.receive(); string(w.ID) != `"ping"` {
			t.Errorf("the ping was answered %+v", w)
		}
		for id := range elicitations {
			p.send(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{"confirm":true}}}`, id)
			if w := p.receive(); !strings.Contains(w.text(), `"status":"accept"`) {
				t.Errorf("the elicitation was answered, its call %+v", w)
			}
		}
		if len(elicitations) != open || len(changes.answers) != open {
			t.Errorf("%d elicitations, %d answers", len(elicitations), len(changes.answers))
		}
	})
}

// A ping does not wait for calls that hold all workers either.
func TestPingsWaitForNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{}, stdioWorkers+1)
		p := connect(t, options(t, scripted{"search_contacts": waiting(started)}))
		for i := range stdioWorkers + 1 {
			p.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`, i)
		}
		synctest.Wait()
		if len(started) != stdioWorkers {
			t.Errorf("%d calls have begun", len(started))
		}
		p.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
		if w := p.receive(); string(w.ID) != `"ping"` {
			t.Errorf("the ping was answered %+v", w)
		}
		for i := range stdioWorkers + 1 {
			p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":%d}}`, i)
		}
	})
}

// asker is a principal with a session over HTTP.
type asker struct {
	offline
	who     auth.Principal
	session string
}

func (o offline) asker(name string) asker {
	a := asker{o, auth.Principal{Name: name, Mode: auth.Local.Mode}, ""}
	a.session = a.post(httptest.NewRecorder(), askingHello).Header().Get("Mcp-Session-Id")
	return a
}

// post sends a message past the check of tokens.
func (a asker) post(w *httptest.ResponseRecorder, line string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(a.t.Context(), "POST", "http://localhost/mcp", strings.NewReader(line))
	r.Header = http.Header{"Content-Type": {"application/json"}, "Mcp-Session-Id": {a.session}}
	if strings.Contains(line, askingMeta) {
		r.Header = modernHeaders()
		r.Header.Set("Mcp-Name", "tag_contacts")
	}
	a.guard.post(w, r, a.who)
	return w
}

// ask makes a call that asks, with an id of its own.
func (a asker) ask() (elicitation string, answer <-chan string) { return a.askAs(rand.Text()) }

// askAs makes a call that asks, and returns once the elicitation is open or refused:
// the id of the elicitation, or "", and where the call is answered.
func (a asker) askAs(id string) (elicitation string, answer <-chan string) {
	call := strings.Replace(askingCall, `"id":1`, `"id":"`+id+`"`, 1)
	w, answered := httptest.NewRecorder(), make(chan string, 1)
	go func() { answered <- a.post(w, call).Body.String() }()
	synctest.Wait()
	if found := regexp.MustCompile(`"id":(\d+)`).FindStringSubmatch(w.Body.String()); found != nil &&
		strings.Contains(w.Body.String(), "elicitation/create") {
		elicitation = found[1]
	}
	return elicitation, answered
}

// answer says yes to an elicitation.
func (a asker) answer(elicitation string) {
	a.post(httptest.NewRecorder(),
		`{"jsonrpc":"2.0","id":`+elicitation+`,"result":{"action":"accept","content":{"confirm":true}}}`)
}

// A principal may have so many elicitations open, all together so many more; a call
// beyond that is busy, until one is answered. Elicitations that the client carries
// keep nothing open, and do not count.
func TestElicitationsAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes := &asking{ttl: time.Hour}
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call}), MaxCalls: 3,
			MaxCallsPerPrincipal: 2})
		ann, bob := o.asker("ann"), o.asker("bob")
		first, answered := ann.ask()
		for i, step := range []struct {
			who  asker
			open bool
		}{{ann, true}, {ann, false}, {bob, true}, {bob, false}} {
			elicitation, answer := step.who.ask()
			if (elicitation != "") != step.open {
				t.Errorf("%d: %s has elicitation %q", i, step.who.who.Name, elicitation)
			}
			if !step.open {
				if text := <-answer; !strings.Contains(text, `"code":"busy"`) {
					t.Errorf("%d: beyond the cap the call is answered %s", i, text)
				}
			}
		}
		if text := ann.post(httptest.NewRecorder(), strings.Replace(askingCall, `"a":1}`, `"a":1},`+askingMeta,
			1)).Body.String(); !strings.Contains(text, "input_required") {
			t.Errorf("a sessionless call was answered %s", text)
		}
		ann.answer(first)
		if text := <-answered; !strings.Contains(text, `"status":"accept"`) {
			t.Errorf("the answered call says %s", text)
		}
		if elicitation, _ := bob.ask(); elicitation == "" {
			t.Error("the place of an answered elicitation is not free")
		}
		o.stop(context.Background())
	})
}

// What a sessionless request declares is true of that request alone, in the midst
// of a connection that began with initialize.
func TestDeclarationsStayWithTheirRequest(t *testing.T) {
	for name, start := range transports {
		for _, initialized := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, asked by initialize %t", name, initialized), func(t *testing.T) {
				changes := &asking{ttl: time.Hour}
				p := start(t, options(t, scripted{"tag_contacts": changes.call}))
				with, without := `"elicitation":{}`, ``
				if !initialized {
					with, without = without, with
				}
				p.post(strings.Replace(askingHello, `"elicitation":{}`, with, 1))
				p.next()
				p.post(strings.Replace(askingCall, `"a":1}`, `"a":1},`+strings.Replace(askingMeta, `"elicitation":{}`, without, 1),
					1))
				if asked := strings.Contains(string(p.next()), "input_required"); asked == initialized {
					t.Errorf("the sessionless call asks: %t", asked)
				}
				p.post(strings.Replace(askingCall, `"id":1`, `"id":2`, 1))
				raw := p.next()
				if asked := strings.Contains(string(raw), "elicitation/create"); asked != initialized {
					t.Errorf("the next call is answered %s", raw)
				}
				var w wire
				if err := json.Unmarshal(raw, &w); err == nil && w.Method != "" {
					p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"cancel"}}`, w.ID))
					p.next()
				}
			})
		}
	}
}
