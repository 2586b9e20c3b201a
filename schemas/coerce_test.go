package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCoercion(t *testing.T) {
	tool := probe(strings.Replace(probeInput, `"required": ["contact"],`, "", 1), probeOutput)
	for _, test := range []struct {
		args, want string
		coerced    []string
	}{
		{`{"limit":"5"}`, `{"limit":5}`, []string{`limit: "5" read as 5`}},
		{`{"count":"-9007199254740993"}`, `{"count":-9007199254740993}`,
			[]string{`count: "-9007199254740993" read as -9007199254740993`}},
		{`{"limit":5.0}`, `{"limit":5}`, []string{`limit: 5.0 read as 5`}},
		{`{"count":12e2}`, `{"count":1200}`, []string{`count: 12e2 read as 1200`}},
		{`{"ratio":"1.50"}`, `{"ratio":1.50}`, []string{`ratio: "1.50" read as 1.50`}},
		{`{"dry":"true"}`, `{"dry":true}`, []string{`dry: "true" read as true`}},
		{`{"contact":12}`, `{"contact":"12"}`, []string{`contact: 12 read as "12"`}},
		{`{"contact":9007199254740993}`, `{"contact":"9007199254740993"}`,
			[]string{`contact: 9007199254740993 read as "9007199254740993"`}},
		{`{"tags":"vip"}`, `{"tags":["vip"]}`, []string{`tags: "vip" read as ["vip"]`}},
		{`{"tags":"[VIP]"}`, `{"tags":["[VIP]"]}`, []string{`tags: "[VIP]" read as ["[VIP]"]`}},
		{`{"tags":123}`, `{"tags":["123"]}`, []string{`tags: 123 read as ["123"]`}},
		{`{"tags":[123,"abc"]}`, `{"tags":["123","abc"]}`, []string{`tags[0]: 123 read as "123"`}},
		{`{"tags":" [\"abc\", 123]"}`, `{"tags":["abc","123"]}`, []string{`tags: JSON text read as an array`,
			`tags[1]: 123 read as "123"`}},
		{`{"where":"[{\"field\":\"a<b\",\"operator\":\"IN\",\"n\":\"7\"}]"}`,
			`{"where":[{"field":"a<b","n":7,"operator":"IN"}]}`,
			[]string{`where: JSON text read as an array`, `where[0].n: "7" read as 7`}},
		{`{"set":"{\"custom_attributes\":{\"n\":9007199254740993}}"}`, `{"set":{"custom_attributes":{"n":9007199254740993}}}`,
			[]string{`set: JSON text read as an object`}},
		{`"{\"limit\":\"5\"}"`, `{"limit":5}`, []string{`the arguments: JSON text read as an object`,
			`limit: "5" read as 5`}},
		// One object for a list of one, as such or as JSON text, and a list of JSON texts.
		{`{"where":{"field":"a","operator":"IN"}}`, `{"where":[{"field":"a","operator":"IN"}]}`,
			[]string{`where: one object read as a list of it`}},
		{`{"where":"{\"field\":\"a\",\"operator\":\"IN\",\"n\":\"7\"}"}`, `{"where":[{"field":"a","n":7,"operator":"IN"}]}`,
			[]string{`where: one object read as a list of it`, `where[0].n: "7" read as 7`}},
		{`{"where":["{\"field\":\"a\",\"operator\":\"IN\"}"]}`, `{"where":[{"field":"a","operator":"IN"}]}`,
			[]string{`where[0]: JSON text read as an object`}},
		// An optional null is absent, without a word, but for the keys of an open object.
		{`{"limit":null,"contact":null,"set":null,"where":null}`, `{}`, nil},
		{`{"set":{"custom_attributes":null}}`, `{"set":{}}`, nil},
		{`{"limit":null,"set":{"custom_attributes":{"plan":null}}}`, `{"set":{"custom_attributes":{"plan":null}}}`, nil},
		{`{"where":[{"field":"a","operator":"IN","n":null}]}`, `{"where":[{"field":"a","operator":"IN"}]}`, nil},
		// What a filter compares with is read as what it is.
		{`{"where":[{"field":"a","operator":"IN","value":true}]}`, `{"where":[{"field":"a","operator":"IN","value":"true"}]}`,
			[]string{`where[0].value: true read as "true"`}},
		{`{"where":[{"field":"a","operator":"IN","value":12.0}]}`, `{"where":[{"field":"a","operator":"IN","value":"12"}]}`,
			[]string{`where[0].value: 12.0 read as "12"`}},
		{`{"where":{"field":"a","operator":"IN","values":[1e3,false,0.5]}}`,
			`{"where":[{"field":"a","operator":"IN","values":["1000","false","0.5"]}]}`,
			[]string{`where: one object read as a list of it`, `where[0].values[0]: 1e3 read as "1000"`,
				`where[0].values[1]: false read as "false"`, `where[0].values[2]: 0.5 read as "0.5"`}},
		// Blanks around a name that is known do not count, whether they are seen or not.
		{`{"limit ":5}`, `{"limit":5}`, []string{`limit: "limit " read as "limit"`}},
		{`{"\ufefflimit":"5"}`, `{"limit":5}`, []string{`limit: "limit" read as "limit"`, `limit: "5" read as 5`}},
		{`{"where":[{"field":"a"," operator\u00a0":"IN "}]}`, `{"where":[{"field":"a","operator":"IN"}]}`,
			[]string{`where[0].operator: " operator\u00a0" read as "operator"`, `where[0].operator: "IN " read as "IN"`}},
		// What fits is left as it came, to the byte, and open objects are never touched.
		{` {"limit": 5, "contact": "5"} `, ` {"limit": 5, "contact": "5"} `, nil},
		{`{"set":{"custom_attributes":{"n":9007199254740993,"m":"5","f":1.0,"l":"[1]"}}}`,
			`{"set":{"custom_attributes":{"n":9007199254740993,"m":"5","f":1.0,"l":"[1]"}}}`, nil},
		{`{"set":{"custom_attributes":{"f":1.0,"m":"5"}},"limit":"5"}`,
			`{"limit":5,"set":{"custom_attributes":{"f":1.0,"m":"5"}}}`, []string{`limit: "5" read as 5`}},
	} {
		validated, problems, err := tool.validateInput("probe", json.RawMessage(test.args))
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: got %v, %v", test.args, problems, err)
			continue
		}
		if diff := cmp.Diff(Validated{json.RawMessage(test.want), test.coerced}, validated); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.args, diff)
		}
	}
}

