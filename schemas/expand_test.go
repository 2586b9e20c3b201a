package schemas

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/schemas/generate"
)

// updating names the same fields at the root and in a list, and others under
// the same name in another list.
type updating struct {
	// what to write
	Set *written `json:"set,omitempty"`
	// each with its own
	Own []ownSet `json:"own,omitempty"`
	// each with another
	Others []otherSet `json:"others,omitempty"`
	// which
	Limit int `json:"limit,omitempty" jsonschema:"maximum=50"`
}

type written struct {
	// by name
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
	// whether
	Enabled *bool `json:"enabled,omitempty"`
	// how sure
	Level string `json:"level" jsonschema:"enum=low,enum=high"`
}

type ownSet struct {
	// as set
	Set written `json:"set"`
}

type otherSet struct {
	// another
	Set struct{} `json:"set"`
}

// TestExpand checks arguments against what a schema leaves out.
func TestExpand(t *testing.T) {
	doc, err := generate.LoadComments(".")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := generate.Schema(reflect.TypeFor[updating](), true, doc)
	if err != nil {
		t.Fatal(err)
	}
	l := probe(string(schema), "true")
	check := func(args string) (Validated, []Problem) {
		t.Helper()
		validated, problems, err := l.validateInput("probe", json.RawMessage(args))
		if err != nil {
			t.Fatal(err)
		}
		return validated, problems
	}
	validated, problems := check(`{"limit":"50","own":[{"set":{"level":"low","enabled":"true","custom_attributes":{"n":9007199254740993}}}],"others":[{"set":{}}]}`)
	if len(problems) > 0 {
		t.Error(problems)
	}
	if diff := cmp.Diff([]string{`limit: "50" read as 50`, `own[0].set.enabled: "true" read as true`},
		validated.Coerced); diff != "" {
		t.Errorf("coerced (-want +got):\n%s", diff)
	}
	_, problems = check(`{"own":[{"set":{"leveel":"low"}},{"set":{"level":"medium"}}],"others":[{"set":{"level":"low"}}]}`)
	want := []Problem{
		{"others[0].set.level", Unknown, `unknown argument "others[0].set.level"; none is taken here`, ""},
		{"own[0].set.leveel", Unknown, `unknown argument "own[0].set.leveel"; did you mean "level"?`, "level"},
		{"own[0].set.level", Missing, `missing argument "own[0].set.level"`, ""},
		{"own[1].set.level", Enum, `own[1].set.level: "medium" is not one of low, high`, ""},
	}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
