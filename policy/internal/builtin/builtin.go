// Package builtin holds the text of the built-in policy, and parses it on another core while the packages behind it are
// initialized: the two JSON Schema libraries alone take 4 ms for that, and a server needs its policy right afterwards.
//
// What may live here: that text and its syntax tree. It imports the YAML library alone, so that the spec has it
// initialized ahead of the schema libraries; what the policy means is read in package policy. The goroutine that parses
// uses nothing but that library and Text; it ends with the parsing, for which whoever asks for the tree waits: the
// program does so before it exits, since it reads the built-in policy at every start.
package builtin

import (
	_ "embed"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Text is the built-in policy.
//
//go:embed default.yaml
var Text []byte

// Parsed returns the syntax tree of Text, which all callers share, once it is parsed. It is safe for concurrent use.
var Parsed = startParsing()

// startParsing has a goroutine parse Text, and returns what waits for that and returns the tree. Where the goroutine
// was given no core yet, who waits parses instead of it.
func startParsing() func() (*ast.File, error) {
	parse := sync.OnceValues(func() (*ast.File, error) { return Parse(Text) })
	go parse()
	return parse
}

// Parse parses a policy file. Duplicate keys are left to be found with everything else.
func Parse(text []byte) (*ast.File, error) {
	return parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
}
