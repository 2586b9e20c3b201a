package tools

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// A read that is cut off says who cut it off, and never that Intercom failed.
func TestCutOffReads(t *testing.T) {
	ending := map[string]struct {
		end  func(context.Context) (context.Context, context.CancelFunc)
		says string
	}{
		"cancelled by its caller": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, "The call was cancelled."},
		"stopped with the server": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(toolerr.ErrStopping) })
			return ctx, func() { cancel(nil) }
		}, "The server stopped before the call was done."},
		"out of time": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}, "The call ran out of time."},
	}
	held := map[string]worldOption{
		"while Intercom works": func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = hanging{} },
		"while it waits for its turn": func(o *sandbox.Options, _ *intercom.Config, _ *Config) {
			o.RateLimit = 1
		},
	}
	for how, test := range ending {
		for when, hold := range held {
			t.Run(how+" "+when, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, hold)
					if strings.Contains(when, "turn") {
						w.do("list_tags", object{}) // takes what the window has
					}
					ctx, cancel := test.end(t.Context())
					defer cancel()
					result, err := w.Call(ctx, Call{Tool: "list_segments", Principal: "local"})
					if err != nil || result.Err == nil {
						t.Fatalf("answered %s, %v", result.JSON, err)
					}
					if how == "out of time" && strings.Contains(when, "turn") {
						return // who cannot get a turn in time is told at once, and why
					}
					if result.Err.Code != toolerr.Cancelled || !strings.HasPrefix(result.Err.Error(), test.says) {
						t.Errorf("answered %s: %v", result.Err.Code, result.Err)
					}
				})
			})
		}
	}
}

// hanging is an Intercom that never answers.
type hanging struct{}

// RoundTrip implements [http.RoundTripper].
func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// An Intercom that does not answer is an outage of Intercom's, though it is a
// time limit of ours that tells.
func TestOutagesAreNoCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = hanging{} })
		w.refused(toolerr.UpstreamUnavailable, "list_tags", object{})
	})
}
