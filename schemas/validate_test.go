package schemas

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// probeInput has one property of each kind that validation knows.
const probeInput = `{
	"type": "object",
	"properties": {
		"contact": {"type": "string", "minLength": 1, "maxLength": 50},
		"limit": {"type": "integer", "minimum": 1, "maximum": 50},
		"count": {"type": "integer"},
		"ratio": {"type": "number", "minimum": 0.5},
		"dry": {"type": "boolean"},
		"id": {"type": "string", "pattern": "^[0-9a-f]{24}$"},
		"day": {"type": "string", "format": "date"},
		"at": {"type": "string", "format": "date-time"},
		"mail": {"type": "string", "format": "email"},
		"tags": {"type": "array", "items": {"type": "string", "minLength": 3}, "minItems": 1, "maxItems": 3, "uniqueItems": true},
		"where": {"type": "array", "maxItems": 2, "items": {
			"type": "object",
			"properties": {
				"field": {"type": "string"},
				"operator": {"type": "string", "enum": ["equals", "not_equals", "IN"]},
				"n": {"type": "integer"},
				"value": {"type": "string"},
				"values": {"type": "array", "items": {"type": "string"}}
			},
			"required": ["field", "operator"],
			"additionalProperties": false
		}},
		"set": {"type": "object", "properties": {"custom_attributes": {"type": "object"}}, "additionalProperties": false},
		"none": {"type": "object", "additionalProperties": false}
	},
	"required": ["contact"],
	"additionalProperties": false
}`

const probeOutput = `{"type": "object", "properties": {"rows": {"type": "array", "maxItems": 50, "items": {"type": "array", "items": {"type": "string"}}}}, "required": ["rows"]}`

