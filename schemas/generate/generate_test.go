package generate

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// everything uses every feature that Schema knows.
type everything struct {
	paging
	// Contact is kept as it is written, over
	// two lines.
	Contact string   `json:"contact" jsonschema:"minLength=1,maxLength=500"`
	Where   []filter `json:"where,omitempty" jsonschema:"minItems=1,maxItems=15"` // a comment behind
	// any of these
	IDs []string `json:"ids,omitzero" jsonschema:"pattern=^[0-9a-f]{24}$,maxItems=50,uniqueItems=true"`
	// with <, > and & as they are
	Code string `json:"code,omitempty" jsonschema:"pattern=^\\d{1\\,3}=?$,enum=a,enum=b\\,c,default=a"`
	// what to write
	Set *changes `json:"set,omitempty"`
	// each with its own
	Updates []ownSet `json:"updates,omitempty"`
	// each with another
	Others []otherSet `json:"others,omitempty"`
	// when
	Since  time.Time `json:"since,omitempty"`
	hidden string
	Skip   func() `json:"-"`
}

type paging struct {
	// page size
	Limit int `json:"limit,omitempty" jsonschema:"minimum=1,maximum=50,default=20"`
}

type filter struct {
	// one of them
	Operator operator `json:"operator"`
	// how much
	Ratio float64 `json:"ratio,omitempty" jsonschema:"minimum=0.5,default=1.5"`
	// as exact as it comes
	Exact json.Number `json:"exact,omitempty"`
}

type operator string

func (operator) Enum() []string { return []string{"=", "!=", "<", "IN"} }

type changes struct {
	// by name
	CustomAttributes map[string]any `json:"custom_attributes,omitempty"`
	// whether
	Enabled *bool `json:"enabled,omitempty" jsonschema:"default=false"`
	// the day
	Day string `json:"day,omitempty" jsonschema:"format=date"`
	// how sure
	Level level `json:"level"`
}

// ownSet has an object that is like the root's.
type ownSet struct {
	// as set
	Set changes `json:"set"`
}

// otherSet has an object that only has the name of the root's.
type otherSet struct {
	// another
	Set filter `json:"set"`
}

type level int

func (level) MarshalText() ([]byte, error) { return nil, nil }

// answer holds what only outputs may.
type answer struct {
	Name    string          `json:"name"`
	Rows    [][]string      `json:"rows"`
	Total   *int            `json:"total,omitempty"`
	From    any             `json:"from,omitempty"`
	Values  []any           `json:"values,omitempty"`
	Raw     json.RawMessage `json:"raw,omitempty"`
	Counts  map[string]int  `json:"counts,omitempty"`
	Deep    map[string]deep `json:"deep,omitempty"`
	Columns [2]string       `json:"columns"`
}

type deep struct {
	A struct {
		B struct {
			C struct {
				D bool `json:"d"`
			} `json:"c"`
		} `json:"b"`
	} `json:"a"`
}

func TestSchema(t *testing.T) {
	_ = everything{}.hidden // a field that no schema may show
	doc, err := LoadComments(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		of    reflect.Type
		input bool
	}{
		"everything.input":  {reflect.TypeFor[everything](), true},
		"everything.output": {reflect.TypeFor[everything](), false},
		"answer.output":     {reflect.TypeFor[answer](), false},
		"nothing.input":     {reflect.TypeFor[struct{}](), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Schema(test.of, test.input, doc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := jsonschema.CompileString(name+".json", string(got)); err != nil {
				t.Error(err)
			}
			compareGolden(t, filepath.Join("testdata", name+".json"), got)
		})
	}
}

// compareGolden compares JSON with a file in which it is indented.
func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	var indented bytes.Buffer
	if err := json.Indent(&indented, got, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if *update {
		if err := os.WriteFile(file, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestLoadCommentsFails(t *testing.T) {
	if _, err := LoadComments(t.TempDir()); err == nil {
		t.Error("no error for a directory without Go files")
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "broken.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadComments(broken); err == nil {
		t.Error("no error for a file that does not parse")
	}
}
