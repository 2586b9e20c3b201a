package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/postgres/postgrestest"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

func TestMain(m *testing.M) {
	if task := os.Getenv(childVariable); task != "" {
		os.Exit(runChild(task))
	}
	flag.Parse()
	if testing.Short() {
		versions = []string{"2.10", "2.16", "Preview"}
	}
	goleak.VerifyTestMain(onDatabase{m})
}

// onDatabase runs the tests, and ends the database that they share before one looks for leaks: its connections may be
// read in the background while they are idle.
type onDatabase struct{ m *testing.M }

// Run implements [goleak.TestingM].
func (d onDatabase) Run() int { return postgrestest.Main(d.m) }

// escapes has Intercom give its texts escaped, which must make no difference.
var escapes = flag.Bool("escape", false, "run in workspaces that give texts escaped as HTML")

// world is the real stack, from the pipeline down to the embedded Intercom.
type world struct {
	*Pipeline
	t       testing.TB
	sandbox *sandbox.Sandbox
}

type worldOption func(*sandbox.Options, *intercom.Config, *Config)

func inMode(mode policy.Mode) worldOption {
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Policy = policy.Always(policy.Default(mode))
	}
}

// unstopped has a policy under which no failures end a change, so that its bulk jobs leave four at a time at once.
func unstopped(_ *sandbox.Options, _ *intercom.Config, c *Config) {
	p := *policy.Default(policy.ModeWrite)
	p.Limits.StopAfter = policy.StopAfter{}
	c.Policy = policy.Always(&p)
}

// anyNumber has a policy under which any number of changes may wait, and of questions go without a yes.
func anyNumber(_ *sandbox.Options, _ *intercom.Config, c *Config) {
	p := *policy.Default(policy.ModeWrite)
	p.Limits.WaitingChanges, p.Limits.UnansweredPer10m = 0, 0
	c.Policy = policy.Always(&p)
}

func withSandbox(set func(*sandbox.Options)) worldOption {
	return func(o *sandbox.Options, _ *intercom.Config, _ *Config) { set(o) }
}

func newWorld(t testing.TB, options ...worldOption) *world {
	t.Helper()
	so := sandbox.Options{Escape: *escapes}
	ic := intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1"}
	tc := Config{Policy: policy.Always(policy.Default(policy.ModeWrite)), Store: change.NewMemory(100),
		Toolsets: []string{allSets}} // those that are off by default, too
	for _, option := range options {
		option(&so, &ic, &tc)
	}
	sb := sandbox.New(so)
	if m, ok := ic.Transport.(*interceptor); ok {
		m.sandbox = sb
	} else if ic.Transport == nil {
		ic.Transport = sb
	}
	client, err := intercom.New(ic)
	if err != nil {
		t.Fatal(err)
	}
	tc.Client = client
	p, err := New(tc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return &world{Pipeline: p, t: t, sandbox: sb}
}

// object is a JSON object in a test.
type object = map[string]any

// try makes a call as the local user.
func (w *world) try(tool string, args any, adjust ...func(*Call)) Result {
	w.t.Helper()
	encoded, err := json.Marshal(args)
	if err != nil {
		w.t.Fatal(err)
	}
	call := Call{Tool: tool, Args: encoded, Principal: "local"}
	for _, f := range adjust {
		f(&call)
	}
	result, err := w.Call(context.Background(), call)
	if err != nil {
		w.t.Fatalf("%s: %v", tool, err)
	}
	return result
}

// do makes a call that must succeed, and returns its answer.
func (w *world) do(tool string, args any, adjust ...func(*Call)) object {
	w.t.Helper()
	result := w.try(tool, args, adjust...)
	if result.Err != nil {
		w.t.Fatalf("%s: %s: %v", tool, result.Err.Code, result.Err)
	}
	if result.Ask != nil {
		w.t.Fatalf("%s asks: %s", tool, result.Ask.Message)
	}
	var answer object
	if err := json.Unmarshal(result.JSON, &answer); err != nil {
		w.t.Fatal(err)
	}
	return answer
}

// asked makes a call that must ask, and answers it.
func (w *world) asked(tool string, args any, action Action) object {
	w.t.Helper()
	canAsk := func(c *Call) { c.CanAsk = true }
	first := w.try(tool, args, canAsk)
	if first.Ask == nil {
		w.t.Fatalf("%s does not ask: %s %v", tool, first.JSON, first.Err)
	}
	answer := &Answer{Change: first.Ask.Change, Binding: first.Ask.Binding, Action: action}
	return w.do(tool, args, canAsk, func(c *Call) { c.Answer = answer })
}

// refused makes a call that must fail with a code, and returns the error.
func (w *world) refused(code toolerr.Code, tool string, args any, adjust ...func(*Call)) *toolerr.Error {
	w.t.Helper()
	result := w.try(tool, args, adjust...)
	if result.Err == nil {
		w.t.Fatalf("%s succeeds: %s %v", tool, result.JSON, result.Ask)
	}
	if result.Err.Code != code {
		w.t.Fatalf("%s fails with %s, want %s: %v", tool, result.Err.Code, code, result.Err)
	}
	return result.Err
}

// usual are the usual calls of what the world offers, but for what destroys and what goes on with a change, in an order
// in which they can be made one after the other.
func (w *world) usual() []Call {
	var calls []Call
	for _, usual := range toolstest.UsualCalls() {
		if tool, listed := w.tool(usual.Tool); listed && tool.Effect != policy.Destroy && usual.After == nil {
			calls = append(calls, Call{Tool: usual.Tool, Args: usual.Args, Principal: "local"})
		}
	}
	return calls
}

// prepared is a usual call, after the call that leads to its change was made.
func (w *world) prepared(usual toolstest.Call) Call {
	w.t.Helper()
	args := usual.Args
	if usual.After != nil {
		handle := w.do(usual.After.Tool, usual.After.Args)["change"].(string)
		args = bytes.ReplaceAll(args, []byte("{change}"), []byte(handle))
	}
	return Call{Tool: usual.Tool, Args: args, Principal: "local"}
}

// writes lists the requests that changed something in Intercom.
func (w *world) writes() []string {
	var list []string
	for _, call := range w.sandbox.Calls() {
		if call.Method != "GET" && call.Route != "POST /contacts/search" && call.Route != "POST /companies/list" {
			list = append(list, call.Route)
		}
	}
	return list
}

func indent(t *testing.T, schema []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, schema, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// encoded writes the arguments of a call.
func encoded(t testing.TB, args any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
