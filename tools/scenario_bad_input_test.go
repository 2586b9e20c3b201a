package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/tiktoken-go/tokenizer"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

// refusal is a call that must be refused.
type refusal struct {
	name string
	args json.RawMessage
	code toolerr.Code
	says string
	dry  bool // nothing may be sent, not even to read
	// looksUp tells that what the call names beside the bad argument may be read all the same
	looksUp bool
}

// badInputs is one tool that bad input is tried on.
type badInputs struct {
	*world
	tool    string
	schema  *argument
	input   *badInput
	samples object            // of the file, as this tool takes them
	stands  map[string]string // for the $words of the file
	codec   tokenizer.Codec
	covered map[string]bool // the cases of the file that some tool has run
}

// TestBadInput tries bad input on every tool of the catalogue. Each call is
// first made with good values, so that what is refused is the bad one.
func TestBadInput(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../testdata/bad_input.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var input badInput
	if err := yaml.UnmarshalWithOptions(file, &input, yaml.Strict()); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	covered := make(map[string]bool)
	for _, tool := range Catalogue() {
		t.Run(tool.Name, func(t *testing.T) {
			s := &badInputs{tool: tool.Name, schema: argumentsOf(t, tool.Name), input: &input,
				samples: maps.Clone(input.Samples), codec: codec, covered: covered}
			s.checkSamples(t)
			s.enter(t)
			s.checkRefusals(t, slices.Concat(s.syntactic(), s.fromSchema(), s.fromFile(), s.cursors()))
		})
	}
	for i, bad := range input.Bad {
		if !covered[fmt.Sprint("bad ", i)] {
			t.Errorf("no tool has any of %v", bad.At)
		}
	}
	for _, call := range input.Calls {
		if !covered[call.Name] {
			t.Errorf("no tool takes the call %q", call.Name)
		}
	}
}

// enter puts the tool into a workspace with two changes that wait, and one
// that is done.
func (s *badInputs) enter(t *testing.T) {
	t.Helper()
	s.world = newWorld(t, inMode(policy.ModeFull), withSandbox(func(o *sandbox.Options) { o.Contacts = 100 }))
	s.stands = make(map[string]string)
	contacts := s.sandbox.Contacts()
	noted := slices.MaxFunc(contacts,
		func(a, b sandbox.Contact) int { return len(s.sandbox.Notes(a.ID)) - len(s.sandbox.Notes(b.ID)) })
	s.stands["$contact"], s.stands["$contact_by_key"] = noted.ID, "external_id:"+noted.ExternalID
	for _, lead := range contacts {
		for _, user := range contacts {
			if lead.Role == "lead" && user.Role == "user" && lead.Email != "" && lead.Email == user.Email &&
				user.MergedInto == "" && lead.MergedInto == "" {
				s.stands["$lead"], s.stands["$user"] = lead.ID, user.ID
			}
		}
	}
	s.stands["$other_lead"] = contacts[slices.IndexFunc(contacts, func(c sandbox.Contact) bool {
		return c.Role == "lead" && c.MergedInto == "" && !c.Archived && c.ID != s.stands["$lead"]
	})].ID
	s.stands["$done_change"] = s.do("bulk_update_contacts", object{
		"contacts": []string{noted.ID, "external_id:u-10001"}, "set": object{"name": "Done"}})["change"].(string)
	for i, word := range []string{"$change", "$other_change"} {
		var ids []string
		for _, c := range contacts[12*i : 12*i+12] {
			ids = append(ids, c.ID)
		}
		s.stands[word] = s.do("bulk_update_contacts",
			object{"contacts": ids, "set": object{"name": "Waiting"}})["change"].(string)
	}
}

// viewing lets the caller name the changes of others.
func viewing(c *Call) { c.Roles = []string{RoleViewer} }

// sample is a good value of a top-level argument: the file's, or that of a usual call.
func (s *badInputs) sample(name string) any {
	if v, ok := s.samples[name]; ok {
		return s.fill(v)
	}
	for _, usual := range toolstest.UsualCalls() {
		var args object
		if usual.Tool == s.tool && json.Unmarshal(usual.Args, &args) == nil && args[name] != nil {
			return args[name]
		}
	}
	return s.schema.Properties[name].good()
}

