package intercom

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/rogpeppe/go-internal/txtar"

	"intercom-mcp/intercom/sandbox"
)

// apiVersions are those in which answers are read.
var apiVersions = []string{"2.10", "2.14", "2.15", "2.16", "2.17", "Preview"}

// exampleAnswer is a good answer to a request.
type exampleAnswer struct {
	name, request string // the request as operations name it, ids replaced by *
	body          any
}

// idSegments are the segments of a path that stand for ids.
var idSegments = regexp.MustCompile(`/(i[12]|a%2Fb@c|\$\d|[0-9a-f]{24}|\{[^}]*\})(/|$)`)

// plainRequest replaces the ids of a request, and leaves its query out.
func plainRequest(request string) string {
	request, _, _ = strings.Cut(request, "?")
	for range 2 { // neighbours overlap
		request = idSegments.ReplaceAllString(request, "/*$2")
	}
	return request
}

// exampleAnswers are the shapes, and where they are at hand the examples of Intercom's descriptions.
func exampleAnswers(t *testing.T) []exampleAnswer {
	t.Helper()
	files, err := filepath.Glob("sandbox/testdata/shapes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no shapes: %v", err)
	}
	var all []exampleAnswer
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		a := exampleAnswer{name: filepath.Base(file)}
		for _, f := range archive.Files {
			switch f.Name {
			case "requests":
				lines := strings.Split(strings.TrimSpace(string(f.Data)), "\n")
				method, rest, _ := strings.Cut(lines[len(lines)-1], " ")
				path, _, _ := strings.Cut(rest, " ")
				a.request = plainRequest(method + " " + path)
			case "answer":
				a.body = parsed(t, f.Data)
			}
		}
		all = append(all, a)
	}
	if os.Getenv(DescriptionsVariable) == "" {
		return all
	}
	docs, err := ReadDescriptions()
	if err != nil {
		t.Fatal(err)
	}
	for version, doc := range docs {
		all = append(all, describedAnswers(t, DescriptionFiles[version], doc)...)
	}
	return all
}

// describedAnswers are the examples of one description.
func describedAnswers(t *testing.T, file string, doc *openapi3.T) []exampleAnswer {
	t.Helper()
	var all []exampleAnswer
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			response := operation.Responses.Status(200)
			if response == nil || response.Value.Content.Get("application/json") == nil {
				continue
			}
			examples := response.Value.Content.Get("application/json").Examples
			for _, name := range slices.Sorted(maps.Keys(examples)) {
				data, err := json.Marshal(examples[name].Value.Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, exampleAnswer{file + " " + method + " " + path + " " + name, plainRequest(method + " " + path),
					parsed(t, data)})
			}
		}
	}
	return all
}

func parsed(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return value
}

// mutate calls a function with each key of a value replaced, and its path; at the end the value is as it was.
func mutate(value any, path string, visit func(path string, replace func(json.RawMessage))) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			before := value[key]
			visit(path+"."+key, func(with json.RawMessage) { value[key] = with })
			value[key] = before
			mutate(before, path+"."+key, visit)
		}
	case []any:
		for i := range min(len(value), 2) {
			mutate(value[i], path+"["+strconv.Itoa(i)+"]", visit)
		}
	}
}

// Whatever a key of an answer is, the rest is read, or the error names the key; never a panic, and no list is empty for
// it.
func TestMutatedAnswers(t *testing.T) {
	t.Parallel()
	byRequest := make(map[string][]operation)
	for _, op := range operations() {
		byRequest[plainRequest(op.request)] = append(byRequest[plainRequest(op.request)], op)
	}
	for _, example := range exampleAnswers(t) {
		if strings.HasSuffix(example.name, ".txtar") && byRequest[example.request] == nil {
			t.Errorf("%s: no operation sends %s", example.name, example.request)
		}
		for _, op := range byRequest[example.request] {
			if strings.HasSuffix(op.name, "All") || strings.HasPrefix(op.name, "Companies.FindBy") {
				continue // the same request page by page; and what is found by a key that the example has not
			}
			t.Run(example.name+" "+op.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { checkMutations(t, op, example.body) })
			})
		}
	}
}

// checkMutations calls an operation for each mutation of its answer, in one API version after the other. The good
// answer is read in all of them.
func checkMutations(t *testing.T, op operation, body any) {
	calls := 0
	clients := make([]*Client, len(apiVersions))
	fakes := make([]*fake, len(apiVersions))
	for i, version := range apiVersions {
		clients[i], fakes[i] = newFake(t, Config{Version: version}, nil)
	}
	encoded := func() reply {
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return ok(string(data))
	}
	call := func(strict bool, answer reply) error {
		c, f := clients[calls%len(apiVersions)], fakes[calls%len(apiVersions)]
		calls++
		f.answer = always(answer)
		client := newClient(c.conn, PriorityBulk, strict)
		c.conn.breaker = newBreaker()
		return op.call(background, client, goodIDs)
	}
	root, _ := body.(map[string]any)
	if strings.Contains(op.request, "find_by_external_id") {
		root["external_id"] = "a/b@c"
	}
	for name, sent := range map[string]string{"Contacts.Create": "email", "Companies.Save": "company_id"} {
		if op.name == name && root[sent] != nil { // as the call writes it, which the answer is compared with
			root[sent] = map[string]string{"email": "a@b.c", "company_id": "k"}[sent]
		}
	}
	for _, id := range []string{"i1", "i2"} { // the object that the call asks for
		if root["id"] != nil {
			root["id"] = id
		}
		if call(true, encoded()) == nil {
			break
		}
	}
	good := encoded()
	for range apiVersions {
		if err := call(true, good); err != nil {
			t.Fatalf("a good answer fails: %v", err)
		}
	}
	keys := 0
	mutate(body, "", func(path string, replace func(json.RawMessage)) {
		keys++
		for i, value := range sandbox.OddValues() {
			if testing.Short() && i%4 != keys%4 {
				continue
			}
			replace(json.RawMessage(value))
			answer := encoded()
			for _, strict := range []bool{false, true} {
				start := time.Now()
				err := call(strict, answer)
				if time.Since(start) > time.Minute {
					t.Errorf("%s = %.30s took %v", path, value, time.Since(start))
				}
				if err != nil && !namesKey(err.Error(), path) {
					t.Errorf("%s = %.30s (strict %t): %v", path, value, strict, err)
				}
				if err == nil && isItems(body, path) && !strings.HasPrefix(value, "[]") {
					t.Errorf("%s = %.30s passes for a list", path, value)
				}
			}
		}
	})
}

// namesKey reports whether an error names the key, or what is missing without it.
func namesKey(message, path string) bool {
	key := path[strings.LastIndexByte(path, '.')+1:]
	for _, word := range []string{key, "has no id", "is no list", "another object", "belongs to no workspace"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// isItems reports whether a path is the items of a list.
func isItems(body any, path string) bool {
	root, _ := body.(map[string]any)
	kind, _ := root["type"].(string)
	return strings.HasSuffix(kind, "list") && (path == ".data" || path == ".tags" || path == ".admins" ||
		path == ".segments" || path == ".companies" || path == ".contacts")
}
