package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools"
)

const (
	askingMeta  = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}}`
	askingHello = `{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"t","version":"1"}}}`
	askingCall  = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"tag_contacts","arguments":{"a":1}}}`
)

// A client of a session-based revision that never answers does not hold the call for
// longer than the change waits.
func TestElicitationsWaitNoLongerThanTheChange(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			changes := &asking{ttl: 20 * time.Millisecond}
			p := start(t, options(t, scripted{"tag_contacts": changes.call}))
			p.post(askingHello)
			p.next()
			p.post(askingCall)
			if raw := p.next(); !strings.Contains(string(raw), "elicitation/create") {
				t.Fatalf("the client was sent %s", raw)
			}
			if raw := p.next(); !strings.Contains(string(raw), `"status":"cancel"`) {
				t.Errorf("the call was answered %s", raw)
			}
		})
	}
}

// An elicitation that is open when the server stops ends as dismissed.
func TestElicitationsEndWithTheServer(t *testing.T) {
	changes := &asking{ttl: time.Hour}
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})})
	p := s.peer("")
	p.post(askingHello)
	p.next()
	p.post(askingCall)
	p.next()
	s.stop()
	if raw := p.next(); !strings.Contains(string(raw), `"status":"cancel"`) {
		t.Errorf("the call was answered %s", raw)
	}
	<-s.done
}

// An answer that comes after the change's expiry sends the elicitation again.
func TestLateAnswersAskAgain(t *testing.T) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			changes := &asking{ttl: -time.Second}
			p := start(t, options(t, scripted{"tag_contacts": changes.call}))
			call := strings.Replace(askingCall, `"a":1}`, `"a":1},`+askingMeta+`%s`, 1)
			p.post(fmt.Sprintf(call, ""))
			sealed := stateIn(t, p.next())
			p.post(fmt.Sprintf(call,
				`,"requestState":"`+sealed+`","inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}}`))
			if again := stateIn(t, p.next()); again == sealed {
				t.Error("the state is the old one")
			}
			if changes.asked != 2 || len(changes.answers) > 0 {
				t.Errorf("asked %d times, heard %v", changes.asked, changes.answers)
			}
		})
	}
}

// stateIn returns the requestState of a result that requires input.
func stateIn(t *testing.T, raw []byte) string {
	t.Helper()
	var w struct {
		Result struct{ ResultType, RequestState string }
	}
	if err := json.Unmarshal(raw, &w); err != nil || w.Result.ResultType != "input_required" ||
		w.Result.RequestState == "" {
		t.Fatalf("the call was answered %s", raw)
	}
	return w.Result.RequestState
}

// A state is of no use to another principal.
func TestStatesAreBoundToTheirPrincipal(t *testing.T) {
	changes := &asking{ttl: time.Hour}
	_, clients := principals(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})}, 2)
	call := strings.Replace(askingCall, `"a":1}`, `"a":1},`+askingMeta+`%s`, 1)
	clients[0].post(fmt.Sprintf(call, ""))
	answer := fmt.Sprintf(call,
		`,"requestState":"`+stateIn(t,
			clients[0].next())+`","inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}}`)
	clients[1].post(answer)
	if raw := clients[1].next(); !strings.Contains(string(raw), "not issued") {
		t.Errorf("another principal was answered %s", raw)
	}
	clients[0].post(answer)
	if raw := clients[0].next(); !strings.Contains(string(raw), `"status":"accept"`) {
		t.Errorf("the owner was answered %s", raw)
	}
	if !slices.Equal(changes.answers, []tools.Action{tools.Accept}) {
		t.Errorf("heard %v", changes.answers)
	}
}

// Who takes no event stream can not be asked in a session-based revision.
func TestClientsWithoutStreamAreNotAsked(t *testing.T) {
	changes := &asking{ttl: time.Hour}
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})})
	p := s.peer("")
	p.post(askingHello)
	p.next()
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"},
		"Mcp-Session-Id": {p.session}}
	if _, _, text := s.do("POST", "/mcp", header, strings.NewReader(askingCall)); !strings.Contains(text,
		"approval_unavailable") {
		t.Errorf("the call was answered %s", text)
	}
}

func TestOnlyFormElicitationCounts(t *testing.T) {
	for capabilities, want := range map[string]bool{
		`{}`: false, `{"elicitation":{}}`: true, `{"elicitation":{"form":{}}}`: true,
		`{"elicitation":{"form":{},"url":{}}}`: true, `{"elicitation":{"url":{}}}`: false,
	} {
		changes := &asking{ttl: time.Hour}
		p := connect(t, options(t, scripted{"tag_contacts": changes.call}))
		p.send("%s", strings.Replace(askingCall, `"a":1}`, `"a":1},`+strings.Replace(askingMeta, `{"elicitation":{}}`,
			capabilities, 1), 1))
		if w := p.receive(); (w.Result["isError"] == nil) != want {
			t.Errorf("%s: %+v", capabilities, w)
		}
	}
}

// An answer reaches the elicitations of its own session alone, whoever knows their
// ids: another session of the principal's may belong to another user.
func TestElicitationsAreAnsweredInTheirSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes := &asking{ttl: time.Hour}
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})})
		defer o.stop(context.Background())
		mine := o.send(t.Context(), "POST", "", askingHello).Header().Get("Mcp-Session-Id")
		other := o.send(t.Context(), "POST", "", askingHello).Header().Get("Mcp-Session-Id")
		done := make(chan string, 1)
		go func() { done <- o.send(t.Context(), "POST", mine, askingCall).Body.String() }()
		synctest.Wait()
		for id := range 20 {
			o.send(t.Context(), "POST", other,
				fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"action":"accept","content":{"confirm":true}}}`, id))
		}
		synctest.Wait()
		if len(changes.answers) > 0 {
			t.Fatalf("another session answered %v", changes.answers)
		}
		for id := range 20 {
			o.send(t.Context(), "POST", mine,
				fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":{"action":"accept","content":{"confirm":true}}}`, id))
		}
		if text := <-done; !strings.Contains(text, `"status":"accept"`) {
			t.Errorf("the call was answered %s", text)
		}
	})
}

