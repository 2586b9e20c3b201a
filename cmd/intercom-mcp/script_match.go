package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// matcher is one condition on a value, written $name: operand.
type matcher struct {
	name    string // as written, as is
	operand any    // as a JSON tree
	holds   func(c *comparison, got any) bool
}

// matches reports whether got fulfils all matchers of e. A field that is
// missing counts as null.
func (c *comparison) matches(e *expectation, got any) bool {
	for _, m := range e.matchers {
		if !m.holds(c, got) {
			return false
		}
	}
	return true
}

// newMatcher reads the matcher in entry.
//
//	$regexp: text   the value, a string or number, contains a match
//	$contains: x    the string contains the text x, or the list an element that is as x expects
//	$size: x        the length of the list, map or string is as x expects
//	$min: n         the number is at least n
//	$max: n         the number is at most n
//	$present: true  the field is there, and not null
//	$absent: true   the field is missing, or null
func newMatcher(name string, entry *ast.MappingValueNode) (*matcher, error) {
	var operand any
	if err := yaml.NodeToValue(entry.Value, &operand); err != nil {
		return nil, err
	}
	m := &matcher{name: name, operand: normal(operand)}
	var err error
	switch name {
	case "$regexp":
		m.holds, err = matchRegexp(entry.Value, operand)
	case "$contains":
		m.holds, err = matchContains(entry.Value)
	case "$size":
		m.holds, err = matchSize(entry.Value)
	case "$min":
		m.holds, err = matchBound(entry.Value, operand, func(order int) bool { return order >= 0 })
	case "$max":
		m.holds, err = matchBound(entry.Value, operand, func(order int) bool { return order <= 0 })
	case "$present", "$absent":
		if operand != true {
			return nil, wrongAt(entry.Value, "%s takes true", name)
		}
		m.holds = func(_ *comparison, got any) bool { return (got != nil) == (name == "$present") }
	default:
		return nil, wrongAt(entry.Key, "%s is none of $regexp, $contains, $size, $min, $max, $present, $absent", name)
	}
	return m, err
}

func matchRegexp(node ast.Node, operand any) (func(*comparison, any) bool, error) {
	text, ok := operand.(string)
	if !ok {
		return nil, wrongAt(node, "$regexp takes a string")
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, wrongAt(node, "$regexp: %v", err)
	}
	return func(_ *comparison, got any) bool {
		switch got := got.(type) {
		case string:
			return pattern.MatchString(got)
		case json.Number:
			return pattern.MatchString(got.String())
		}
		return false
	}, nil
}

func matchContains(node ast.Node) (func(*comparison, any) bool, error) {
	element, err := newExpectation(node)
	if err != nil {
		return nil, err
	}
	return func(c *comparison, got any) bool {
		switch got := got.(type) {
		case string:
			text, ok := c.vars.fill(element.value).(string)
			return ok && strings.Contains(got, text)
		case []any:
			for _, item := range got {
				if element.unexpected(item, c.vars) == nil {
					return true
				}
			}
		}
		return false
	}, nil
}

func matchSize(node ast.Node) (func(*comparison, any) bool, error) {
	size, err := newExpectation(node)
	if err != nil {
		return nil, err
	}
	return func(c *comparison, got any) bool {
		var n int
		switch got := got.(type) {
		case string:
			n = utf8.RuneCountInString(got)
		case []any:
			n = len(got)
		case map[string]any:
			n = len(got)
		default:
			return false
		}
		return size.unexpected(json.Number(fmt.Sprint(n)), c.vars) == nil
	}, nil
}

// matchBound compares numbers; holds is told how the value stands to the bound.
func matchBound(node ast.Node, operand any, holds func(order int) bool) (func(*comparison, any) bool, error) {
	number, ok := normal(operand).(json.Number)
	if !ok {
		return nil, wrongAt(node, "a bound is a number")
	}
	bound, ok := new(big.Rat).SetString(number.String())
	if !ok {
		return nil, wrongAt(node, "a bound is a number")
	}
	return func(_ *comparison, got any) bool {
		number, ok := got.(json.Number)
		if !ok {
			return false
		}
		value, ok := new(big.Rat).SetString(number.String())
		return ok && holds(value.Cmp(bound))
	}, nil
}
