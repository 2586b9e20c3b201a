package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// scriptFile is one script: a workspace and the steps taken in it. It is read
// strictly: what is unknown or misspelt is an error with its place.
type scriptFile struct {
	path     string
	Name     string       `yaml:"name"`     // for the report; the path when empty
	About    string       `yaml:"about"`    // for readers
	Mode     string       `yaml:"mode"`     // as --mode
	Policy   string       `yaml:"policy"`   // as --policy; relative to the script
	Toolsets []string     `yaml:"toolsets"` // as --toolsets
	Sandbox  *sandboxHead `yaml:"sandbox"`
	Steps    []scriptStep `yaml:"steps"`
}

// loadScript reads the script at path.
func loadScript(path string) (*scriptFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the script: %w", err)
	}
	return parseScript(path, text)
}

// parseScript reads a script from text; path is for its errors.
func parseScript(path string, text []byte) (*scriptFile, error) {
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, placed(path, err)
	}
	if len(parsed.Docs) != 1 || parsed.Docs[0].Body == nil {
		return nil, fmt.Errorf("%s:1:1: a script is one YAML map with steps", path)
	}
	script := &scriptFile{path: path}
	if err := decodeStrictly(parsed.Docs[0].Body, script); err != nil {
		return nil, placed(path, err)
	}
	if len(script.Steps) == 0 {
		return nil, fmt.Errorf("%s:1:1: a script needs at least one step", path)
	}
	saved := make(map[string]bool)
	for i := range script.Steps {
		if err := script.Steps[i].check(saved); err != nil {
			return nil, placed(path, err)
		}
	}
	return script, nil
}

// decodeStrictly decodes node into target and refuses unknown keys.
func decodeStrictly(node ast.Node, target any) error {
	return yaml.NodeToValue(node, target, yaml.Strict())
}

// placeError is something wrong at one place of a script.
type placeError struct {
	line, column int
	problem      string
}

// Error implements error.
func (e *placeError) Error() string { return fmt.Sprintf("%d:%d: %s", e.line, e.column, e.problem) }

// wrongAt complains about node.
func wrongAt(node ast.Node, format string, args ...any) error {
	at := start(node)
	return &placeError{at.line, at.column, fmt.Sprintf(format, args...)}
}

// place is where something stands in a script.
type place struct{ line, column int }

// start returns where node begins. A map begins at its first key.
func start(node ast.Node) place {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return start(n.Values[0])
		}
	case *ast.MappingValueNode:
		return start(n.Key)
	}
	at := node.GetToken().Position
	return place{at.Line, at.Column}
}

// placed gives an error of the script at path in the form path:line:column: problem.
func placed(path string, err error) error {
	var wrong *placeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s:%w", path, wrong)
	}
	var syntax yaml.Error
	if errors.As(err, &syntax) && syntax.GetToken() != nil {
		at := syntax.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", path, at.Line, at.Column, syntax.GetMessage())
	}
	return fmt.Errorf("%s: %w", path, err)
}
