package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/schemas/strictjson"
)

// What an argument must not be is not read, and says the same as ever.
func TestReadPassesOver(t *testing.T) {
	long := strings.Repeat(`{"a":"]}\"","n":`, 10) + `[` + strings.Repeat(`[1,2],`, 10) + `0]` + strings.Repeat("}", 10)
	for args, want := range map[string]string{
		`{"limitt":` + long + `,"limit":5}`:                         `{"limit":5,"limitt":null}`,
		`{"limit":` + long + `}`:                                    `{"limit":{}}`,
		`{"limit":[` + long + `]}`:                                  `{"limit":[]}`,
		`{"tags":["abc","def","ghi",` + long + `],"dry":true}`:      `{"dry":true,"tags":["abc","def","ghi"]}`,
		`{"set":{"custom_attributes":{"a":[{"b":1e2}]},"c":[[]]}}`:  `{"set":{"c":null,"custom_attributes":{"a":[{"b":1e2}]}}}`,
		` { "where" : [ { "field" : "\u00e9" , "n" : -1.5e3 } ] } `: `{"where":[{"field":"é","n":-1.5e3}]}`,
	} {
		schema, err := probe(probeInput, probeOutput).schema(inputFile("probe"))
		if err != nil {
			t.Fatal(err)
		}
		r := reader{depth: strictjson.MaxDepth}
		doc, refused := r.read(schema, []byte(args))
		if got, err := json.Marshal(doc); refused != nil || err != nil || string(got) != want {
			t.Errorf("%s\nis read as %s, %v, %v\nwant        %s", args, got, refused, err, want)
		}
	}
}

// However many unknown arguments there are, only so many are compared with the
// valid ones.
func TestManyUnknownArguments(t *testing.T) {
	var args strings.Builder
	args.WriteString(`{"contact":"a"`)
	for i := range 1000 {
		fmt.Fprintf(&args, `,"limit%d":{"a":[%d]}`, i, i)
	}
	args.WriteString(`}`)
	_, problems, err := probe(probeInput, probeOutput).validateInput("probe", json.RawMessage(args.String()))
	if err != nil || len(problems) != MaxProblems {
		t.Fatalf("%d problems, %v", len(problems), err)
	}
	if problems[0].Message != `unknown argument "limit0"; did you mean "limit"?` {
		t.Errorf("the first is %+v", problems[0])
	}
}

// What no schema bounds is bounded all the same.
func TestReadBounds(t *testing.T) {
	members := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`"a%d":1`, i))
		}
		return strings.Join(list, ",")
	}
	tool := probe(strings.Replace(probeInput, `"maxLength": 50`, `"minLength": 1`, 1), probeOutput)
	for args, want := range map[string]string{
		`{"contact":"` + strings.Repeat("x",
			maxText) + `"}`: "",
		`{"contact":"` + strings.Repeat("x",
			maxText+1) + `"}`: "contact: must have at most 65536 bytes, got 65537",
		`{"contact":"a","set":{"custom_attributes":{` + members(maxMembers) +
			`}}}`: "",
		`{"contact":"a","set":{"custom_attributes":{` + members(maxMembers+1) +
			`}}}`: "set.custom_attributes: must have at most 250 members, got 251",
		`{"contact":"a","set":"{\"custom_attributes\":{` + strings.ReplaceAll(members(maxMembers+1), `"`,
			`\"`) + `}}"}`: "set.custom_attributes: must have at most 250 members, got 251",
		`{"contact":"a","set":{"custom_attributes":{"a":[` + strings.Repeat("1,",
			maxItems-1) + `1]}}}`: "",
		`{"contact":"a","set":{"custom_attributes":{"a":[1,[],` + strings.Repeat("1,",
			maxItems-3) +
			`1],"b":[{"c":[1,2]}]}}}`: "set.custom_attributes.b: holds more than 1000 items, with the lists before it",
	} {
		_, problems, err := tool.validateInput("probe", json.RawMessage(args))
		if err != nil || len(problems) > 1 || want == "" && len(problems) > 0 || want != "" &&
			(len(problems) == 0 || problems[0].Message != want) {
			t.Errorf("%.60s: %v, %v; want %s", args, problems, err, want)
		}
	}
}

// FuzzRead holds reading without a schema against encoding/json.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"\u00e9\ud83d\ude00"],"":{}}`, `[]`, `{"a":1,"a":2}`, `[1,]`, `{"a":1,}`, `[1 2]`,
		`"a`, `"\`, `nul`, `01`,
		`{"a"}`, `[[`, "\"\x01\"", "\"\xff\"",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := reader{depth: strictjson.MaxDepth + 1}
		got, err := r.read(nil, raw)
		want, theirs := decode(raw)
		switch refused := strictjson.Check(raw); {
		case len(r.long) > 0: // read in part
		case err == nil && theirs != nil:
			t.Fatalf("read as %v, but encoding/json says %v", got, theirs)
		case err == nil && !cmp.Equal(got, want):
			t.Fatalf("read otherwise: %s", cmp.Diff(want, got))
		case (err == nil) != (refused == nil):
			t.Fatalf("read with %v, checked with %v", err, refused)
		}
	})
}
