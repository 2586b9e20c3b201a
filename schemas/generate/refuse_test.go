package generate

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

type recursive struct {
	// one
	Next *recursive `json:"next,omitempty"`
}

type mutual struct {
	// many
	Others []struct {
		// one
		Back map[string]mutual `json:"back"`
	} `json:"others"`
}

type selfEncoding struct{ A int }

func (*selfEncoding) UnmarshalJSON([]byte) error { return nil }

type level1 struct {
	// 1
	A level2 `json:"a"`
}

type level2 struct {
	// 2
	B []level3 `json:"b" jsonschema:"maxItems=5"`
}

type level3 struct {
	// 3
	C level4 `json:"c"`
}

type level4 struct {
	// 4
	D int `json:"d"`
}

// commented has a comment on its field, whatever the type of that.
type commented[T any] struct {
	// described
	Field T `json:"field"`
}

// tagged have tags that would be ignored, or read otherwise than meant.
type (
	tagText struct {
		// described
		Field string `json:"field" jsonschema:"maximum=5,maxLength=x,pattern=a{1,2},pattern=(,nonsense"`
	}
	tagNumber struct {
		// described
		Field int `json:"field" jsonschema:"minimum=low,enum=1,default=1.5"`
	}
	tagList struct {
		// described
		Field []string `json:"field" jsonschema:"maxItems=-1,pattern=a=b,uniqueItems=yes,minimum=1"`
	}
	tagFlag struct {
		// described
		Field bool `json:"field" jsonschema:"default=maybe"`
	}
	tagUnion struct {
		// described
		Field string `json:"field" jsonschema:"oneof_type=string;integer,nullable"`
	}
)

// mapLikeRoot has a map whose properties would be taken to be the object's.
type mapLikeRoot struct {
	// an object
	CustomAttributes level4 `json:"custom_attributes"`
	// another
	Set freeSet `json:"set"`
}

type freeSet struct {
	// a map
	CustomAttributes map[string]any `json:"custom_attributes"`
}

func TestSchemaRefuses(t *testing.T) {
	doc, err := LoadComments(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		of    reflect.Type
		wants []string // parts of the error
	}{
		"nil":       {nil, []string{"is no struct"}},
		"no struct": {reflect.TypeFor[map[string]any](), []string{"is no struct"}},
		"recursive": {reflect.TypeFor[recursive](), []string{"next: generate.recursive is recursive"}},
		"mutual":    {reflect.TypeFor[commented[[]mutual]](), []string{"an input takes no maps"}},
		"any": {reflect.TypeFor[commented[any]](),
			[]string{"field: an input takes values of any type in custom_attributes only"}},
		"raw": {reflect.TypeFor[commented[json.RawMessage]](),
			[]string{"field: an input takes values of any type"}},
		"any in a list": {reflect.TypeFor[commented[[]any]](), []string{"field[]: an input takes values of any type"}},
		"map": {reflect.TypeFor[commented[map[string]string]](),
			[]string{"field: an input takes no maps but custom_attributes"}},
		"channel":      {reflect.TypeFor[commented[chan int]](), []string{"field: chan int has no JSON Schema"}},
		"bytes":        {reflect.TypeFor[commented[[]byte]](), []string{"field: []uint8 has no JSON Schema"}},
		"integer keys": {reflect.TypeFor[commented[map[int]string]](), []string{"has no JSON Schema"}},
		"self-encoding": {reflect.TypeFor[commented[selfEncoding]](),
			[]string{"field: generate.selfEncoding has no JSON Schema"}},
		"depth": {reflect.TypeFor[level1](), []string{`"a.b[].c": more than 3 levels of properties`}},
		"no comment": {reflect.TypeFor[struct {
			A int `json:"a"`
		}](), []string{`"a": has no description`}},
		"no tag": {reflect.TypeFor[struct{ Limit int }](), []string{`Limit: name "" is not in snake case`}},
		"camel case": {reflect.TypeFor[struct {
			A int `json:"pageSize"`
		}](), []string{`A: name "pageSize" is not in snake case`}},
		"twice": {reflect.TypeFor[struct {
			paging
			Other int `json:"limit"`
		}](), []string{"limit: is there twice"}},
		"tags of texts": {reflect.TypeFor[tagText](),
			[]string{`"maximum=5" does not apply`, "maxLength=x: no such value", `"2}" is no keyword=value`,
				"pattern=(: no such value", `"nonsense" is no`}},
		"tags of numbers": {reflect.TypeFor[tagNumber](), []string{"minimum=low: no such", `"enum=1" does not apply`,
			"default=1.5: no such"}},
		"tags of lists": {reflect.TypeFor[tagList](), []string{"maxItems=-1: no such", "no equals sign",
			"uniqueItems=yes: no such", `"minimum=1" does not apply`}},
		"tags of flags": {reflect.TypeFor[tagFlag](), []string{"default=maybe: no such"}},
		"a map like an object": {reflect.TypeFor[mapLikeRoot](),
			[]string{`"set.custom_attributes": a map cannot have the name of an object`}},
		"unions": {reflect.TypeFor[tagUnion](), []string{`"oneof_type=string;integer" does not apply`, `"nullable" is no`}},
	} {
		t.Run(name, func(t *testing.T) {
			schema, err := Schema(test.of, true, doc)
			if err == nil {
				t.Fatalf("accepted as %s", schema)
			}
			for _, want := range test.wants {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

func TestSchemaRefusesRecursiveOutputs(t *testing.T) {
	for _, of := range []reflect.Type{reflect.TypeFor[recursive](), reflect.TypeFor[mutual](),
		reflect.TypeFor[commented[[]map[string]*mutual]]()} {
		if _, err := Schema(of, false, nil); err == nil || !strings.Contains(err.Error(), "recursive") {
			t.Errorf("%v: got %v", of, err)
		}
	}
}

func TestPortable(t *testing.T) {
	for keyword, value := range map[string]string{
		"$ref": `"#"`, "$defs": `{}`, "oneOf": `[]`, "anyOf": `[]`, "allOf": `[]`, "not": `{}`, "if": `{}`, "const": `1`,
		"patternProperties": `{}`, "exclusiveMinimum": `1`, "multipleOf": `2`, "contentEncoding": `"base64"`,
	} {
		for _, schema := range []string{
			`{"type":"object","KEY":VALUE}`,
			`{"type":"object","properties":{"a":{"description":"a","KEY":VALUE}}}`,
			`{"type":"object","properties":{"a":{"description":"a","items":{"KEY":VALUE}}}}`,
			`{"type":"object","additionalProperties":{"KEY":VALUE}}`,
		} {
			var v any
			if err := json.Unmarshal([]byte(strings.NewReplacer("KEY", keyword, "VALUE", value).Replace(schema)),
				&v); err != nil {
				t.Fatal(err)
			}
			check := portableCheck{input: true}
			check.schema(v, "", 0)
			if len(check.errs) != 1 || !strings.Contains(check.errs[0].Error(), keyword+" is not understood") {
				t.Errorf("%s in %s: got %v", keyword, schema, check.errs)
			}
		}
	}
}
