package expression_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// edges are expressions at and beyond every limit, and of all that the checker and the validators refuse.
var edges = []string{
	"", " ", "contacts >", "contacts > 10 &&", "(", ")", "'a", "\"\\x\"", "a.b.c(", "1 2", "tool == 'x' 'y'", "\n\n  &&\n",
	"true", "1", "'a'", "null", "b'a'", "1u", "1.5", "[]", "{}", "[1, 'a']", "[[1], ['a']]", "[1, 2.0, 'x', true]",
	"['a', 1, 2] == ['b', 3]", "{'a': 1, 'b': 'x', 3: 4}", "{'a': [1, 'b']}", "{'a': 1, 'a': 2}['a'] == 1",
	"[contacts, set.x]", "[set.x, set.y, 1]", "[dyn(1), dyn('a')]", "[?contacts]", "{?'a': 1}", "set.?a", "set[?'a']",
	"optional.of(1)", "optional.none()", "optional_type", "optMap(1)", "optional.off(1)", "set.optMap(x, x)", "optinal",
	"feilds", "feilds.exists(f, true)", "target.tags", "targets.tag", "targets", "now", "now.houer > 1", "window.x",
	"sizee(tool)", "tool.startswith('a')", "tool.starts('a')", "tool.foo()", "foo.bar.baz(1)", "foo()", "int", "type(1) == int",
	"dyn", "strin('a')", "size(1)", "duraton('1s')", "timestamp('2020-01-01T00:00:00Z').getHours() == 0", "duration('x') < duration('1s')",
	"existsOne", "fields.existsOne(f, true)", "fields.exists_one(f, f == 'email')", "fields.exist(f, true)", "has(set.email)",
	"has(set)", "has(tool.x)", "has(set.a.b)", "fields.all(f, f != '')", "fields.map(f, f + 'x') == []", "all(fields, true)",
	"fields.map(f, f == 'email', f) == ['email']", "fields.filter(f, f in protected).size() > 0", "fields.filter(1, true)",
	"fields.exists(f, g)", "fields.exists(f.g, true)", "contacts.exists(c, true)", "set.exists(k, k == 'tags')",
	"tool.matches('(')", "tool.matches('[a-z]+')", "matches(tool, '(')", "matches('(', tool)", "matches('a', '(')",
	"tool.matches(client)", "tool.matches('(') && [1, 'a'] == [] && tool.matches(')')", "tool.matches(b'(')",
	"fields.exists(a, fields.exists(b, a == b))", "fields.exists(a, fields.exists(b, fields.exists(c, a == b && b == c)))",
	"fields.exists(a, fields.exists(b, fields.exists(c, fields.exists(d, a == d))))", "[].exists(a, fields.exists(b, true))",
	"fields.exists(a, [].exists(b, fields.exists(c, true)))", "fields.exists(a, [].exists(b, protected.exists(c, roles.exists(d, true))))",
	"fields.all(a, fields.all(b, a != b || a == b))", "fields.exists(a, fields.exists(b, a == b + 'x'))",
	"fields.map(a, fields.map(b, a + b)).size() > 0", "fields.all(a, fields.all(b, fields.size() > 0))",
	"contacts / 0 == 1", "1 / contacts == 0", "contacts % 0 == 1 || true", "true || contacts / 0 == 1", "contacts + 9223372036854775807 > 0",
	"9223372036854775808 > 1", "set.email == 'a'", "set['tags'] == ['VIP']", "set.nothing == 1", "set.tags[5] == ''",
	"workspace == 'w1'", "workspace == 'w1' || contacts == 0", "workspace == 'w1' && false", "'VIP' in targets.tags",
	"targets.tags.exists(t, t == 'VIP') || tool == 'add_note'", "contacts == 1.0", "contacts < 2.5", "contacts < 2u", "contacts == 'a'",
	"tool > contacts", "tool + 1 == ''", "-tool == 1", "!contacts", "contacts ? 1 : 2", "reversible ? tool : contacts", "tool in 'abc'",
	"'a' in set", "1 in fields", "tool[0] == 'a'", "fields['a'] == ''", "set[1] == 2", "fields[0] == 'email'", "fields[9] == ''",
	"string(contacts) == '12'", "int(tool) == 1", "double('x') == 1.0", "bool('true')", "bytes(tool) == b''", "uint(-1) == 1u",
	"google.protobuf.Timestamp{seconds: 1} == timestamp(1)", "google.protobuf.Foo{}", "Foo{a: 1}", "google.protobuf.Int32Value{value: 1} == 1",
	"google.protobuf.Duration{x: 1}", "google.protobuf.NullValue.NULL_VALUE == 0", "type(tool) == string", "type(set) == map", "x.y.z",
	"__result__", "@result", "fields.exists(@result, true)", "fields.exists(__result__, true)", "`a.b`", "set.`a-b` == 1", ".tool == 'a'",
	"tool == 'a' // a comment", "tool == \"a\tb\"", "r'\\d' == tool", "'''a\nb''' == tool", "tööl == 'a'", "tool == '\U0001F600' && x",
	"if (true) 1", "for", "in", "true && (false", "a ? b", "a ? b : c ? d", "[1,2,3", "{'a' 1}", "\x00", "\xff\xfe", "tool == '\\u00'",
	strings.Repeat("(", 49) + "true" + strings.Repeat(")", 49), strings.Repeat("(", 50) + "true" + strings.Repeat(")", 50),
	strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), strings.Repeat("!", 60) + "true", strings.Repeat("-", 70) + "1",
	strings.Repeat("[", 5) + strings.Repeat("]", 5), strings.Repeat("[", 51) + strings.Repeat("]", 51), "tool" + strings.Repeat(".a", 60),
	strings.Repeat("true && ", 240) + "true", strings.Repeat("true && ", 260) + "true", strings.Repeat("x || ", 120) + "x",
	"tool == '" + strings.Repeat("a", 1990-9) + "'", "tool == '" + strings.Repeat("é", 1991-9) + "'", strings.Repeat("a", 2001),
	strings.Repeat("é", 2000), strings.Repeat("é", 2001), strings.Repeat(" ", 56) + "true", strings.Repeat(" ", 57) + "true",
	strings.Repeat("1 + ", 40) + "1 == 41", strings.Repeat("contacts + ", 30) + "'a'", "[" + strings.Repeat("1, 'a', ", 60) + "1]",
	"fields.map(a, 'x').map(b, 'y').map(c, 'z').map(d, 'w').size() == contacts",
}