func TestManyItems(t *testing.T) {
	tool := probe(`{"type":"object","properties":{"ids":{"type":"array","items":{"type":"string"}}}}`, probeOutput)
	validated, problems, err := tool.validateInput("probe",
		json.RawMessage(`{"ids":[`+strings.Repeat("7,", maxItems-1)+`7]}`))
	if err != nil || len(problems) > 0 {
		t.Fatalf("got %v, %v", problems, err)
	}
	if len(validated.Coerced) != maxLines+1 || validated.Coerced[maxLines] != "980 more values read likewise" {
		t.Errorf("coerced: %q", validated.Coerced)
	}
	_, problems, err = tool.validateInput("probe", json.RawMessage(`{"ids":[`+strings.Repeat("true,", maxItems)+`7]}`))
	if err != nil || len(problems) != MaxProblems || problems[0].Message != "ids: must have at most 1000 items, got 1001" {
		t.Errorf("got %v, %v", problems, err)
	}
}

// TestNoCoercion has what could mean something else, or would lose something.
func TestNoCoercion(t *testing.T) {
	tool := probe(strings.Replace(probeInput, `"required": ["contact"],`, "", 1), probeOutput)
	for _, args := range []string{
		`{"limit":"5.0"}`, `{"limit":"05"}`, `{"limit":"+5"}`, `{"limit":" 5"}`, `{"limit":""}`, `{"limit":"-0"}`,
		`{"limit":true}`, `{"limit":[5]}`,
		`{"limit":5.5}`, `{"count":"9223372036854775808"}`, `{"count":1e300}`,
		`{"ratio":"1e1"}`, `{"ratio":".5"}`, `{"ratio":"0x1"}`, `{"ratio":"NaN"}`,
		`{"dry":"True"}`, `{"dry":"yes"}`, `{"dry":1}`,
		`{"contact":5.0}`, `{"contact":1e3}`, `{"contact":true}`, `{"contact":["a"]}`,
		`{"tags":""}`, `{"tags":1.5}`, `{"tags":"{\"a\":1}x","limit":0}`, `{"where":"abc"}`, `{"where":{"field":"a"}}`,
		`{"where":{}}`, `{"limit":5,"limit ":6}`, `{"limit ":6,"limit":5}`,
		`{"where":[null]}`, `{"where":[{"field":null,"operator":"IN"}]}`, `{"where":[{"field":true,"operator":"IN"}]}`,
		`{"set":"{\"custom_attributes\":{\"a\":1,\"a\":2}}"}`, `{"set":"{\"custom_attributes\":{\"a\":1e999999999}}"}`,
		`{"set":"{} {}"}`, `{"set":"{"}`, `{"set":"` + strings.Repeat(`{\"custom_attributes\":`,
			maxTextDepth+1) + `1` + strings.Repeat(`}`, maxTextDepth+1) + `"}`,
	} {
		validated, problems, err := tool.validateInput("probe", json.RawMessage(args))
		if err != nil || len(problems) == 0 {
			t.Errorf("%s: got %s, %v, %v", args, validated.Args, validated.Coerced, err)
		}
	}
}

