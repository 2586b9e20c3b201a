package serve

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolerr"
)

// cutOffOptions are of a real pipeline over an Intercom that hangs, and whose
// requests are counted as the program counts them.
func cutOffOptions(t *testing.T) (o Options, reached chan struct{}) {
	t.Helper()
	o = options(t, nil)
	o.Metrics = NewMetrics()
	reached = make(chan struct{}, 1)
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Observe: o.Metrics.Observe,
		Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
			reached <- struct{}{}
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
	if err != nil {
		t.Fatal(err)
	}
	pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(policy.Default(policy.ModeRead)),
		Store: change.NewMemory(1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pipeline.Close(context.Background()) })
	o.Caller = pipeline
	return o, reached
}

// countedAsCutOff fails where one call that was cut off counts as anything else.
func countedAsCutOff(t *testing.T, m *Metrics) {
	t.Helper()
	text := scrape(m)
	for _, want := range []string{`intercom_mcp_calls_total{outcome="cancelled",tool="list_tags"} 1`,
		`intercom_mcp_intercom_requests_total{status="cancelled"} 1`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "upstream_unavailable") || strings.Contains(text, `status="error"`) {
		t.Errorf("an outage is counted:\n%s", text)
	}
}

const listTags = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`

// A read that its client cancels is counted apart from Intercom's failures.
func TestCancelledReadsAreCountedApart(t *testing.T) {
	o, reached := cutOffOptions(t)
	p := connect(t, o)
	p.send(listTags)
	<-reached
	p.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	p.in.Close()
	if err := p.ended(); err != nil {
		t.Error(err)
	}
	countedAsCutOff(t, o.Metrics)
}

// So is one whose client is gone.
func TestLeftReadsAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, reached := cutOffOptions(t)
		s := newOffline(t, HTTPOptions{Options: o})
		defer s.stop(context.Background())
		session := s.open()
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.send(ctx, "POST", session, listTags)
		}()
		<-reached
		leave()
		<-done
		countedAsCutOff(t, o.Metrics)
	})
}

// A read that the server does not wait for any longer says so to its client.
func TestStoppedReadsSayThatTheServerStopped(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, o Options) (post func(), answer func() string, stop func()){
		"stdio": func(t *testing.T, o Options) (func(), func() string, func()) {
			p := connect(t, o)
			return func() { p.send(listTags) }, func() string { return string(stdioPeer{p}.next()) }, p.stop
		},
		"http": func(t *testing.T, o Options) (func(), func() string, func()) {
			s := newOffline(t, HTTPOptions{Options: o})
			session := s.open()
			ctx, end := context.WithCancelCause(t.Context())
			answer := make(chan string, 1)
			post := func() { go func() { answer <- s.send(ctx, "POST", session, listTags).Body.String() }() }
			stop := func() { s.stop(t.Context()); end(toolerr.ErrStopping) } // as drain does, once its patience is over
			return post, func() string { return <-answer }, stop
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, reached := cutOffOptions(t)
				post, answer, stop := start(t, o)
				post()
				<-reached
				stop()
				if text := answer(); !strings.Contains(strings.ToLower(text), "the server stopped before") {
					t.Errorf("answered %s", text)
				}
				countedAsCutOff(t, o.Metrics)
			})
		})
	}
}
