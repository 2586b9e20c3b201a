package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// reader reads one policy file and collects everything that is wrong with it. It goes by the syntax tree, since the
// strict decoding of goccy/go-yaml ends at the first mistake and lets others pass: it skips a key without a value,
// empties the mapping around a key that is no text (5: x), takes 1.5 and "5" for whole numbers and numbers for text,
// and resolves anchors and tags.
type reader struct {
	file     string
	lines    []string
	known    Vocabulary
	verify   bool // whether conditions are compiled
	problems Problems
}

// fail records a problem at a node.
func (r *reader) fail(at ast.Node, format string, args ...any) {
	position := at.GetToken().Position
	r.problems = append(r.problems, Problem{r.file, position.Line, position.Column, fmt.Sprintf(format, args...)})
}

// entries says how the value of each key of a mapping is read.
type entries map[string]func(ast.Node)

// mapping reads a mapping and returns the node of each key it has. what names the mapping in problems.
func (r *reader) mapping(node ast.Node, what string, of entries) map[string]ast.Node {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		r.fail(node, "%s is keys with values, not %s", what, kindOf(node))
		return nil
	}
	seen := make(map[string]ast.Node)
	for entry := mapping.MapRange(); entry.Next(); {
		key := ast.Node(entry.Key())
		text, ok := key.(*ast.StringNode)
		if !ok {
			r.fail(key, "a key of %s is %s", what, kindOf(key))
			continue
		}
		readValue, ok := of[text.Value]
		if !ok {
			r.fail(key, "unknown key %q; %s has %s", text.Value, what, strings.Join(slices.Sorted(maps.Keys(of)), ", "))
			continue
		}
		if first := seen[text.Value]; first != nil {
			r.fail(key, "key %q is given twice, first in line %d", text.Value, first.GetToken().Position.Line)
			continue
		}
		seen[text.Value] = key
		readValue(entry.Value())
	}
	return seen
}

// emptiness is whether a list may have no items.
type emptiness bool

const (
	mayBeEmpty emptiness = true
	notEmpty   emptiness = false
)

// sequence reads the items of a list.
func (r *reader) sequence(node ast.Node, what string, empty emptiness) []ast.Node {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		r.fail(node, "%s is a list, not %s", what, kindOf(node))
		return nil
	}
	if len(list.Values) == 0 && empty == notEmpty {
		r.fail(node, "%s lists nothing; leave it out instead", what)
	}
	return list.Values
}

// words reads a list of different names, each by word.
func words[T comparable](
	r *reader, node ast.Node, what string, empty emptiness, word func(ast.Node, string) (T, bool),
) []T {
	list := []T{}
	for _, item := range r.sequence(node, what, empty) {
		text, ok := r.text(item, what)
		if !ok {
			continue
		}
		value, ok := word(item, text)
		switch {
		case !ok:
		case slices.Contains(list, value):
			r.fail(item, "%s lists %q twice", what, text)
		default:
			list = append(list, value)
		}
	}
	return list
}

// text reads a text that is not empty.
func (r *reader) text(node ast.Node, what string) (string, bool) {
	var text string
	switch node := node.(type) {
	case *ast.StringNode:
		text = node.Value
	case *ast.LiteralNode:
		text = node.Value.Value
	default:
		r.fail(node, "%s is text, not %s", what, kindOf(node))
		return "", false
	}
	if strings.TrimSpace(text) == "" {
		r.fail(node, "%s is empty", what)
		return "", false
	}
	return text, true
}

// line reads a text for a person: one line of at most most characters.
func (r *reader) line(node ast.Node, what string, most int) string {
	text, _ := r.text(node, what)
	text = strings.TrimSpace(text)
	if len([]rune(text)) > most || strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsPrint(c) }) {
		r.fail(node, "%s is one line of at most %d characters", what, most)
	}
	return text
}

// leadingZero matches a number that YAML 1.1 takes for an octal one, and YAML 1.2 for a decimal one.
var leadingZero = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?0[0-9_]*[1-9]`) })

// number reads a whole number between least and most.
func (r *reader) number(node ast.Node, what string, least, most int) int {
	number, ok := node.(*ast.IntegerNode)
	if !ok {
		r.fail(node, "%s is a whole number, not %s", what, kindOf(node))
		return 0
	}
	if leadingZero().MatchString(number.Token.Value) {
		r.fail(node, "%s: %s is %v to some and %s to others; leave out the zeros before it", what, number.Token.Value,
			number.Value, strings.TrimLeft(strings.ReplaceAll(number.Token.Value, "_", ""), "0"))
		return 0
	}
	if value, ok := number.Value.(uint64); ok && value >= uint64(least) && value <= uint64(most) {
		return int(value)
	}
	r.fail(node, "%s is between %d and %d", what, least, most)
	return 0
}

// truth reads true or false.
func (r *reader) truth(node ast.Node, what string) bool {
	truth, ok := node.(*ast.BoolNode)
	if !ok {
		r.fail(node, "%s is true or false, not %s", what, kindOf(node))
		return false
	}
	return truth.Value
}

// kindOf names what a node is, for someone who does not know YAML's words.
func kindOf(node ast.Node) string {
	switch node.(type) {
	case *ast.NullNode:
		return "empty"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode:
		return "a number"
	case *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a fraction"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "keys with values"
	}
	return "an anchor, alias or tag"
}
