package script

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// matcher reports whether a value fulfils a condition that a script writes as $name: operand; see [Help].
type matcher func(c *comparison, got any) bool

// newMatcher reads the matcher in entry. Its operand may be an expectation itself.
func newMatcher(entry *ast.MappingValueNode) (matcher, error) {
	node := entry.Value
	operand := treeOf(node)
	switch name, _ := treeOf(entry.Key).(string); name {
	case "$regexp":
		return matchRegexp(node, operand)
	case "$contains":
		return func(c *comparison, got any) bool { return contains(c, node, got) }, checkExpectation(node)
	case "$size":
		return func(c *comparison, got any) bool {
			size, ok := sizeOf(got)
			return ok && c.holds(node, json.Number(strconv.Itoa(size)))
		}, checkExpectation(node)
	case "$min":
		return matchBound(node, operand, func(order int) bool { return order >= 0 })
	case "$max":
		return matchBound(node, operand, func(order int) bool { return order <= 0 })
	case "$present", "$absent":
		if operand != true {
			return nil, problemAt(node, "%s takes true", name)
		}
		return func(_ *comparison, got any) bool { return (got != nil) == (name == "$present") }, nil
	default:
		return nil, problemAt(entry.Key,
			"%s is none of $regexp, $contains, $size, $min, $max, $present, $absent", name)
	}
}

func matchRegexp(node ast.Node, operand any) (matcher, error) {
	text, ok := operand.(string)
	if !ok {
		return nil, problemAt(node, "$regexp takes a string")
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, problemAt(node, "$regexp: %v", err)
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

// contains reports whether got is a string with the text of node, or a list with an element that is as node expects.
func contains(c *comparison, node ast.Node, got any) bool {
	switch got := got.(type) {
	case string:
		text, ok := c.wanted(node).(string)
		return ok && strings.Contains(got, text)
	case []any:
		for _, element := range got {
			if c.holds(node, element) {
				return true
			}
		}
	}
	return false
}

// matchBound compares numbers; holds gets how the value compares to the bound, as [big.Rat.Cmp] has it.
func matchBound(node ast.Node, operand any, holds func(order int) bool) (matcher, error) {
	bound := number(operand)
	if bound == nil {
		return nil, problemAt(node, "a bound is a number")
	}
	return func(_ *comparison, got any) bool {
		value := number(got)
		return value != nil && holds(value.Cmp(bound))
	}, nil
}

// number returns the value of a JSON number, nil for anything else.
func number(tree any) *big.Rat {
	if n, ok := tree.(json.Number); ok {
		if value, ok := new(big.Rat).SetString(n.String()); ok {
			return value
		}
	}
	return nil
}