var problemTests = []struct {
	name, args string
	want       []Problem
}{
	{"missing", `{}`, []Problem{{"contact", Missing, `missing argument "contact"`, ""}}},
	{"unknown", `{"contact":"a","limitt":5}`,
		[]Problem{{"limitt", Unknown, `unknown argument "limitt"; did you mean "limit"?`, "limit"}}},
	{"unknown, camel case", `{"contact":"a","customAttributes":{},"set":{"customAttributes":{}}}`, []Problem{
		{"customAttributes", Unknown,
			`unknown argument "customAttributes"; valid here: at, contact, count, day, dry, id, limit, mail, none, ratio, set, tags, where`, ""},
		{"set.customAttributes", Unknown, `unknown argument "set.customAttributes"; did you mean "custom_attributes"?`,
			"custom_attributes"},
	}},
	{"unknown where none is taken", `{"contact":"a","none":{"b":1}}`,
		[]Problem{{"none.b", Unknown, `unknown argument "none.b"; none is taken here`, ""}}},
	{"unknown, hostile", `{"contact":"a","` + strings.Repeat("x", 60) + `\u202e\n":1,"":1}`, []Problem{
		{"", Unknown,
			`unknown argument ""; valid here: at, contact, count, day, dry, id, limit, mail, none, ratio, set, tags, where`, ""},
		{strings.Repeat("x", 40) + "...", Unknown, `unknown argument "` + strings.Repeat("x",
			40) + `..."; valid here: at, contact, count, day, dry, id, limit, mail, none, ratio, set, tags, where`, ""},
	}},
	{"type", `{"contact":5.5}`, []Problem{{"contact", Type, `contact: must be a string, got number 5.5`, ""}}},
	{"types", `{"contact":true,"limit":"x","ratio":"1e5","dry":"yes","tags":{},"where":7,"set":[]}`, []Problem{
		{"contact", Type, `contact: must be a string, got boolean true`, ""},
		{"dry", Type, `dry: must be a boolean, got string "yes"`, ""},
		{"limit", Type, `limit: must be an integer, got string "x"`, ""},
		{"ratio", Type, `ratio: must be a number, got string "1e5"`, ""},
		{"set", Type, `set: must be an object, got an array`, ""},
		{"tags", Type, `tags: must be an array, got an object`, ""},
		{"where", Type, `where: must be an array, got number 7`, ""},
	}},
	{"null", `{"contact":null,"limit":null}`, []Problem{
		{"contact", Type, `contact: must be a string, got null`, ""},
	}},
	{"no object", `[]`, []Problem{{"", Type, `the arguments: must be an object, got an array`, ""}}},
	{"no JSON", `{"a"`, []Problem{{"", Syntax, `the arguments: broken JSON: unexpected end of JSON input`, ""}}},
	{"two values", `{} {}`,
		[]Problem{{"", Syntax, `the arguments: broken JSON: invalid character '{' after top-level value`, ""}}},
	{"range", `{"contact":"a","limit":99,"ratio":0.25}`, []Problem{
		{"limit", Range, `limit: must be at most 50, got 99`, ""},
		{"ratio", Range, `ratio: must be at least 0.5, got 0.25`, ""},
	}},
	{"range of 64 bits", `{"contact":"a","count":9223372036854775808,"limit":1e30}`, []Problem{
		{"count", Range, `count: must be within 64 bits, got 9223372036854775808`, ""},
		{"limit", Range, `limit: must be at most 50, got 1000000000000000000000000000000`, ""},
	}},
	{"numbers out of all range", `{"contact":"a","set":{"custom_attributes":{"n":[1e-999999999]}},"limit":5}`, []Problem{
		{"set.custom_attributes.n[0]", Syntax, `set.custom_attributes.n[0]: a number too small to represent`, ""},
	}},
	{"length", `{"contact":""}`, []Problem{{"contact", Length, `contact: must not be empty`, ""}}},
	{"lengths", `{"contact":"` + strings.Repeat("\u00e9", 51) + `","tags":["ab"]}`, []Problem{
		{"contact", Length, `contact: must have at most 50 characters, got 51`, ""},
		{"tags[0]", Length, `tags[0]: must have at least 3 characters, got 2`, ""},
	}},
	{"items",
		`{"contact":"a","tags":[],"where":[{"field":"a","operator":"IN"},{"field":"a","operator":"IN"},{"field":"a","operator":"IN"}]}`, []Problem{
			{"tags", Items, `tags: must have at least 1 item, got 0`, ""},
			{"where", Items, `where: must have at most 2 items, got 3`, ""},
		}},
	{"items beyond all bounds",
		`{"contact":"a","limit":0,"where":[1,{"field":"a","operator":"IN"}` + strings.Repeat(`,{"n":[]}`, 50_000) + `]}`,
		[]Problem{
			{"limit", Range, `limit: must be at least 1, got 0`, ""},
			{"where", Items, `where: must have at most 2 items, got 50002`, ""},
			{"where[0]", Type, `where[0]: must be an object, got number 1`, ""},
		}},
	{"same item", `{"contact":"a","tags":["abc","def","abc"]}`,
		[]Problem{{"tags", Items, `tags: must not hold the same item twice`, ""}}},
	{"pattern", `{"contact":"a","id":"../admins"}`,
		[]Problem{{"id", Pattern, `id: "../admins" does not match ^[0-9a-f]{24}$`, ""}}},
	{"pattern, long and hostile", `{"contact":"a","id":"` + strings.Repeat("\u202e\\u0007\\\"", 5000) + `"}`, []Problem{
		{"id", Pattern, `id: "` + strings.Repeat(`\"`, 40) + `..." does not match ^[0-9a-f]{24}$`, ""},
	}},
	{"formats", `{"contact":"a","day":"1 May","at":"2026-01-01","mail":"me"}`, []Problem{
		{"at", Format, `at: "2026-01-01" is not a valid date-time, such as 2026-08-31T09:00:00Z`, ""},
		{"day", Format, `day: "1 May" is not a valid date, such as 2026-08-31`, ""},
		{"mail", Format, `mail: "me" is not a valid email, such as ada@example.com`, ""},
	}},
	{"nested", `{"contact":"a","where":[{"field":"a","operator":"equal"},{"feild":"b","operator":"like"}]}`, []Problem{
		{"where[0].operator", Enum, `where[0].operator: "equal" is not one of equals, not_equals, IN; nearest "equals"`,
			"equals"},
		{"where[1].feild", Unknown, `unknown argument "where[1].feild"; did you mean "field"?`, "field"},
		{"where[1].field", Missing, `missing argument "where[1].field"`, ""},
		{"where[1].operator", Enum, `where[1].operator: "like" is not one of equals, not_equals, IN`, ""},
	}},
}

