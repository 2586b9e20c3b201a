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
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// recordIDs are the ids in a path, of jobs too.
var recordIDs = regexp.MustCompile(`/([0-9a-f]{24}|[0-9]+|job_[^/]+)`)

// mutator is a transport to the sandbox that learns what is answered, or replaces one key of the answers to one route.
type mutator struct {
	sandbox *sandbox.Sandbox
	mu      sync.Mutex
	learns  bool
	keys    map[string]map[string]any // the first answer for each route that was learnt
	odd     oddKey                    // the one that is replaced; zero: none is
}

// oddKey is a key of an answer, and what is put in its place.
type oddKey struct {
	route string   // method and path, ids as *
	path  []string // of the key
	value string   // of JSON
}

// String is where a test is.
func (o oddKey) String() string { return fmt.Sprintf("%s = %.30s", o.place(), o.value) }

// place is the route and the key.
func (o oddKey) place() string { return o.route + " " + strings.Join(o.path, ".") }

// RoundTrip implements [http.RoundTripper].
func (m *mutator) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := m.sandbox.RoundTrip(r)
	if err != nil || resp.StatusCode/100 != 2 {
		return resp, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	route := r.Method + " " + recordIDs.ReplaceAllString(r.URL.Path, "/*")
	if !m.learns && m.odd.route != route {
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	if m.learns {
		var object map[string]any
		if json.Unmarshal(body, &object) == nil && m.keys[route] == nil {
			m.keys[route] = object
		}
	} else {
		body = withOdd(body, m.odd)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

// set has the mutator replace a key from now on; learn has it learn, the zero key neither.
func (m *mutator) set(odd oddKey, learn bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.odd, m.learns = odd, learn
}

// oddSweep makes a call over and over while each key of each answer to it is odd in turn.
type oddSweep struct {
	*mutator
	t      *testing.T
	worlds map[string]*world // a pipeline for each API version
	mode   *policy.Policy
}

func newOddSweep(t *testing.T, mode policy.Mode) *oddSweep {
	return &oddSweep{t: t, worlds: make(map[string]*world), mode: policy.Default(mode),
		mutator: &mutator{sandbox: sandbox.New(sandbox.Options{Escape: *escapes, Contacts: 40, Companies: 4}),
			keys: make(map[string]map[string]any)}}
}

// world is the pipeline of a version, long after its last call: what it knew of lists and windows is over.
func (s *oddSweep) world(version string) *world {
	time.Sleep(11 * time.Minute)
	if w := s.worlds[version]; w != nil {
		return w
	}
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: s.mutator,
		Version: version})
	if err != nil {
		s.t.Fatal(err)
	}
	p, err := New(Config{Client: client, Policy: policy.Always(s.mode), Store: change.NewMemory(20),
		Toolsets: []string{allSets}})
	if err != nil {
		s.t.Fatal(err)
	}
	w := &world{Pipeline: p, t: s.t, sandbox: s.sandbox}
	s.worlds[version] = w
	return w
}

// close closes the pipelines, as it has to be within a bubble.
func (s *oddSweep) close() {
	for _, w := range s.worlds {
		w.Close(s.t.Context())
	}
}

// notRead is a value that whoever reads a key says so of.
const notRead = `{"id":{"type":[]}}`

// each visits each key of what was learnt with each of twelve values, where visit tells by [notRead] that somebody
// reads it, in one API version after the other. Others have one of them, which is another one for the next key; in a
// short run every sixth key has one.
func (s *oddSweep) each(short bool, visit func(w *world, odd oddKey) (noticed bool)) {
	n, odd := 0, sandbox.OddValues()
	for _, route := range slices.Sorted(maps.Keys(s.keys)) {
		for _, path := range paths(s.keys[route], nil) {
			n++
			if testing.Short() && n%6 > 0 {
				continue
			}
			values := odd
			if short || testing.Short() || !visit(s.world("Preview"), oddKey{route, path, notRead}) {
				values = values[5*n%len(values):][:1]
			}
			for i, value := range values {
				visit(s.world(versions[(n+i)%len(versions)]), oddKey{route, path, value})
			}
		}
	}
}

// oddMeanings are what the values mean that are put in the place of others, but for the number that is too large.
var oddMeanings = sync.OnceValue(func() map[string]any {
	meanings := make(map[string]any)
	for _, text := range append(sandbox.OddValues(), notRead) {
		var meaning any
		if json.Unmarshal([]byte(text), &meaning) == nil {
			meanings[text] = meaning
		}
	}
	return meanings
})

// lies reports whether a value may be what a key holds, which nothing tells from what it should hold: it is empty, or
// of the same kind as what the sandbox answers, or a number for an id; custom attributes may hold anything.
func (s *oddSweep) lies(odd oddKey) bool {
	if slices.Contains(odd.path[:len(odd.path)-1], "custom_attributes") ||
		slices.Contains([]string{"null", `""`, "[]", "{}"}, odd.value) {
		return true
	}
	var given any = s.keys[odd.route]
	value, known := oddMeanings()[odd.value]
	if !known { // too large a number
		return false
	}
	for _, key := range odd.path {
		switch in := given.(type) {
		case map[string]any:
			given = in[key]
		case []any:
			given = in[0]
		}
	}
	_, isNumber := value.(float64)
	return fmt.Sprintf("%T", given) == fmt.Sprintf("%T", value) || isNumber && odd.path[len(odd.path)-1] == "id"
}

// withOdd is an answer with a key replaced, unless it has none.
func withOdd(body []byte, odd oddKey) []byte {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body))
	for _, key := range odd.path {
		if !goTo(decoder, key) {
			return body
		}
	}
	value, err := decoder.ReadValue()
	if err != nil {
		return body
	}
	end := int(decoder.InputOffset())
	return slices.Concat(body[:end-len(value)], []byte(odd.value), body[end:])
}

// goTo reads up to a member of the object that comes next, or to the first item of the list for "0".
func goTo(decoder *jsontext.Decoder, key string) bool {
	opened, err := decoder.ReadToken()
	if err != nil || opened.Kind() == '[' {
		return err == nil && key == "0" && decoder.PeekKind() != ']'
	}
	for opened.Kind() == '{' && decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil || name.String() == key {
			return err == nil
		}
		if decoder.SkipValue() != nil {
			return false
		}
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

// told is what a call came to, in words, and whether it is something that cannot be read.
func told(result Result) (words string, noticed bool) {
	words = string(result.JSON)
	if result.Err != nil {
		words = result.Err.Error()
	}
	return words, result.Err != nil || strings.Contains(words, "cannot be")
}

// namesOddKey reports whether what is told names a key, or what it is in, or what is missing without it.
func namesOddKey(told string, path []string) bool {
	known := []string{"has no id", "no list", "another object", "belongs to no workspace", "without advancing"}
	return slices.ContainsFunc(append(known, path[max(0, len(path)-2):]...),
		func(word string) bool { return strings.Contains(told, word) })
}