// good makes a good call with the named argument and what it needs besides.
func (s *badInputs) good(name string) object {
	args := object{}
	for _, name := range slices.Concat(s.schema.Required, []string{name}, s.input.Beside[name]) {
		if s.schema.Properties[name] != nil {
			args[name] = s.sample(name)
		}
	}
	return args
}

// checkSamples proves that the good calls are accepted, each in a workspace
// of its own, and that the file knows each argument that takes any text.
func (s *badInputs) checkSamples(t *testing.T) {
	t.Helper()
	for name, a := range s.schema.Properties {
		if name == "cursor" {
			continue // a good one takes a call to get: see cursors
		}
		s.enter(t)
		got := s.try(s.tool, s.good(name), canAsk, viewing)
		for other, instead := range s.input.Instead {
			if got.Err != nil && s.schema.Properties[other] != nil {
				s.samples[other] = instead
				got = s.try(s.tool, s.good(name), canAsk, viewing)
			}
		}
		if got.Err != nil {
			t.Errorf("a good call with %s is refused: %v", name, got.Err)
		}
		known := slices.ContainsFunc(s.input.Bad, func(bad badValue) bool {
			return slices.ContainsFunc(bad.At, func(at string) bool { return steps(at)[0] == name })
		})
		if a.Type == "string" && len(a.Enum) == 0 && !known && !slices.Contains(s.input.Free, name) {
			t.Errorf("bad_input.yaml has no bad value of the argument %s", name)
		}
	}
}

// encode writes the arguments of a call.
func (s *badInputs) encode(args any) json.RawMessage {
	encoded, err := json.Marshal(args)
	if err != nil {
		s.t.Fatal(err)
	}
	return encoded
}

// syntactic lists what is no object of arguments at all.
func (s *badInputs) syntactic() []refusal {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	texts := map[string]string{
		"nothing": " ", "null": "null", "a number": "5", "a string": `"a"`, "an array": "[]", "half an object": `{"limit":`,
		"two objects": "{} {}", "an argument twice": `{"limit":1,"limit":2}`, "no UTF-8": "{\"a\":\"\xff\"}",
		"too deep": deep, "too large": `{"a":"` + strings.Repeat("x", 600<<10) + `"}`,
	}
	var all []refusal
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		all = append(all, refusal{name, json.RawMessage(texts[name]), toolerr.InvalidArgument, "", true, false})
	}
	return all
}

// fromSchema lists the calls that break the tool's input schema.
func (s *badInputs) fromSchema() []refusal {
	var all []refusal
	for _, m := range s.schema.misfits("") {
		args := s.encode(put(s.good(steps(m.path)[0]), steps(m.path), m.value))
		says := m.says
		if !strings.Contains(says, "unknown argument") && says != "NUL" {
			path := regexp.QuoteMeta(m.path)
			says = path + ".*(" + says + ")|(" + says + ").*" + path
		}
		all = append(all, refusal{m.path + ": " + m.name, args, toolerr.InvalidArgument, says, true, false})
	}
	repeated := s.schema.repeated("")
	for _, path := range slices.Sorted(maps.Keys(repeated)) {
		var args any = repeated[path]
		if holder := steps(path)[:len(steps(path))-1]; len(holder) > 0 {
			args = put(s.good(holder[0]), holder, repeated[path])
		}
		all = append(all, refusal{path + ": twice", s.encode(args), toolerr.InvalidArgument,
			"twice at " + regexp.QuoteMeta(path), true, false})
	}
	for _, name := range s.schema.Required {
		args := s.good("")
		delete(args, name)
		all = append(all, refusal{name + ": missing", s.encode(args), toolerr.InvalidArgument,
			fmt.Sprintf("missing argument %q", name), true, false})
	}
	return all
}

