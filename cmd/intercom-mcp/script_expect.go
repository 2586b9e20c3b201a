package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/rogpeppe/go-internal/diff"
)

// expectation is what a script says about one value of an answer. Exactly one
// of fields, list, matchers and value is meant, told by kind.
type expectation struct {
	at       place
	kind     expectationKind
	fields   map[string]*expectation // the value is a map that has these, perhaps among others
	list     []*expectation          // the value is a list of just these
	matchers []*matcher              // the value fulfils all of these
	value    any                     // the value is this
}

type expectationKind int

const (
	expectValue expectationKind = iota
	expectFields
	expectList
	expectMatch
)

// newExpectation reads an expectation from YAML. A map whose keys begin with $
// holds matchers.
func newExpectation(node ast.Node) (*expectation, error) {
	e := &expectation{at: start(node)}
	switch n := node.(type) {
	case *ast.MappingNode:
		return e, e.readMap(n, n.Values)
	case *ast.MappingValueNode:
		return e, e.readMap(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		e.kind = expectList
		for _, item := range n.Values {
			element, err := newExpectation(item)
			if err != nil {
				return nil, err
			}
			e.list = append(e.list, element)
		}
		return e, nil
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return nil, wrongAt(node, "anchors, aliases and tags are not for expectations")
	}
	if err := yaml.NodeToValue(node, &e.value); err != nil {
		return nil, err
	}
	e.value = normal(e.value)
	return e, nil
}

// readMap reads a map of fields, or one of matchers.
func (e *expectation) readMap(node ast.Node, entries []*ast.MappingValueNode) error {
	e.kind = expectFields
	e.fields = make(map[string]*expectation)
	for _, entry := range entries {
		var key string
		if err := yaml.NodeToValue(entry.Key, &key); err != nil {
			return err
		}
		if strings.HasPrefix(key, "$") {
			m, err := newMatcher(key, entry)
			if err != nil {
				return err
			}
			e.kind = expectMatch
			e.matchers = append(e.matchers, m)
			continue
		}
		field, err := newExpectation(entry.Value)
		if err != nil {
			return err
		}
		e.fields[key] = field
	}
	if len(e.matchers) > 0 && len(e.fields) > 0 {
		return wrongAt(node, "a map holds fields or matchers, not both")
	}
	return nil
}

// difference is two trees that are alike wherever an expectation holds, so
// that their diff shows just where it does not.
type difference struct {
	want, got any
	at        place // of the first expectation that does not hold
}

// unexpected compares the answer got with the expectation and returns where
// they differ, or nil.
func (e *expectation) unexpected(got any, vars variables) *difference {
	c := comparison{vars: vars}
	want, shown := c.compare(e, got)
	if c.holds() {
		return nil
	}
	return &difference{want, shown, *c.failed}
}

// comparison is one walk through an expectation and an answer.
type comparison struct {
	vars   variables
	failed *place // the first expectation that does not hold
}

func (c *comparison) holds() bool { return c.failed == nil }

// fail remembers the place of e if it is the first.
func (c *comparison) fail(e *expectation) {
	if c.failed == nil {
		c.failed = &e.at
	}
}

// compare returns what was wanted and what was got: the same value twice where
// the expectation holds.
func (c *comparison) compare(e *expectation, got any) (want, shown any) {
	switch e.kind {
	case expectFields:
		return c.compareFields(e, got)
	case expectList:
		return c.compareList(e, got)
	case expectMatch:
		if c.matches(e, got) {
			return got, got
		}
	case expectValue:
		if equalTrees(c.vars.fill(e.value), got) {
			return got, got
		}
	}
	c.fail(e)
	return c.wanted(e), brief(got)
}

// maxShown bounds one value in a diff, in bytes of JSON.
const maxShown = 400

// brief shows a value, or of a large one its size and how it begins.
func brief(got any) any {
	text := strings.TrimSpace(lines(got))
	if len(text) <= maxShown {
		return got
	}
	size := utf8.RuneCountInString(text)
	switch got := got.(type) {
	case []any:
		size = len(got)
	case map[string]any:
		size = len(got)
	case string:
		size = utf8.RuneCountInString(got)
	}
	return map[string]any{"$size": size, "begins": strings.ToValidUTF8(text[:maxShown/2], "")}
}

// compareFields compares the fields named; others do not matter.
func (c *comparison) compareFields(e *expectation, got any) (want, shown any) {
	fields, ok := got.(map[string]any)
	if !ok {
		c.fail(e)
		return c.wanted(e), got
	}
	wants, shows := make(map[string]any), make(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(e.fields)) {
		field := e.fields[key]
		value, present := fields[key]
		switch {
		case present:
			wants[key], shows[key] = c.compare(field, value)
		case field.kind != expectMatch || !c.matches(field, nil):
			c.fail(field)
			wants[key] = c.wanted(field)
		}
	}
	return wants, shows
}

// compareList compares element by element.
func (c *comparison) compareList(e *expectation, got any) (want, shown any) {
	list, ok := got.([]any)
	if !ok {
		c.fail(e)
		return c.wanted(e), got
	}
	if len(list) != len(e.list) {
		c.fail(e)
	}
	var wants, shows []any
	for i := range max(len(list), len(e.list)) {
		switch {
		case i >= len(list):
			wants = append(wants, c.wanted(e.list[i]))
		case i >= len(e.list):
			shows = append(shows, list[i])
		default:
			w, s := c.compare(e.list[i], list[i])
			wants, shows = append(wants, w), append(shows, s)
		}
	}
	return wants, shows
}

// wanted shows an expectation in a diff.
func (c *comparison) wanted(e *expectation) any {
	switch e.kind {
	case expectFields:
		fields := make(map[string]any)
		for key, field := range e.fields {
			fields[key] = c.wanted(field)
		}
		return fields
	case expectList:
		var list []any
		for _, element := range e.list {
			list = append(list, c.wanted(element))
		}
		return list
	case expectMatch:
		written := make(map[string]any)
		for _, m := range e.matchers {
			written[m.name] = m.operand
		}
		return written
	}
	return c.vars.fill(e.value)
}

// String shows where expectation and answer differ, line by line.
func (d *difference) String() string {
	_, changes, _ := strings.Cut(string(diff.Diff("wanted", []byte(lines(d.want)), "got", []byte(lines(d.got)))), "+++ got\n")
	return changes
}

// lines writes a tree as indented JSON.
func lines(tree any) string {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(tree); err != nil {
		return fmt.Sprint(tree)
	}
	return out.String()
}

// equalTrees compares JSON trees, numbers by their value.
func equalTrees(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && equalNumbers(a, b)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equalTrees)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equalTrees)
	}
	return a == b
}

func equalNumbers(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return a == b || okX && okY && x.Cmp(y) == 0
}
