package serve

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools"
)

// A call that is cancelled while it waits for a worker is never begun, and one
// that still waits when the server stops is told so.
func TestQueuedCallsThatEndAreNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{}, stdioWorkers)
		var begun atomic.Int64
		p := connect(t,
			options(t, scripted{"search_contacts": waiting(started),
				"tag_contacts": func(context.Context, tools.Call) (tools.Result, error) {
					begun.Add(1)
					return reply(`{}`)
				}}))
		for i := range stdioWorkers {
			p.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"search_contacts","arguments":{}}}`, i)
			<-started
		}
		const write = `{"jsonrpc":"2.0","id":"%s","method":"tools/call","params":{"name":"tag_contacts","arguments":{}}}`
		p.send(write, "cancelled")
		p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"cancelled"}}`)
		synctest.Wait()
		p.send(`{"jsonrpc":"2.0","id":"cancelled","method":"ping"}`)
		if w := p.receive(); string(w.ID) != `"cancelled"` || w.Error != nil {
			t.Errorf("the id of a cancelled call is not free: %+v", w)
		}
		p.send(write, "waiting")
		synctest.Wait()
		p.stop()
		for range stdioWorkers + 1 {
			w := p.receive()
			if string(w.ID) == `"waiting"` && (w.Error == nil || !strings.Contains(w.Error.Message, "the server stopped")) {
				t.Errorf("the call that waited was answered %+v", w)
			}
		}
		if err := p.ended(); err != nil || begun.Load() > 0 {
			t.Errorf("%d calls have begun, %v", begun.Load(), err)
		}
	})
}

// A user's yes counts, though the principal has as many calls under way as it may
// by then.
func TestAnswersAreNotTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes, release := &asking{ttl: time.Hour}, make(chan struct{})
		o := newOffline(t,
			HTTPOptions{Options: options(t,
				scripted{"tag_contacts": changes.call, "list_tags": func(context.Context, tools.Call) (tools.Result, error) {
					<-release
					return reply(`{}`)
				}}), MaxCallsPerPrincipal: 1})
		ann := o.asker("ann")
		elicitation, answered := ann.ask()
		done := make(chan string)
		go func() {
			done <- ann.post(httptest.NewRecorder(), strings.Replace(listTags, `"id":1`, `"id":2`, 1)).Body.String()
		}()
		synctest.Wait()
		if text := ann.post(httptest.NewRecorder(), strings.Replace(listTags, `"id":1`, `"id":3`,
			1)).Body.String(); !strings.Contains(text, `"busy"`) {
			t.Errorf("a call beyond the cap is answered %s", text)
		}
		ann.answer(elicitation)
		if text := <-answered; !strings.Contains(text, `"status":"accept"`) {
			t.Errorf("the answered call says %s", text)
		}
		close(release)
		if text := <-done; strings.Contains(text, "busy") {
			t.Error(fmt.Sprint("the call under way is answered ", text))
		}
		o.stop(context.Background())
	})
}
