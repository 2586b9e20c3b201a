package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// toOthers matches a sentence that speaks to an agent, of people whom it could ask or tell.
var toOthers = regexp.MustCompile(`(?i)\b(tell|ask)s? the (operator|user)\b|\bthe operator\b|list_changes|\bget_change\b`)

// TestNextSteps addresses every next step of a tool's error, whatever its code, to the person who runs the program.
func TestNextSteps(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir("../../tools", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, text := range nextSteps(n) {
				if toOthers.MatchString(text) {
					found++
				}
				if said := toWhoRuns.Replace(text); toOthers.MatchString(strings.ReplaceAll(said, "call get_change", "")) {
					t.Errorf("%s: %q is printed as %q", path, text, said)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || found < 20 {
		t.Errorf("%d next steps are for others, %v", found, err)
	}
}

// nextSteps are the texts in a node that end an error of a tool.
func nextSteps(n ast.Node) (texts []string) {
	literals := func(n ast.Node) {
		var all strings.Builder
		ast.Inspect(n, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					all.WriteString(text)
				}
			}
			return true
		})
		texts = append(texts, all.String())
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name == "New" && len(n.Args) == 3 {
			literals(n.Args[1])
			literals(n.Args[2])
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if name, ok := to.(*ast.Ident); ok && name.Name == "next" && len(n.Lhs) == len(n.Rhs) {
				literals(n.Rhs[i])
			}
		}
	case *ast.CompositeLit: // tables of causes and what to do about them
		if len(n.Elts) == 2 {
			literals(n.Elts[1])
		}
	}
	return texts
}

// TestNextStepPrinted tells who lists changes of a file that fails what they can do.
func TestNextStepPrinted(t *testing.T) {
	t.Parallel()
	state := filepath.Join(t.TempDir(), "state.db")
	if code, _, stderr := output(t, "call", "update_contact", `{"contact":"external_id:u-10001","set":{"name":"A"}}`,
		"--sandbox", "--state", state); code != exitOK {
		t.Fatal(stderr)
	}
	_, _, stderr := output(t, "call", "get_change", `{"change":"chg_00000000000000000000000000"}`, "--sandbox", "--state",
		state)
	if !strings.Contains(stderr, "'intercom-mcp changes list' shows the changes that there are") {
		t.Error(stderr)
	}
	raw, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(raw) / 4; i < len(raw); i++ {
		raw[i] = 0xa5
	}
	if err := os.WriteFile(state, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := output(t, "changes", "list", "--state", state)
	if code == exitOK || strings.Contains(stderr, "tell the operator") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	t.Log(stderr)
}