// An answer that is none ends the elicitation on every transport: what says neither
// yes nor no is refused, what can not be read counts as dismissed.
func TestEmptyAnswersEndTheElicitation(t *testing.T) {
	for name, start := range transports {
		for result, want := range map[string]string{
			`{}`: `-32602`, `null`: `-32602`, `{"action":""}`: `-32602`, `5`: `"status":"cancel"`, `[]`: `"status":"cancel"`,
			`""`: `"status":"cancel"`, `0`: `"status":"cancel"`,
		} {
			t.Run(name+" "+result, func(t *testing.T) {
				changes := &asking{ttl: time.Minute}
				p := start(t, options(t, scripted{"tag_contacts": changes.call}))
				p.post(askingHello)
				p.next()
				p.post(askingCall)
				var w wire
				if err := json.Unmarshal(p.next(), &w); err != nil || w.Method != "elicitation/create" {
					t.Fatalf("the client was sent %+v, %v", w, err)
				}
				began := time.Now()
				p.post(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, w.ID, result))
				raw := string(p.next())
				if !strings.Contains(raw, want) || time.Since(began) > 30*time.Second {
					t.Errorf("answered %s after %v", raw, time.Since(began))
				}
			})
		}
	}
}

// An answer whose keys are written in another case is none, however it comes; and the
// elicitation stays open for a right one.
func TestAnswersInAnotherCaseAreRefused(t *testing.T) {
	const folded, right = `{"Action":"accept","Content":{"confirm":true}}`,
		`{"action":"accept","content":{"confirm":true}}`
	for name, start := range transports {
		t.Run(name+"/sessionless", func(t *testing.T) {
			changes := &asking{ttl: time.Hour}
			p := start(t, options(t, scripted{"tag_contacts": changes.call}))
			call := strings.Replace(askingCall, `"a":1}`, `"a":1},`+askingMeta+`%s`, 1)
			p.post(fmt.Sprintf(call, ""))
			sealed := stateIn(t, p.next())
			p.post(fmt.Sprintf(call, `,"requestState":"`+sealed+`","inputResponses":{"confirm":`+folded+`}`))
			if raw := p.next(); !strings.Contains(string(raw), `it is spelled \"action\"`) {
				t.Errorf("the answer was answered %s", raw)
			}
			p.post(fmt.Sprintf(call, `,"requestState":"`+sealed+`","inputResponses":{"confirm":`+right+`}`))
			if raw := p.next(); !strings.Contains(string(raw), `"status":"accept"`) {
				t.Errorf("the right one was answered %s", raw)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		changes := &asking{ttl: time.Hour}
		p := connect(t, options(t, scripted{"tag_contacts": changes.call}))
		p.send("%s", askingHello)
		p.receive()
		p.send("%s", askingCall)
		id := p.receive().ID
		p.send(`{"jsonrpc":"2.0","id":%s,"result":%s}`, id, folded)
		if w := p.receive(); string(w.ID) != "null" || w.Error == nil || !strings.Contains(w.Error.Message, "spelled") {
			t.Errorf("the answer was answered %+v", w)
		}
		p.send(`{"jsonrpc":"2.0","id":%s,"result":%s}`, id, right)
		if w := p.receive(); string(w.ID) != "1" || w.Result["isError"] != nil {
			t.Errorf("the call was answered %+v", w)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		changes := &asking{ttl: time.Hour}
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": changes.call})})
		defer o.stop(context.Background())
		mine := o.send(t.Context(), "POST", "", askingHello).Header().Get("Mcp-Session-Id")
		done := make(chan string, 1)
		go func() { done <- o.send(t.Context(), "POST", mine, askingCall).Body.String() }()
		synctest.Wait()
		for _, answer := range []string{folded, right} {
			for id := range 20 {
				o.send(t.Context(), "POST", mine, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"result":%s}`, id, answer))
			}
			synctest.Wait()
			if answer == folded && len(changes.answers) > 0 {
				t.Errorf("heard %v", changes.answers)
			}
		}
		if text := <-done; !strings.Contains(text, `"status":"accept"`) {
			t.Errorf("the call was answered %s", text)
		}
	})
}

// What a client declares counts as it is spelled.
func TestDeclarationsInAnotherCaseAreRefused(t *testing.T) {
	for _, capabilities := range []string{`{"Elicitation":{}}`, `{"elicitation":{"Form":{}}}`} {
		for name, message := range map[string]string{
			"with the request": strings.Replace(askingCall, `"a":1}`, `"a":1},`+askingMeta, 1),
			"at initialize":    askingHello,
		} {
			p := connect(t, options(t, scripted{"tag_contacts": (&asking{ttl: time.Hour}).call}))
			p.send("%s", strings.Replace(message, `{"elicitation":{}}`, capabilities, 1))
			if w := p.receive(); w.Error == nil || !strings.Contains(w.Error.Message, "it is spelled") {
				t.Errorf("%s %s: %+v", capabilities, name, w)
			}
		}
	}
}
