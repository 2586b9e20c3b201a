package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

// oddWrite is a write of a value that no other try writes.
type oddWrite struct {
	tool  string
	field string // what it writes, as Intercom's answers call it
	args  func(w *world, value string) object
	shows func(w *world, value string) bool // whether Intercom has the value
}

var oddWrites = []oddWrite{
	{"update_contact", "name",
		func(w *world, value string) object {
			return object{"contact": w.user(0).ID, "set": object{"name": value}}
		},
		func(w *world, value string) bool { return w.user(0).Name == value }},
	{"bulk_update_contacts", "name", func(w *world, value string) object {
		return object{"contacts": w.people(0, 12), "set": object{"name": value}}
	}, func(w *world, value string) bool { return w.user(0).Name == value }},
	{"create_contact", "name",
		func(_ *world, value string) object {
			return object{"set": object{"name": value, "external_id": value, "email": value + "@example.com"}}
		},
		func(w *world, value string) bool {
			return slices.ContainsFunc(w.sandbox.Contacts(), func(c sandbox.Contact) bool { return c.Name == value })
		}},
	{"add_note", "body",
		func(w *world, value string) object { return object{"contact": w.user(0).ID, "body": value} },
		func(w *world, value string) bool {
			return slices.ContainsFunc(w.sandbox.Notes(w.user(0).ID), func(n sandbox.Note) bool {
				return strings.Contains(n.Body, value)
			})
		}},
	{"save_company", "industry",
		func(w *world, value string) object {
			return object{"company": w.sandbox.Companies()[0].ID, "set": object{"industry": value}}
		},
		func(w *world, value string) bool { return w.sandbox.Companies()[0].Industry == value }},
}

// TestOddKeysOfWrites writes while one key of one answer is odd, each key by one of twelve values: what is told as
// changed is in Intercom, and what is told as failed or refused is not.
func TestOddKeysOfWrites(t *testing.T) {
	if testing.Short() {
		t.Skip("some 1,000 writes")
	}
	for _, write := range oddWrites {
		t.Run(write.tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { write.tryAll(t) })
		})
	}
}

// tryAll writes once for each key of each answer that the write asks for.
func (o oddWrite) tryAll(t *testing.T) {
	m, base := newMutator(t)
	n := 0
	write := func() (value string, result Result) {
		version := versions[(n+len(versions)-1)%len(versions)] // first Preview, which has the most keys
		w := m.world(t, version, policy.ModeFull)
		defer w.Close(t.Context())
		time.Sleep(time.Minute) // of the rate window
		n++
		value = fmt.Sprintf("Odd%d", n)
		return value, w.confirmed(w.try(o.tool, o.args(base, value)))
	}
	if value, good := write(); good.Err != nil || !o.shows(base, value) {
		t.Fatalf("%s %v", good.JSON, good.Err)
	}
	for route, answer := range maps.Clone(m.keys) {
		for i, path := range paths(answer, nil) {
			if path[len(path)-1] == o.field {
				continue // reading back tells something else then
			}
			m.route, m.path, m.value = route, path, sandbox.OddValues[i%len(sandbox.OddValues)]
			start := time.Now()
			value, result := write()
			where := fmt.Sprintf("%s %s = %.30s", route, strings.Join(path, "."), m.value)
			checkOddWrite(t, where, result, o.shows(base, value))
			if took := time.Since(start); took > 15*time.Minute {
				t.Errorf("%s took %v", where, took)
			}
		}
	}
}

// checkOddWrite compares what is told of a write with whether it took effect.
func checkOddWrite(t *testing.T, where string, result Result, done bool) {
	t.Helper()
	if result.Err != nil {
		if done && result.Err.Code != toolerr.OutcomeUnknown {
			t.Errorf("%s: it was written, and told as %s: %v", where, result.Err.Code, result.Err)
		}
		return
	}
	var receipt render.ChangeResult
	if err := json.Unmarshal(result.JSON, &receipt); err != nil {
		t.Fatal(err)
	}
	if receipt.Changed > 0 && !done || receipt.Failed > 0 && receipt.Changed == 0 && done {
		t.Errorf("%s: written %t, and told as %s", where, done, result.JSON)
	}
}

// TestOddKeysOfUsualCalls makes the usual call of every tool that writes while one key of one answer is odd, an eighth
// of all keys: none says that something changed without having sent it, or that it was refused after it was sent.
func TestOddKeysOfUsualCalls(t *testing.T) {
	if testing.Short() {
		t.Skip("a workspace for each of some hundred calls")
	}
	for i, usual := range toolstest.UsualCalls() {
		t.Run(usual.Tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { oddUsual(t, i, usual) })
		})
	}
}

// oddUsual makes a usual call in a new workspace for each key that it tries.
func oddUsual(t *testing.T, first int, usual toolstest.Call) {
	m := &mutator{keys: make(map[string]map[string]any)}
	open := func(n int) *world {
		w := newWorld(t, inMode(policy.ModeFull), inVersion(versions[n%len(versions)]),
			func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = m })
		m.sandbox = w.sandbox
		return w
	}
	w := open(len(versions) - 1)
	if tool, _ := w.tool(usual.Tool); tool.Effect == policy.Read || usual.Tool == "cancel_change" {
		return
	}
	if good, _ := w.agreedTo(usual); good.Err != nil {
		t.Fatal(good.Err)
	}
	tries := 0
	for _, route := range slices.Sorted(maps.Keys(m.keys)) {
		for i, path := range paths(m.keys[route], nil) {
			if (first+i)%8 != 0 {
				continue
			}
			w := open(tries)
			m.path, m.value = path, sandbox.OddValues[tries%len(sandbox.OddValues)]
			tries++
			start := time.Now()
			result, sent := w.agreedTo(usual, func() { m.route = route })
			m.route = ""
			where := fmt.Sprintf("%s %s = %.30s", route, strings.Join(path, "."), m.value)
			var receipt render.ChangeResult
			if result.Err == nil && json.Unmarshal(result.JSON, &receipt) != nil {
				t.Fatalf("%s: %s", where, result.JSON)
			}
			switch took := time.Since(start); {
			case took > 15*time.Minute:
				t.Errorf("%s took %v", where, took)
			case result.Err != nil && sent > 0 && result.Err.Code != toolerr.OutcomeUnknown:
				t.Errorf("%s: %d writes, and told as %s: %v", where, sent, result.Err.Code, result.Err)
			case receipt.Changed > 0 && sent == 0:
				t.Errorf("%s: no write, and told as %s", where, result.JSON)
			}
		}
	}
}

// agreedTo makes a usual call, to which the user or the agent agrees where that is asked, and returns how many writes
// it sent. What has to come before is done before ready is called.
func (w *world) agreedTo(usual toolstest.Call, ready ...func()) (result Result, sent int) {
	w.t.Helper()
	call := w.prepared(usual)
	before := len(w.writes())
	for _, f := range ready {
		f()
	}
	call.CanAsk = true
	result, err := w.Call(w.t.Context(), call)
	if result.Ask != nil {
		call.Answer = &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept}
		result, err = w.Call(w.t.Context(), call)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return result, len(w.writes()) - before
}
