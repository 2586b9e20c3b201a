package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/policy/internal/builtin"
)

// maxFile bounds a policy file, in bytes.
const maxFile = 256 << 10

// Problem is one thing wrong with a policy file. Line and Column count from 1.
type Problem struct {
	File         string
	Line, Column int
	Text         string
}

// Error implements error as file:line:column: text.
func (p Problem) Error() string { return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text) }

// Problems is everything wrong with a policy file, in the file's order. As an error it holds at least one problem.
type Problems []Problem

// Error implements error, one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads the policy file at path, as [Parse] does its text.
func Load(path string, known Vocabulary) (*Policy, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	return Parse(path, text, known)
}

// Parse reads the text of the policy file named name. The keys are those of default.yaml, and what the file leaves out
// is as it is there; a list of rules replaces the built-in rules. The reading is strict, and the conditions are
// compiled: the error of a file that is not right is [Problems].
func Parse(name string, text []byte, known Vocabulary) (*Policy, error) {
	return read(name, text, builtIn(), &known, builtin.Parse)
}

// read reads a policy over base. Where known is nil nothing is held against it, and the conditions are left to be
// compiled when they are first evaluated. parse parses the text.
func read(name string, text []byte, base *Policy, known *Vocabulary, parse func([]byte) (*ast.File, error),
) (*Policy, error) {
	content := bytes.TrimPrefix(text, []byte("\ufeff")) // a byte order mark, with which some editors begin a file
	r := &reader{file: name, lines: strings.Split(string(content), "\n"), verify: known != nil}
	if known != nil {
		r.known = *known
	}
	body := r.parse(content, parse)
	if body == nil {
		return nil, r.problems
	}
	p := *base
	p.Rules = withoutLines(base.Rules)
	r.policy(body, &p)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
		return nil, r.problems
	}
	p.File = name
	p.Revision = fmt.Sprintf("sha256:%x %s", sha256.Sum256(text), filepath.Base(name))
	return &p, nil
}

// withoutLines returns rules of another file, whose lines say nothing about the file that takes them over.
func withoutLines(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].Line = 0
	}
	return rules
}

// indentedByTab reports whether a tab is among the white space that a line begins with.
func indentedByTab(line string) bool {
	return strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t")
}

// parse parses a file that holds one YAML document; nil where it is none.
func (r *reader) parse(text []byte, parse func([]byte) (*ast.File, error)) ast.Node {
	wrong := func(line, column int, what string) ast.Node {
		r.problems = Problems{{r.file, line, column, what}}
		return nil
	}
	if len(text) > maxFile {
		return wrong(1, 1, fmt.Sprintf("the file is longer than %d KiB", maxFile>>10))
	}
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return wrong(1, 1, "the file is text in UTF-16; save it in UTF-8")
	}
	file, err := parse(text)
	if err != nil {
		return wrong(r.syntaxError(err))
	}
	docs := slices.DeleteFunc(file.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch len(docs) {
	case 0:
		return wrong(1, 1, "the file is empty; the built-in policy holds where no file is given")
	case 1:
		return docs[0].Body
	}
	r.fail(docs[1].Body, "the file holds more than one document")
	return nil
}

// syntaxError says where and why YAML cannot parse the file.
func (r *reader) syntaxError(err error) (line, column int, what string) {
	var located yaml.Error
	if !errors.As(err, &located) {
		return 1, 1, err.Error()
	}
	token := located.GetToken()
	if token == nil {
		return 1, 1, located.GetMessage()
	}
	line, column = token.Position.Line, token.Position.Column
	switch text := r.lines[line-1]; {
	case indentedByTab(text):
		return line, column, "the line begins with a tab; YAML is indented by blanks alone"
	case textLine().MatchString(text):
		return line, column, "YAML does not take this for one text; " + r.quoting(line)
	}
	return line, column, located.GetMessage()
}
