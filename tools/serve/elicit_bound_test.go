package serve

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// askingUpdate asks the user, by the built-in policy.
const askingUpdate = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_contact","arguments":{"contact":%q,"set":{"email":"new@acme.com"}},"_meta":{"progressToken":"p"}}}`

// A client that never answers an elicitation holds the call for five minutes, and is told all the while that it is
// waited for; then the change waits at the same level, and its preview is shown.
func TestElicitationsAreWaitedForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		workspace, store := sandbox.New(sandbox.Options{}), change.NewMemory(10)
		p := connect(t, options(t, pipelineWith(t, workspace, store, policy.Default(policy.ModeFull))))
		p.send("%s", askingHello)
		p.receive()
		began := time.Now()
		p.send(askingUpdate, workspace.Contacts()[0].ID)
		question := p.receive()
		last, told := 0.0, 0
		w := p.receive()
		for ; w.Method != ""; w = p.receive() {
			if w.Params.Progress <= last || w.Params.Progress >= 1 || w.Params.Token != "p" {
				t.Errorf("progress %v after %v", w.Params, last)
			}
			last, told = w.Params.Progress, told+1
		}
		if took := time.Since(began); took < 5*time.Minute || took > 5*time.Minute+time.Second || told < 18 {
			t.Errorf("the call took %v, with %d signs", took, told)
		}
		if text := w.text(); !strings.Contains(text, `"status":"awaiting"`) || !strings.Contains(text, `"preview":"`) {
			t.Errorf("the call was answered %s", text)
		}
		list, err := store.List(t.Context(), "local", change.Query{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Change.Level != policy.LevelUser {
			t.Errorf("the changes are %+v, %v", list, err)
		}
		p.send(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept","content":{"confirm":true}}}`, question.ID)
		if w := p.receive(); w.Error == nil || string(w.ID) != "null" ||
			!strings.Contains(w.Error.Message, "no longer open; confirm_change asks again") {
			t.Errorf("the late yes was answered %+v", w)
		}
		p.send(`{"jsonrpc":"2.0","id":%s,"result":{"action":"decline"}}`, question.ID)
		p.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"confirm_change","arguments":{"change":%q}}}`,
			list[0].Change.ID)
		if w := p.receive(); w.Method != "elicitation/create" {
			t.Errorf("confirm_change is answered %+v", w)
		}
	})
}

// The same over HTTP, where the late yes is refused to who sends it, and nobody else's is.
func TestLateYesOverHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffline(t, HTTPOptions{Options: options(t, scripted{"tag_contacts": (&asking{ttl: time.Minute}).call})})
		defer o.stop(context.Background())
		ann, bob := o.asker("ann"), o.asker("bob")
		text := ann.post(httptest.NewRecorder(), askingCall).Body.String() // once nobody has answered in time
		asked := regexp.MustCompile(`"id":(\d+),"method":"elicitation/create"`).FindStringSubmatch(text)
		if asked == nil || !strings.Contains(text, `"status":"cancel"`) {
			t.Fatalf("the call was answered %s", text)
		}
		yes := `{"jsonrpc":"2.0","id":` + asked[1] + `,"result":{"action":"accept","content":{"confirm":true}}}`
		w := ann.post(httptest.NewRecorder(), yes)
		var e wire
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || w.Code != 400 || e.Error == nil ||
			e.Error.Message != lateYes.Message {
			t.Errorf("the late yes was answered %d %s", w.Code, w.Body)
		}
		if w := ann.post(httptest.NewRecorder(), strings.Replace(yes, "accept", "decline", 1)); w.Code != 202 {
			t.Errorf("a late no was answered %d %s", w.Code, w.Body)
		}
		if w := bob.post(httptest.NewRecorder(), yes); strings.Contains(w.Body.String(), "no longer open") {
			t.Errorf("another's answer was answered %d %s", w.Code, w.Body)
		}
	})
}

// The operator can have no client asked, whatever it declares, and can choose for how long one is.
func TestOperatorsBoundElicitations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := options(t, scripted{"tag_contacts": (&asking{ttl: time.Hour}).call})
		o.AskTimeout = 10 * time.Second
		p := connect(t, o)
		began := time.Now()
		p.send("%s", askingHello)
		p.receive()
		p.send("%s", askingCall)
		p.receive()
		if w := p.receive(); time.Since(began) != o.AskTimeout {
			t.Errorf("the call was answered %+v after %v", w, time.Since(began))
		}
		o.NoElicitation = true
		for _, meta := range []string{"", "," + askingMeta} {
			p := connect(t, o)
			p.send("%s", askingHello)
			p.receive()
			p.send("%s", strings.Replace(askingCall, `"a":1}`, fmt.Sprintf(`"a":1}%s`, meta), 1))
			if w := p.receive(); !strings.Contains(fmt.Sprint(w.Result["_meta"]), "approval_unavailable") {
				t.Errorf("the call was answered %+v", w)
			}
		}
	})
}
