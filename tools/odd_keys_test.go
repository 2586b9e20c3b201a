package tools

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// recordIDs are the ids in a path, of jobs too.
var recordIDs = regexp.MustCompile(`/([0-9a-f]{24}|[0-9]+|job_[^/]+)`)

// mutator replaces one key of the answers of the sandbox to one route.
type mutator struct {
	sandbox *sandbox.Sandbox
	mu      sync.Mutex
	route   string                    // method and path, ids as *, of the answers that are touched; "" only learns
	path    []string                  // of the key
	value   string                    // of JSON
	keys    map[string]map[string]any // an answer for each route that was asked
}

// RoundTrip implements [http.RoundTripper].
func (m *mutator) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.sandbox.RoundTrip(r)
	if err != nil || resp.StatusCode/100 != 2 {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	route := r.Method + " " + recordIDs.ReplaceAllString(r.URL.Path, "/*")
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		if m.route == "" { // only learning
			m.keys[route] = object
		} else if m.route == route && putOdd(object, m.path, json.RawMessage(m.value)) {
			if body, err = json.Marshal(object); err != nil {
				return nil, err
			}
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// newMutator returns a mutator of what a world's sandbox answers.
func newMutator(t *testing.T) (*mutator, *world) {
	m := &mutator{keys: make(map[string]map[string]any)}
	base := newWorld(t, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = m })
	m.sandbox = base.sandbox
	return m, base
}

// world is a new pipeline through the mutator, which has to be closed.
func (m *mutator) world(t *testing.T, version string, mode policy.Mode) *world {
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: m, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Client: client, Policy: policy.Always(policy.Default(mode)), Store: change.NewMemory(10)})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Pipeline: p, t: t, sandbox: m.sandbox}
}

// putOdd replaces a key; "0" is the first item of a list.
func putOdd(value any, path []string, with json.RawMessage) bool {
	switch value := value.(type) {
	case map[string]any:
		if _, ok := value[path[0]]; !ok {
			return false
		}
		if len(path) == 1 {
			value[path[0]] = with
			return true
		}
		return putOdd(value[path[0]], path[1:], with)
	case []any:
		return len(value) > 0 && len(path) > 1 && putOdd(value[0], path[1:], with)
	}
	return false
}

// paths are the keys of an answer.
func paths(value any, at []string) [][]string {
	var all [][]string
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			path := append(slices.Clone(at), key)
			all = append(append(all, path), paths(value[key], path)...)
		}
	case []any:
		if len(value) > 0 {
			all = paths(value[0], append(slices.Clone(at), "0"))
		}
	}
	return all
}

// TestOddKeys calls the reading tools while one key of one answer is odd, each key by four of twelve values: they
// answer with the rest, or with an error that names the key or says that there is no list; a list is never empty for
// it.
func TestOddKeys(t *testing.T) {
	for _, test := range []struct {
		tool string
		args func(w *world) object
	}{
		{"get_contact", func(w *world) object {
			return object{"contact": w.user(0).ID, "include": []string{"notes", "segments", "all_fields"}}
		}},
		{"search_contacts", func(*world) object {
			return object{"where": []object{{"field": "role", "operator": "=", "value": "user"}}, "limit": 3}
		}},
		{"list_tags", none}, {"list_segments", none}, {"list_teammates", none}, {"list_attributes", none},
		{"find_companies", none},
		{"list_notes", func(w *world) object { return object{"contact": w.user(0).ID} }},
		{"get_company", func(w *world) object { return object{"company": w.sandbox.Companies()[0].ID} }},
		{"list_company_contacts", func(w *world) object { return object{"company": w.sandbox.Companies()[0].ID} }},
	} {
		t.Run(test.tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { oddKeysOf(t, test.tool, test.args) })
		})
	}
}

// oddKeysOf calls a tool once for each key of each answer that it asks for, and each odd value, in one API version
// after the other.
func oddKeysOf(t *testing.T, tool string, args func(*world) object) {
	m, base := newMutator(t)
	ask := func(version string) Result {
		w := m.world(t, version, policy.ModeRead)
		defer w.Close(t.Context())
		time.Sleep(time.Second) // of the rate window
		return w.try(tool, args(base))
	}
	if _, ok := base.tool(tool); !ok {
		t.Fatal("there is no such tool")
	}
	good := ask("Preview") // which has the most keys
	if good.Err != nil {
		t.Fatal(good.Err)
	}
	for route, answer := range maps.Clone(m.keys) {
		for n, path := range paths(answer, nil) {
			tries := 4 // others for each key; the client's own tests try all of them
			if testing.Short() {
				tries = 1
			}
			for try := range tries {
				value := sandbox.OddValues[(n*tries+try)%len(sandbox.OddValues)]
				m.route, m.path, m.value = route, path, value
				start := time.Now()
				got := ask(versions[(n+try)%len(versions)])
				where := fmt.Sprintf("%s %s = %.30s", route, strings.Join(path, "."), value)
				checkOdd(t, where, path, rowsOf(t, good), rowsOf(t, got), got)
				if took := time.Since(start); took > 30*time.Second {
					t.Errorf("%s took %v", where, took)
				}
				if len(got.JSON) > 100_000 {
					t.Errorf("%s: the answer has %d bytes", where, len(got.JSON))
				}
			}
		}
	}
}

// none are no arguments.
func none(*world) object { return object{} }

// checkOdd checks an answer, given how many rows the good one has.
func checkOdd(t *testing.T, where string, path []string, good, rows int, got Result) {
	t.Helper()
	if got.Err != nil {
		known := []string{"has no id", "no list", "another object", "belongs to no workspace", "without advancing"}
		for _, word := range append(known, path[max(0, len(path)-2):]...) { // a key, or what it is in
			if strings.Contains(got.Err.Error(), word) {
				return
			}
		}
		t.Errorf("%s: %s: %v", where, got.Err.Code, got.Err)
		return
	}
	if good > 0 && rows == 0 && !strings.HasSuffix(where, "= []") {
		t.Errorf("%s: an empty list: %s", where, got.JSON)
	}
}

// rowsOf counts the rows of an answer, -1 without any.
func rowsOf(t *testing.T, got Result) int {
	t.Helper()
	var table struct {
		Rows []any `json:"rows"`
	}
	if got.JSON == nil || json.Unmarshal(got.JSON, &table) != nil || !bytes.Contains(got.JSON, []byte(`"rows"`)) {
		return -1
	}
	return len(table.Rows)
}
