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
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/tiktoken-go/tokenizer"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// badInput is testdata/bad_input.yaml.
type badInput struct {
	Samples, Others object
	Beside          map[string][]string
	Free            []string
	Bad             []struct {
		At                places
		Value             any
		Times             int
		Code, Says, Sends string
	}
	Calls []struct {
		Name              string
		Has               []string
		Args              object
		Code, Says, Sends string
	}
}

// places is one path, or several.
type places []string

func (p *places) UnmarshalYAML(decode func(any) error) error {
	var one string
	if err := decode(&one); err == nil {
		*p = places{one}
		return nil
	}
	return decode((*[]string)(p))
}

// refusal is a call that must be refused.
type refusal struct {
	name string
	args any
	code Code
	says string
	dry  bool // nothing may be sent, not even to read
	at   string
}

// sufferer is one tool that bad input is tried on.
type sufferer struct {
	*world
	tool    string
	schema  *argument
	input   *badInput
	stands  map[string]string // for the $words of the file
	codec   tokenizer.Codec
	covered map[string]bool // the cases of the file that some tool has run
}

// TestBadInput tries bad input on every tool of the catalogue. Each call is
// first made with good values, so that what is refused is the bad one.
func TestBadInput(t *testing.T) {
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
			s := &sufferer{tool: tool.Name, schema: argumentsOf(t, tool.Name), input: &input, codec: codec, covered: covered}
			s.checkSamples(t)
			s.enter(t)
			s.suffer(t, slices.Concat(s.syntactic(), s.fromSchema(), s.fromFile(), s.cursors()))
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

// enter puts the tool into a workspace with two changes that wait.
func (s *sufferer) enter(t *testing.T) {
	t.Helper()
	s.world = newWorld(t, inMode(policy.ModeFull), withSandbox(func(o *sandbox.Options) { o.Contacts = 100 }))
	s.stands = make(map[string]string)
	contacts := s.sandbox.Contacts()
	noted := slices.MaxFunc(contacts, func(a, b sandbox.Contact) int { return len(s.sandbox.Notes(a.ID)) - len(s.sandbox.Notes(b.ID)) })
	s.stands["$contact"], s.stands["$contact_by_key"] = noted.ID, "external_id:"+noted.ExternalID
	for i, word := range []string{"$change", "$other_change"} {
		var ids []string
		for _, c := range contacts[12*i : 12*i+12] {
			ids = append(ids, c.ID)
		}
		s.stands[word] = s.do("bulk_update_contacts", object{"contacts": ids, "set": object{"name": "Waiting"}})["change"].(string)
	}
}

// fill copies a value of the file, with what its words stand for.
func (s *sufferer) fill(v any) any {
	switch v := v.(type) {
	case string:
		if stands, ok := s.stands[v]; ok {
			return stands
		}
	case map[string]any:
		filled := object{}
		for name, value := range v {
			filled[name] = s.fill(value)
		}
		return filled
	case []any:
		filled := make([]any, len(v))
		for i, value := range v {
			filled[i] = s.fill(value)
		}
		return filled
	}
	return v
}

// sample is a good value of a top-level argument.
func (s *sufferer) sample(name string) any {
	if v, ok := s.input.Samples[name]; ok {
		return s.fill(v)
	}
	return s.schema.Properties[name].good()
}

// good makes a good call with the named argument and what it needs besides.
func (s *sufferer) good(name string) object {
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
func (s *sufferer) checkSamples(t *testing.T) {
	t.Helper()
	for name, a := range s.schema.Properties {
		if name == "cursor" {
			continue // a good one takes a call to get: see cursors
		}
		s.enter(t)
		if got := s.try(s.tool, s.good(name)); got.Err != nil {
			t.Errorf("a good call with %s is refused: %v", name, got.Err)
		}
		known := slices.ContainsFunc(s.input.Bad, func(bad struct {
			At                places
			Value             any
			Times             int
			Code, Says, Sends string
		}) bool {
			return slices.ContainsFunc(bad.At, func(at string) bool { return steps(at)[0] == name })
		})
		if a.Type == "string" && len(a.Enum) == 0 && !known && !slices.Contains(s.input.Free, name) {
			t.Errorf("bad_input.yaml has no bad value of the argument %s", name)
		}
	}
}