func TestProblems(t *testing.T) {
	tool := probe(probeInput, probeOutput)
	for _, test := range problemTests {
		t.Run(test.name, func(t *testing.T) {
			validated, problems, err := tool.validateInput("probe", json.RawMessage(test.args))
			if err != nil || validated.Args != nil {
				t.Errorf("got %v, %v", validated, err)
			}
			if diff := cmp.Diff(test.want, problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProblemOfOtherKeyword(t *testing.T) {
	tool := probe(`{"type":"object","properties":{"n":{"type":"integer","multipleOf":3}},"minProperties":1}`, probeOutput)
	for args, want := range map[string]Problem{
		`{"n":4}`: {"n", Other, "n: 4 not multipleOf 3", ""},
		`{}`:      {"", Other, "the arguments: minimum 1 properties allowed, but found 0 properties", ""},
	} {
		_, problems, err := tool.validateInput("probe", json.RawMessage(args))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Problem{want}, problems); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
	}
}

func TestValidateOutput(t *testing.T) {
	tool := probe(probeInput, probeOutput)
	if err := tool.validateOutput("probe", json.RawMessage(`{"rows":[["a"]],"more":1}`)); err != nil {
		t.Error(err)
	}
	for answer, want := range map[string]string{
		`{}`:                             "schemas: the answer of probe breaks its schema at rows (missing)",
		`{"rows":null}`:                  "schemas: the answer of probe breaks its schema at rows (type)",
		`{"rows":[["a",12345],[67890]]}`: "schemas: the answer of probe breaks its schema at rows[0][1] (type), rows[1][0] (type)",
		`{"rows":[` + strings.Repeat("[],", 50) + `[]]}`: "schemas: the answer of probe breaks its schema at rows (items)",
		`[]`:                              "schemas: the answer of probe breaks its schema at the arguments (type)",
		`{"rows":[["ada@example.com"]]]}`: "schemas: the answer of probe is no JSON: invalid character",
	} {
		err := tool.validateOutput("probe", json.RawMessage(answer))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", answer, err, want)
		}
	}
}

func TestUnknownTool(t *testing.T) {
	for _, tool := range []string{"", "nope", "../schemas/list_segments", "/etc/passwd"} {
		_, inputErr := Input(tool)
		_, outputErr := Output(tool)
		_, _, validateErr := ValidateInput(tool, json.RawMessage(`{}`))
		for _, err := range []error{inputErr, outputErr, validateErr, ValidateOutput(tool, json.RawMessage(`{}`))} {
			if err == nil || tool == "nope" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%q: got %v", tool, err)
			}
		}
	}
}

func TestBrokenSchema(t *testing.T) {
	for name, schema := range map[string]string{
		"no JSON":   `{"type":`,
		"no schema": `{"type":5}`,
		"remote":    `{"$ref":"https://example.com/schema.json"}`,
		"file":      `{"$ref":"file:///etc/passwd"}`,
	} {
		tool := probe(schema, schema)
		for range 2 { // the second time from memory
			if _, _, err := tool.validateInput("probe", json.RawMessage(`{}`)); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	}
}

// TestEmbedded holds the committed files to what their readers rely on.
func TestEmbedded(t *testing.T) {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		tool := entry.Name()
		for _, kind := range []string{".input.json", ".output.json", ".brief.json"} {
			tool = strings.TrimSuffix(tool, kind)
		}
		for _, half := range []string{inputFile(tool), outputFile(tool)} {
			raw, err := embedded.read(half)
			if err != nil {
				t.Errorf("%s: %v", entry.Name(), err)
				continue
			}
			var root struct{ Type string }
			if err := json.Unmarshal(raw, &root); err != nil || root.Type != "object" {
				t.Errorf("%s is no schema of an object: %v", half, err)
			}
			if _, err := embedded.schema(half); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	tool := probe(probeInput, probeOutput)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 50 {
				validated, problems, err := tool.validateInput("probe", json.RawMessage(`{"contact":5}`))
				if err != nil || len(problems) > 0 || string(validated.Args) != `{"contact":"5"}` {
					t.Errorf("got %s, %v, %v", validated.Args, problems, err)
				}
				if err := tool.validateOutput("probe", json.RawMessage(`{"rows":[]}`)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
