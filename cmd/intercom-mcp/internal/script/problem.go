package script

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// problem is what is wrong at one place of a script: with the script itself, or with the answer to a step.
type problem struct {
	line, column int
	text         string // perhaps several lines
}

// Error implements error.
func (p *problem) Error() string { return fmt.Sprintf("%d:%d: %s", p.line, p.column, p.text) }

// problemAt describes a problem with node. A block map is pointed at by its first key.
func problemAt(node ast.Node, format string, args ...any) error {
	at := begin(node).GetToken().Position
	return &problem{at.Line, at.Column, fmt.Sprintf(format, args...)}
}

// begin returns the node whose token is the first of node.
func begin(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return begin(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key
	}
	return node
}

// inFile gives an error of the file at path the form path:line:column: problem.
func inFile(path string, err error) error {
	var wrong *problem
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