// What encoding/json would change without a word is refused in JSON text, too.
func TestRefusedText(t *testing.T) {
	tool := probe(strings.Replace(probeInput, `"required": ["contact"],`, "", 1), probeOutput)
	for args, want := range map[string]string{
		`{"set":"{\"custom_attributes\":{\"a\":\"x\\ud800y\"}}"}`:                            "set.custom_attributes.a: the JSON text is refused: half a surrogate pair",
		`{"set":"{\"custom_attributes\":{\"a\":\"\\udc00\\ud800\"}}"}`:                       "set.custom_attributes.a: the JSON text is refused: half a surrogate pair",
		`{"set":"{\"custom_attributes\":{\"a\":\"\\ud83dz\"}}"}`:                             "set.custom_attributes.a: the JSON text is refused: half a surrogate pair",
		`{"set":"{\"custom_attributes\":{\"\\ud83d\\u0041\":1}}"}`:                           "set.custom_attributes: the JSON text is refused: half a surrogate pair",
		`{"tags":"[\"a\\ud800\"]"}`:                                                          "tags[0]: the JSON text is refused: half a surrogate pair",
		`{"where":["{\"field\":\"\\udfff\",\"operator\":\"IN\"}"]}`:                          "where[0].field: the JSON text is refused: half a surrogate pair",
		`{"set":"{\"custom_attributes\":{\"a\":\"\\ud83d\\ude00\\ufffd\ufffd\\\\ud800\"}}"}`: "",
	} {
		_, problems, err := tool.validateInput("probe", json.RawMessage(args))
		if err != nil || len(problems) > 1 || want == "" && len(problems) > 0 || want != "" &&
			(len(problems) == 0 || problems[0].Message != want) {
			t.Errorf("%s: %v, %v; want %s", args, problems, err, want)
		}
	}
}

// JSON texts have together as many members as a message may have.
func TestManyMembersInTexts(t *testing.T) {
	tool := probe(`{"type":"object","properties":{"rows":{"type":"array","items":{"type":"object"}}}}`, probeOutput)
	members := make([]string, 250)
	for i := range members {
		members[i] = fmt.Sprintf(`\"a%d\":1`, i)
	}
	row := `"{` + strings.Join(members, ",") + `}",`
	for rows, want := range map[int]string{
		24: "",
		25: "rows[24]: the JSON text is refused: more than 6,000 members; send fewer at a time",
	} {
		_, problems, err := tool.validateInput("probe",
			json.RawMessage(`{"rows":[`+strings.TrimSuffix(strings.Repeat(row, rows), ",")+`]}`))
		if err != nil || len(problems) > 1 || want == "" && len(problems) > 0 || want != "" &&
			(len(problems) == 0 || problems[0].Message != want) {
			t.Errorf("%d: %v, %v; want %s", rows, problems, err, want)
		}
	}
}

// FuzzValidateInput checks that whatever comes in is either refused or becomes
// arguments that need no second coercion, and that nothing panics.
func FuzzValidateInput(f *testing.F) {
	for _, seed := range []string{
		`{"contact":"a","limit":"5","where":[{"field":"a","operator":"IN"}],"tags":"x"}`,
		`{"contact":5,"set":"{\"custom_attributes\":{}}","tags":"[\"abc\"]"}`,
		`{"limitt":5e0,"count":1e999999999,"dry":"true","ratio":"1.5"}`,
		`{"contact":"a","id":"\u0000/~1%2F","a/b":{"~":[]},"where":"[[]]","none":{"%zz":1}}`,
		`null`, `"{}"`, `[1e-999999999]`, `{"contact":{"contact":[null]}}`,
	} {
		f.Add([]byte(seed))
	}
	tool := probe(probeInput, probeOutput)
	f.Fuzz(func(t *testing.T, args []byte) {
		validated, problems, err := tool.validateInput("probe", args)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if p.Message == "" || p.Kind == "" || strings.ContainsAny(p.Message+p.Path, "\n\r\x00\u202e") {
				t.Errorf("problem %+q", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		again, problems, err := tool.validateInput("probe", validated.Args)
		if err != nil || len(problems) > 0 || len(again.Coerced) > 0 || string(again.Args) != string(validated.Args) {
			t.Errorf("%s became %s, which becomes %s, %v, %v", args, validated.Args, again.Args, problems, err)
		}
	})
}

func BenchmarkValidateInput(b *testing.B) {
	for name, args := range map[string]string{
		"fits":    `{"contact":"ada@example.com","limit":20,"where":[{"field":"name","operator":"IN","n":4}],"tags":["vip","new"]}`,
		"coerced": `{"contact":5,"limit":"20","where":"[{\"field\":\"name\",\"operator\":\"IN\"}]","tags":"vip"}`,
		"refused": `{"contract":"ada","limit":200,"where":[{"field":"name","operator":"like"}]}`,
	} {
		b.Run(name, func(b *testing.B) {
			tool := probe(probeInput, probeOutput)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := tool.validateInput("probe", json.RawMessage(args)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValidateOutput(b *testing.B) {
	rows := strings.Repeat(`["64b5f0c2a1b2c3d4e5f60718","Ada","ada@example.com","user","","2026-08-31","",""],`, 50)
	answer := json.RawMessage(`{"rows":[` + strings.TrimSuffix(rows, ",") + `]}`)
	tool := probe(probeInput, probeOutput)
	b.ReportAllocs()
	for b.Loop() {
		if err := tool.validateOutput("probe", answer); err != nil {
			b.Fatal(err)
		}
	}
}
