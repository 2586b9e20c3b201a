package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/tools"
)

// scriptStep is one tool call and what is expected of it.
type scriptStep struct {
	at          place
	text        *regexp.Regexp       // from ExpectText
	expectation *expectation         // from Expect; nil expects nothing in particular
	paths       map[string]valuePath // from Save
	uses        []variableUse

	About       string            `yaml:"about"`        // for the report
	Call        string            `yaml:"call"`         // the tool's name
	With        map[string]any    `yaml:"with"`         // its arguments
	Expect      ast.Node          `yaml:"expect"`       // a part of the answer
	ExpectError string            `yaml:"expect_error"` // the error's code
	ExpectText  string            `yaml:"expect_text"`  // regexp on what the model reads
	Save        map[string]string `yaml:"save"`         // variable: path into the answer
	Answer      string            `yaml:"answer"`       // accept, decline or cancel the question that comes
}

// variableUse is one ${name} in a step.
type variableUse struct {
	name string
	at   place
}

// UnmarshalYAML decodes a step and remembers where it stands.
func (s *scriptStep) UnmarshalYAML(node ast.Node) error {
	type plain scriptStep
	if err := decodeStrictly(node, (*plain)(s)); err != nil {
		return err
	}
	s.at = start(node)
	s.With, _ = normal(s.With).(map[string]any)
	ast.Walk(variableFinder{&s.uses}, node)
	return s.compile(node)
}

// compile checks the parts of the step and prepares them for running.
func (s *scriptStep) compile(node ast.Node) error {
	if s.Call == "" {
		return wrongAt(node, "a step needs a call")
	}
	switch tools.Action(s.Answer) {
	case "", tools.Accept, tools.Decline, tools.Cancel:
	default:
		return wrongAt(node, "answer %q is none of accept, decline, cancel", s.Answer)
	}
	if s.ExpectError != "" && (s.Expect != nil || len(s.Save) > 0) {
		return wrongAt(node, "expect_error leaves no answer to expect or save")
	}
	var err error
	if s.text, err = regexp.Compile(s.ExpectText); err != nil {
		return wrongAt(node, "expect_text: %v", err)
	}
	if s.Expect != nil {
		if s.expectation, err = newExpectation(s.Expect); err != nil {
			return err
		}
	}
	s.paths = make(map[string]valuePath)
	for _, name := range slices.Sorted(maps.Keys(s.Save)) {
		text := s.Save[name]
		if !variableName().MatchString(name) {
			return wrongAt(node, "save: %q is no name for a variable", name)
		}
		if s.paths[name], err = parsePath(text); err != nil {
			return wrongAt(node, "save %s: %v", name, err)
		}
	}
	return nil
}

// check reports a variable that no earlier step saved, and adds to saved what
// this one saves.
func (s *scriptStep) check(saved map[string]bool) error {
	for _, use := range s.uses {
		if !saved[use.name] {
			return &placeError{use.at.line, use.at.column, fmt.Sprintf("no earlier step saves ${%s}", use.name)}
		}
	}
	for name := range s.Save {
		saved[name] = true
	}
	return nil
}

// variableFinder collects the variables that a step's values use.
type variableFinder struct{ uses *[]variableUse }

// Visit implements [ast.Visitor].
func (f variableFinder) Visit(node ast.Node) ast.Visitor {
	if text, ok := node.(*ast.StringNode); ok {
		for _, found := range variable().FindAllStringSubmatch(text.Value, -1) {
			*f.uses = append(*f.uses, variableUse{found[1], start(node)})
		}
	}
	return f
}