// cursors lists the calls with a cursor of other arguments, after it was
// proven that with its own it is good.
func (s *badInputs) cursors() []refusal {
	if s.schema.Properties["cursor"] == nil {
		return nil
	}
	args := s.good("")
	args["limit"] = 1
	cursor, _ := s.do(s.tool, args)["next_cursor"].(string)
	if cursor == "" {
		s.t.Fatal("one row is all there is: no cursor to try")
	}
	args["cursor"] = cursor
	s.do(s.tool, args)
	var all []refusal
	for name := range s.schema.Properties {
		if name == "cursor" || name == "limit" {
			continue
		}
		changed := s.good(name)
		if slices.Contains(s.schema.Required, name) {
			changed[name] = s.fill(s.input.Others[name])
		}
		changed["cursor"] = cursor
		all = append(all, refusal{"a cursor with another " + name, s.encode(changed), toolerr.InvalidArgument,
			"other arguments", false, false})
	}
	return all
}

// atLeast is how many bad calls each tool has to refuse.
const atLeast = 20

// checkRefusals makes the bad calls.
func (s *badInputs) checkRefusals(t *testing.T, cases []refusal) {
	t.Helper()
	if len(cases) < atLeast {
		t.Errorf("%d cases, want at least %d", len(cases), atLeast)
	}
	before, planned := s.sandbox.Snapshot(), s.changes()
	for _, c := range cases {
		s.sandbox.ResetCalls()
		result, err := s.Call(context.Background(), Call{Tool: s.tool, Args: c.args, Principal: "local",
			Roles:  []string{RoleViewer},
			CanAsk: true})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if result.Err == nil {
			t.Errorf("%s: not refused: %s %v", c.name, result.JSON, result.Ask)
			continue
		}
		s.checkError(t, c, result.Err)
		for _, sent := range s.sandbox.Calls() {
			if read := lookUps().MatchString(sent.Route); c.dry && !(c.looksUp && read) {
				t.Errorf("%s: %s was sent", c.name, sent.Route)
			}
		}
		if written := s.writes(); len(written) > 0 {
			t.Errorf("%s: %v was sent", c.name, written)
		}
	}
	if !bytes.Equal(before, s.sandbox.Snapshot()) {
		t.Error("the workspace has changed")
	}
	if now := s.changes(); now != planned {
		t.Errorf("%d changes were planned by calls that were refused", now-planned)
	}
}

// lookUps matches the reads by which contacts and companies are looked up.
var lookUps = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(GET /contacts/\{id\}|POST /contacts/search|GET /companies(/\{id\})?)$`)
})

// changes counts the changes that were ever planned.
func (s *badInputs) changes() int {
	list, err := s.store.List(context.Background(), "local", change.Query{Limit: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(list)
}

// never are words of what no error may carry: tokens, stacks, raw bodies.
var never = regexp.MustCompile(`test-token|goroutine|\.go:\d|error\.list|json: |0x[0-9a-f]{6}`)

// teaches matches texts that say what is right even without a next step.
var teaches = regexp.MustCompile(`\b(must|needs?|needed|takes?|goes with|cannot be|true or false|did you mean|is a (whole )?number)\b`)

// maxErrorTokens is what one error may cost a model, counted with o200k.
const maxErrorTokens = 60

// checkError holds an error to what every error has to be.
func (s *badInputs) checkError(t *testing.T, c refusal, got *toolerr.Error) {
	t.Helper()
	text := got.Error()
	checkForPerson(t, c.name, got)
	if got.Code != c.code {
		t.Errorf("%s: %s, want %s: %s", c.name, got.Code, c.code, text)
	}
	if !regexp.MustCompile(c.says).MatchString(text) {
		t.Errorf("%s: %q does not say %q", c.name, text, c.says)
	}
	if never.MatchString(text) || strings.ContainsAny(text, "\n\x00") {
		t.Errorf("%s: %q says what no error may", c.name, text)
	}
	if got.Next == "" && !teaches.MatchString(got.Message) {
		t.Errorf("%s: %q teaches nothing", c.name, text)
	}
	if n, err := s.codec.Count(text); err != nil || n > maxErrorTokens {
		t.Errorf("%s: %d tokens, at most %d: %s (%v)", c.name, n, maxErrorTokens, text, err)
	}
}
