package tools

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"intercom-mcp/tools/toolerr"
)

// badInput is testdata/bad_input.yaml.
type badInput struct {
	Samples, Others, Instead object
	Beside                   map[string][]string
	Free                     []string
	Bad                      []badValue
	Calls                    []badCall
}

// badValue is a value that is refused at some places.
type badValue struct {
	At                places
	Value             any
	Times             int
	Has, Lacks        []string
	Code, Says, Sends string
}

// badCall is a whole call that is refused.
type badCall struct {
	Name              string
	On                string // the argument whose good call Args replace parts of
	Has               []string
	Args              object
	Code, Says, Sends string
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

// fromFile lists the cases of the file whose arguments the tool has.
func (s *badInputs) fromFile() []refusal {
	var all []refusal
	for i, bad := range s.input.Bad {
		for _, at := range bad.At {
			if !s.schema.has(at) || slices.ContainsFunc(bad.Has, s.lacks) || slices.Contains(bad.Lacks, s.tool) {
				continue
			}
			s.covered[fmt.Sprint("bad ", i)] = true
			args := put(s.good(steps(at)[0]), steps(at), s.value(bad))
			name := fmt.Sprintf("%s: %.40s", at, fmt.Sprint(bad.Value))
			all = append(all, refusal{name, s.encode(args), toolerr.Code(bad.Code), bad.Says, bad.Sends != "" &&
				!severalOf(args), namesOther(args, steps(at)[0])})
		}
	}
	for _, call := range s.input.Calls {
		if !s.schema.takes(call.Args) || slices.ContainsFunc(call.Has, s.lacks) {
			continue
		}
		s.covered[call.Name] = true
		args := s.good(call.On)
		maps.Copy(args, s.fill(call.Args).(object))
		all = append(all, refusal{call.Name, s.encode(args), toolerr.Code(call.Code), call.Says, call.Sends != "", false})
	}
	return all
}

// severalOf reports whether a call names contacts, all of which are looked up so that one error names all that is
// wrong.
func severalOf(args any) bool {
	call, ok := args.(object)
	return ok && (call["contacts"] != nil || call["updates"] != nil)
}

// namesOther reports whether a call names a contact or a company, beside the argument that is bad: it is looked up, so
// that one error names all that is wrong.
func namesOther(args any, bad string) bool {
	call, _ := args.(object)
	return slices.ContainsFunc([]string{"contact", "into", "company"}, func(name string) bool {
		return name != bad && call[name] != nil
	})
}

// lacks reports whether the tool does not have the argument at a path.
func (s *badInputs) lacks(path string) bool { return !s.schema.has(path) }

// value is a bad value as often as it is wanted: a long text, or a long list.
func (s *badInputs) value(bad badValue) any {
	text, isText := bad.Value.(string)
	switch {
	case bad.Times == 0:
		return s.fill(bad.Value)
	case isText && len(text) == 1:
		return strings.Repeat(text, bad.Times)
	}
	return slices.Repeat([]any{s.fill(bad.Value)}, bad.Times)
}

// fill copies a value of the file, with what its words stand for.
func (s *badInputs) fill(v any) any {
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
