package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolerr"
)

// scripted is a caller whose tools do what the real ones can not be made to
// do: panic, wait, or report progress as often as a test wants. The tools bear
// names of the catalogue, since their schemas are looked up by name.
type scripted map[string]func(context.Context, tools.Call) (tools.Result, error)

// effects gives scripted tools the effects of their namesakes.
var effects = map[string]policy.Effect{
	"search_contacts": policy.Read, "get_contact": policy.Read, "list_tags": policy.Read,
	"tag_contacts": policy.Write, "update_contact": policy.Write,
}

func (s scripted) Tools() []tools.Tool {
	var list []tools.Tool
	for name := range s {
		list = append(list, tools.Tool{Name: name, Title: name, Doc: "A scripted tool.", Effect: effects[name]})
	}
	return list
}

func (s scripted) Offered(tools.Call) []tools.Tool { return s.Tools() }

func (s scripted) Call(ctx context.Context, call tools.Call) (tools.Result, error) {
	return s[call.Tool](ctx, call)
}

// Refused implements [tools.Caller].
func (s scripted) Refused(context.Context, tools.Call, string) {}

// reply answers at once with a JSON value.
func reply(format string, args ...any) (tools.Result, error) {
	return tools.Result{JSON: json.RawMessage(fmt.Sprintf(format, args...))}, nil
}

// ticking reports progress n times, then answers.
func ticking(n int) func(context.Context, tools.Call) (tools.Result, error) {
	return func(_ context.Context, call tools.Call) (tools.Result, error) {
		for i := range n {
			if call.Progress != nil {
				call.Progress(tools.Progress{Done: i + 1, Total: n, Message: call.Principal})
			}
		}
		return reply(`{"ticks":%d}`, n)
	}
}

// waiting answers when its context ends, with the context's error.
func waiting(started chan<- struct{}) func(context.Context, tools.Call) (tools.Result, error) {
	return func(ctx context.Context, _ tools.Call) (tools.Result, error) {
		started <- struct{}{}
		<-ctx.Done()
		return tools.Result{Err: &toolerr.Error{Code: toolerr.UpstreamUnavailable, Message: ctx.Err().Error()}}, nil
	}
}

// asking is a change in miniature: it asks, and tells what was answered. Like
// the real thing it takes one answer for each change.
type asking struct {
	mu      sync.Mutex
	asked   int
	answers []tools.Action
	ttl     time.Duration
}

func (a *asking) call(_ context.Context, call tools.Call) (tools.Result, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !call.CanAsk {
		return tools.Result{Err: &toolerr.Error{Code: toolerr.ApprovalUnavailable, Message: "This client can not ask."}}, nil
	}
	if call.Answer == nil {
		a.asked++
		return tools.Result{Ask: &tools.Ask{
			Change: fmt.Sprintf("chg_%d", a.asked), Binding: string(call.Args),
			Message: "Tag 3 contacts?", Expires: time.Now().Add(a.ttl),
		}}, nil
	}
	if call.Answer.Binding != string(call.Args) {
		return tools.Result{}, tools.ErrBadAnswer
	}
	a.answers = append(a.answers, call.Answer.Action)
	return reply(`{"change":%q,"status":%q}`, call.Answer.Change, call.Answer.Action)
}

// options makes options for a caller, with logs that fail no test.
func options(t *testing.T, caller tools.Caller) Options {
	t.Helper()
	return Options{Version: "test", Caller: caller, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

var errTest = errors.New("a secret detail")
