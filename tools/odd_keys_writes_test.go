package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

// oddWorld is where writes are tried: api is Intercom itself, where no answer is odd.
type oddWorld struct {
	*world
	api *intercom.Client
}

// oddWrite is a write that takes effect each time that it is made.
type oddWrite struct {
	tool string
	// prepare makes what the n-th try needs, and returns the call's arguments, and whether it took effect.
	prepare func(o *oddWorld, n int) (args object, done func() bool)
	// depends are the keys that it depends on, each by its route, and all that is in them. Of contacts and lists these are
	// the keys below besides.
	depends []string
}

// dependsAlways are the keys that every write depends on which reads what they are in, each as where its place ends.
var dependsAlways = []string{
	"GET /contacts/* id", "GET /contacts/* role", " data", " pages", " pages.next",
}

// on reports whether a write depends on a key.
func (w oddWrite) on(odd oddKey) bool {
	return slices.ContainsFunc(slices.Concat(w.depends, dependsAlways), func(place string) bool {
		return odd.place() == place || strings.HasPrefix(odd.place(), place+".") ||
			strings.HasPrefix(place, " ") && strings.HasSuffix(odd.place(), place)
	})
}

// TestOddKeysOfWrites writes while one key of one answer is odd: what does not depend on it goes through, and what does
// goes through or names it; nothing is told as failed that took effect, or the other way round.
func TestOddKeysOfWrites(t *testing.T) {
	t.Parallel()
	for _, tool := range Catalogue() {
		if tool.Effect != policy.Read && tool.Name != "cancel_change" &&
			!slices.ContainsFunc(oddWrites, func(w oddWrite) bool { return w.tool == tool.Name }) {
			t.Errorf("%s is not tried", tool.Name)
		}
	}
	for i, write := range oddWrites {
		t.Run(fmt.Sprintf("%d %s", i, write.tool), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, write.sweep)
		})
	}
}

func (w oddWrite) sweep(t *testing.T) {
	s := newOddSweep(t, policy.ModeFull)
	defer s.close()
	api, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: s.sandbox,
		Version: "Preview"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	try := func(world *world, odd oddKey, learn bool) (Result, bool) {
		n++
		s.set(oddKey{}, false)
		args, done := w.prepare(&oddWorld{world, api}, n)
		s.set(odd, learn)
		result := world.accepted(Call{Tool: w.tool, Args: encoded(t, args), Principal: "local"})
		return result, done()
	}
	if good, done := try(s.world("Preview"), oddKey{}, true); good.Err != nil || !done {
		t.Fatalf("%s %v", good.JSON, good.Err)
	}
	s.each(strings.HasPrefix(w.tool, "bulk"), func(world *world, odd oddKey) bool { // of many, each is read like one
		start := time.Now()
		result, done := try(world, odd, false)
		if took := time.Since(start); took > 15*time.Minute {
			t.Errorf("%v took %v", odd, took)
		}
		s.set(oddKey{}, false)
		result = world.concluded(result)
		words, noticed := told(result)
		switch {
		case !s.lies(odd):
			w.check(t, odd, result, done, words)
		case !done && strings.Contains(words, `"status":"applied","changed"`) && !strings.Contains(words, "skipped: "):
			t.Errorf("%v: it did not take effect: %s", odd, words)
		}
		return noticed
	})
}

// check compares what is told of a write with whether it took effect.
func (w oddWrite) check(t *testing.T, odd oddKey, result Result, done bool, told string) {
	t.Helper()
	var receipt render.ChangeResult
	if result.Err != nil {
	} else if err := json.Unmarshal(result.JSON, &receipt); err != nil {
		t.Fatal(err)
	}
	unknown := receipt.Unknown > 0 || result.Err != nil && result.Err.Code == toolerr.OutcomeUnknown
	switch {
	case done && result.Err == nil && receipt.Changed > 0 && receipt.Status == "applied":
	case !w.on(odd):
		t.Errorf("%v: it does not go through (done: %t): %s", odd, done, told)
	case !namesOddKey(told, odd.path):
		t.Errorf("%v: it is not named: %s", odd, told)
	case done && !unknown:
		t.Errorf("%v: it took effect: %s", odd, told)
	}
}

// concluded waits for the end of a change that takes longer than its call, and reads it where its receipt has no room
// for why it ended so.
func (w *world) concluded(result Result) Result {
	var receipt render.ChangeResult
	if result.Err != nil || json.Unmarshal(result.JSON, &receipt) != nil {
		return result
	}
	for range 10 {
		cut := strings.Contains(string(result.JSON), "see get_change") || strings.Contains(string(result.JSON), "…")
		if receipt.Status != "applying" && !cut {
			break
		}
		time.Sleep(time.Minute)
		result = w.try("get_change", object{"change": receipt.Change})
		if result.Err != nil || json.Unmarshal(result.JSON, &receipt) != nil {
			break
		}
	}
	return result
}

// accepted makes a call, to which the user agrees where that is asked.
func (w *world) accepted(call Call) Result {
	w.t.Helper()
	call.CanAsk = true
	result, err := w.Call(w.t.Context(), call)
	if result.Ask != nil {
		call.Answer = &Answer{Change: result.Ask.Change, Binding: result.Ask.Binding, Action: Accept}
		result, err = w.Call(w.t.Context(), call)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return result
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
	result = w.accepted(call)
	return result, len(w.writes()) - before
}
