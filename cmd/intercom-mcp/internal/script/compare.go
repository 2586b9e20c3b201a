package script

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/rogpeppe/go-internal/diff"
)

// checkExpectation refuses what cannot be compared with answers. A map whose keys begin with $ holds matchers.
func checkExpectation(node ast.Node) error {
	switch n := node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		return problemAt(node, "anchors, aliases and tags are not for expectations")
	case *ast.SequenceNode:
		for _, element := range n.Values {
			if err := checkExpectation(element); err != nil {
				return err
			}
		}
	case ast.MapNode:
		matchers, fields := 0, 0
		for entry := n.MapRange(); entry.Next(); {
			if strings.HasPrefix(keyOf(entry), "$") {
				matchers++
				if _, err := newMatcher(entry.KeyValue()); err != nil {
					return err
				}
				continue
			}
			fields++
			if err := checkExpectation(entry.Value()); err != nil {
				return err
			}
		}
		if matchers > 0 && fields > 0 {
			return problemAt(node, "a map holds fields or matchers, not both")
		}
	}
	return nil
}

// keyOf returns the key of a map's entry as text.
func keyOf(entry *ast.MapNodeIter) string {
	key, _ := treeOf(entry.Key()).(string)
	return key
}

// holdsMatchers reports whether node is a map of matchers.
func holdsMatchers(node ast.Node) bool {
	n, ok := node.(ast.MapNode)
	if !ok {
		return false
	}
	entry := n.MapRange()
	return entry.Next() && strings.HasPrefix(keyOf(entry), "$")
}

// compare returns a *problem, with a diff, where the answer got is not as expected.
func compare(expected ast.Node, got any, vars variables) error {
	c := comparison{vars: vars}
	want, shown := c.compare(expected, got)
	if c.failed == nil {
		return nil
	}
	text := diff.Diff("wanted", []byte(indented(want)), "got", []byte(indented(shown)))
	_, changes, _ := strings.Cut(string(text), "+++ got\n")
	return problemAt(c.failed, "%sthe answer is not as expected (-expected +got):\n%s", c.said, changes)
}

// comparison is one walk through an expectation and an answer.
type comparison struct {
	vars   variables
	failed ast.Node // the first expectation that does not hold; nil while all do
	said   string   // of the size of a list that it is about: "4 rows, want 3: "
}

// holds reports whether got alone is as node expects.
func (c *comparison) holds(node ast.Node, got any) bool {
	inner := comparison{vars: c.vars}
	inner.compare(node, got)
	return inner.failed == nil
}

// compare returns what was wanted and what was got: trees that are alike wherever the expectation holds, so that their
// diff shows just where it does not.
func (c *comparison) compare(node ast.Node, got any) (want, shown any) {
	switch n := node.(type) {
	case ast.MapNode:
		fields, ok := got.(map[string]any)
		switch {
		case holdsMatchers(node):
			if c.matches(n, got) {
				return got, got
			}
			if size, ok := sizeOf(got); ok && asksSize(n) { // which says it: what is in it does not matter
				c.fail(node)
				return c.wanted(node), map[string]any{"$size": size}
			}
		case ok:
			return c.compareFields(n, fields)
		}
	case *ast.SequenceNode:
		if list, ok := got.([]any); ok {
			return c.compareList(n, list)
		}
	default:
		if equalTrees(c.wanted(node), got) {
			return got, got
		}
	}
	c.fail(node)
	return c.wanted(node), brief(got)
}

// fail remembers node if it is the first that does not hold.
func (c *comparison) fail(node ast.Node) {
	if c.failed == nil {
		c.failed = node
	}
}

// wanted is an expectation as a diff shows it.
func (c *comparison) wanted(node ast.Node) any { return c.vars.fill(treeOf(node)) }

// saySize says how long a list is, and should be, where that is all that was asked.
func (c *comparison) saySize(key string, expected ast.Node, size int) {
	if matchers, ok := expected.(ast.MapNode); !ok || !holdsMatchers(expected) || !asksSize(matchers) {
		return
	}
	wanted, _ := c.wanted(expected).(map[string]any)
	text, err := json.Marshal(wanted["$size"])
	if err == nil {
		c.said = fmt.Sprintf("%d %s, want %s: ", size, key, text)
	}
}

// asksSize reports whether the only matcher of a map is $size.
func asksSize(node ast.MapNode) bool {
	entries := 0
	size := false
	for entry := node.MapRange(); entry.Next(); entries++ {
		size = keyOf(entry) == "$size"
	}
	return size && entries == 1
}

// matches reports whether got fulfils all matchers of a map.
func (c *comparison) matches(node ast.MapNode, got any) bool {
	for entry := node.MapRange(); entry.Next(); {
		if holds, err := newMatcher(entry.KeyValue()); err != nil || !holds(c, got) {
			return false
		}
	}
	return true
}

// compareFields compares the fields named; others do not matter. A missing field counts as null for matchers alone.
func (c *comparison) compareFields(node ast.MapNode, got map[string]any) (want, shown any) {
	wants, shows := make(map[string]any), make(map[string]any)
	for entry := node.MapRange(); entry.Next(); {
		key, expected := keyOf(entry), entry.Value()
		value, present := got[key]
		switch {
		case present:
			held := c.failed == nil
			wants[key], shows[key] = c.compare(expected, value)
			if list, ok := value.([]any); ok && held && c.failed == expected {
				c.saySize(key, expected, len(list))
			}
		case !holdsMatchers(expected) || !c.holds(expected, nil):
			c.fail(expected)
			wants[key] = c.wanted(expected)
		}
	}
	return wants, shows
}

// compareList compares element by element.
func (c *comparison) compareList(node *ast.SequenceNode, got []any) (want, shown any) {
	var wants, shows []any
	for i := range max(len(got), len(node.Values)) {
		switch {
		case i >= len(got):
			c.fail(node)
			wants = append(wants, c.wanted(node.Values[i]))
		case i >= len(node.Values):
			c.fail(node)
			shows = append(shows, got[i])
		default:
			want, shown := c.compare(node.Values[i], got[i])
			wants, shows = append(wants, want), append(shows, shown)
		}
	}
	return wants, shows
}

// maxShown bounds one value in a diff, in bytes of JSON.
const maxShown = 400

// brief shows a value, or of a large one its size and how it begins.
func brief(got any) any {
	text := strings.TrimSpace(indented(got))
	if len(text) <= maxShown {
		return got
	}
	size, _ := sizeOf(got)
	return map[string]any{"$size": size, "begins": strings.ToValidUTF8(text[:maxShown/2], "")}
}

// sizeOf returns the length of a list, a map or a string (in characters).
func sizeOf(value any) (int, bool) {
	switch v := value.(type) {
	case string:
		return utf8.RuneCountInString(v), true
	case []any:
		return len(v), true
	case map[string]any:
		return len(v), true
	}
	return 0, false
}

// indented writes a tree as indented JSON.
func indented(tree any) string {
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
		x, y := number(a), number(b)
		return x != nil && y != nil && x.Cmp(y) == 0 || any(a) == b
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equalTrees)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equalTrees)
	}
	return a == b
}

// treeOf decodes node as a JSON tree. What cannot be decoded, which checks refuse, is nil.
func treeOf(node ast.Node) any {
	var v any
	if err := yaml.NodeToValue(node, &v); err != nil {
		return nil
	}
	return normal(v)
}
