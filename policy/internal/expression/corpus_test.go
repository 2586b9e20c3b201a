package expression_test

import (
	_ "embed"
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

// expressions are such of a line each.
//
//go:embed testdata/expressions.txt
var expressions string

// edges are expressions at and beyond every limit, and of all that the checker and the validators refuse.
var edges = slices.Concat(strings.Split(strings.TrimSuffix(expressions, "\n"), "\n"), []string{
	"",
	" ",
	"\"\\x\"",
	"\n\n  &&\n",
	"tool == \"a\tb\"",
	"'''a\nb''' == tool",
	"tool == '\U0001F600' && x",
	"\x00",
	"\xff\xfe",
	strings.Repeat("(", 49) + "true" + strings.Repeat(")", 49),
	strings.Repeat("(", 50) + "true" + strings.Repeat(")", 50),
	strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300),
	strings.Repeat("!", 60) + "true",
	strings.Repeat("-", 70) + "1",
	strings.Repeat("[", 5) + strings.Repeat("]", 5),
	strings.Repeat("[", 51) + strings.Repeat("]", 51),
	"tool" + strings.Repeat(".a", 60),
	strings.Repeat("true && ", 240) + "true",
	strings.Repeat("true && ", 260) + "true",
	strings.Repeat("x || ", 120) + "x",
	"tool == '" + strings.Repeat("a", 1990-9) + "'",
	"tool == '" + strings.Repeat("é", 1991-9) + "'",
	strings.Repeat("a", 2001),
	strings.Repeat("é", 2000),
	strings.Repeat("é", 2001),
	strings.Repeat(" ", 56) + "true",
	strings.Repeat(" ", 57) + "true",
	strings.Repeat("1 + ", 40) + "1 == 41",
	strings.Repeat("contacts + ", 30) + "'a'",
	"[" + strings.Repeat("1, 'a', ", 60) + "1]",
})

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
		for _, condition := range conditions(string(text)) {
			add(condition)
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

// conditions returns the conditions in YAML, whatever the text around it: what stands behind each when, as it is and as
// YAML reads it.
func conditions(text string) (texts []string) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		before, after, found := strings.Cut(line, "when:")
		if !found {
			continue
		}
		inline, _, _ := strings.Cut(after, ", then:")
		texts = append(texts, strings.TrimSpace(after), strings.TrimSpace(inline))
		for _, below := range lines[i+1:] {
			if strings.TrimSpace(below) != "" && len(below)-len(strings.TrimLeft(below, " ")) <= len(before) {
				break
			}
			after += "\n" + below
		}
		var rule struct{ When string }
		if yaml.Unmarshal([]byte("when:"+after), &rule) == nil {
			texts = append(texts, rule.When)
		}
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