// when finds the conditions in YAML, whatever the text around it.
var when = regexp.MustCompile(`when: *([^\n]*)`)

// code finds what a page quotes as code.
var code = regexp.MustCompile("`([^`\n]+)`")

// written returns the texts of the repository that are, or may be taken for, expressions: the conditions of all
// policies in files, pages and tests, what pages quote, and every literal of the tests of policy.
func written(t *testing.T) (texts []string) {
	root := filepath.Join("..", "..", "..")
	seen := make(map[string]bool)
	add := func(text string) {
		if !seen[text] && len(text) < 5000 {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "out", "bin", "intercom"}, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || !slices.Contains([]string{".go", ".md", ".yaml", ".txtar"}, filepath.Ext(path)):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range when.FindAllSubmatch(text, -1) {
			add(string(found[1]))
			var unquoted string
			if yaml.Unmarshal(found[1], &unquoted) == nil {
				add(unquoted)
			}
		}
		if filepath.Ext(path) == ".md" {
			for _, found := range code.FindAllSubmatch(text, -1) {
				add(string(found[1]))
			}
		}
		if filepath.Base(filepath.Dir(path)) == "policy" && strings.HasSuffix(path, "_test.go") {
			for _, literal := range literals(t, path) {
				add(literal)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

// literals returns the strings in a Go file.
func literals(t *testing.T, path string) (texts []string) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil {
				texts = append(texts, text)
			}
		}
		return true
	})
	return texts
}
