package policy

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// condition reads a condition, and places what is wrong with it in the file.
func (r *reader) condition(node ast.Node) *Condition {
	switch node.(type) {
	case *ast.StringNode, *ast.LiteralNode, *ast.NullNode:
	default:
		r.fail(node, "when is text, not %s; %s", kindOf(node), r.quoting(node.GetToken().Position.Line))
		return nil
	}
	text, ok := r.text(node, "when")
	if !ok {
		return nil
	}
	c := newCondition(text)
	c.Comment = r.commentBehind(node)
	if !r.verify {
		return c
	}
	err := c.verify(&r.known)
	var found mistakes
	switch {
	case errors.As(err, &found):
		for _, m := range found {
			at := r.place(node, m)
			r.problems = append(r.problems, Problem{r.file, at.Line, at.Column, "when: " + m.text})
		}
	case err != nil:
		r.fail(node, "when: %v", err)
	}
	if err != nil && c.Comment != "" {
		r.fail(node, "when: YAML takes what follows # for a comment; where it is not, %s",
			r.quoting(node.GetToken().Position.Line))
	}
	return c
}

// textLine matches the line on which the text of a rule begins, up to the text.
var textLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s*(?:-\s+)?(when|why|name)\s*:\s+`)
})

// quoting says how to write the text of a rule that begins in a line of the file, from 1, so that YAML leaves it alone.
// Where no text begins there, it is of a condition somewhere within the line.
func (r *reader) quoting(line int) string {
	text := r.lines[line-1]
	key := textLine().FindStringSubmatch(text)
	if key == nil {
		return "put the whole condition in single quotes"
	}
	what := "text"
	if key[1] == "when" {
		what = "condition"
	}
	quoted := strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(text, key[0])), "'", "''")
	return "put the whole " + what + " in single quotes, " + key[1] + ": '" + quoted + "'"
}

// commentBehind returns the comment on a line of a condition without quotes, from its # on.
func (r *reader) commentBehind(node ast.Node) string {
	text, ok := node.(*ast.StringNode)
	if !ok || text.Token.Type != token.StringType {
		return ""
	}
	next := text.Token.Next
	if next == nil || next.Type != token.CommentType ||
		strings.HasPrefix(strings.TrimSpace(r.lines[next.Position.Line-1]), "#") {
		return ""
	}
	return "#" + strings.TrimRight(next.Value, " \r")
}

// place finds where in the file a mistake of a condition is: to the column on a single line, to the line in a block
// that keeps its lines, and to the condition's beginning otherwise.
func (r *reader) place(node ast.Node, m mistake) token.Position {
	at := *node.GetToken().Position
	switch node := node.(type) {
	case *ast.StringNode:
		if m.line == 1 && node.Token.Type == token.StringType {
			at.Column += m.column
		}
	case *ast.LiteralNode:
		below := node.Start.Position.Line + m.line - 1
		if node.Start.Type == token.LiteralType && below < len(r.lines) {
			line := r.lines[below]
			at.Line, at.Column = below+1, len(line)-len(strings.TrimLeft(line, " "))+m.column+1
		}
	}
	return at
}
