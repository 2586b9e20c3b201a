package script

import (
	"regexp"
	"time"

	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/tools"
)

// Step is one tool call and what is expected of it.
type Step struct {
	About       string            `yaml:"about"`        // for the report
	Call        string            `yaml:"call"`         // the tool's name
	With        map[string]any    `yaml:"with"`         // its arguments
	Expect      ast.Node          `yaml:"expect"`       // a part of the answer; nil expects nothing in particular
	ExpectError string            `yaml:"expect_error"` // the error's code
	ExpectText  string            `yaml:"expect_text"`  // regexp on what the model reads
	Save        map[string]string `yaml:"save"`         // variable: path into the answer
	Answer      string            `yaml:"answer"`       // accept, decline or cancel the question that comes
	As          *Caller           `yaml:"as"`           // who calls; nil: the user of the command
	At          string            `yaml:"at"`           // the time from here on, for the policy; empty leaves it

	node ast.Node
	line int
	text *regexp.Regexp // ExpectText
	at   time.Time      // At; zero: it is empty
}

// UnmarshalYAML decodes a step, remembers where it stands, and checks all but its use of variables.
func (s *Step) UnmarshalYAML(node ast.Node) error {
	type plain Step
	if err := decodeStrictly(node, (*plain)(s)); err != nil {
		return err
	}
	s.node, s.line = node, begin(node).GetToken().Position.Line
	s.With, _ = normal(s.With).(map[string]any)
	if s.Call == "" {
		return problemAt(node, "a step needs a call")
	}
	switch tools.Action(s.Answer) {
	case "", tools.Accept, tools.Decline, tools.Cancel:
	default:
		return problemAt(node, "answer %q is none of accept, decline, cancel", s.Answer)
	}
	if s.ExpectError != "" && (s.Expect != nil || len(s.Save) > 0) {
		return problemAt(node, "expect_error leaves no answer to expect or save")
	}
	var err error
	if s.At != "" {
		if s.at, err = time.Parse(time.RFC3339, s.At); err != nil {
			return problemAt(node, "at: %q is no time such as 2026-11-28T22:00:00Z", s.At)
		}
	}
	if s.text, err = regexp.Compile(s.ExpectText); err != nil {
		return problemAt(node, "expect_text: %v", err)
	}
	for name, path := range s.Save {
		if !variableName().MatchString(name) {
			return problemAt(node, "save: %q is no name for a variable", name)
		}
		if !valuePath().MatchString(path) {
			return problemAt(node, "save %s: %q is no path such as rows[0][2] or contact.name", name, path)
		}
	}
	return checkExpectation(s.Expect)
}

// checkVariables reports a variable that no earlier step saved, and adds to saved what this one saves.
func (s *Step) checkVariables(saved map[string]bool) error {
	for _, node := range ast.Filter(ast.StringType, s.node) {
		for _, found := range variable().FindAllStringSubmatch(node.(*ast.StringNode).Value, -1) {
			if !saved[found[1]] {
				return problemAt(node, "no earlier step saves ${%s}", found[1])
			}
		}
	}
	for name := range s.Save {
		saved[name] = true
	}
	return nil
}
