package tools

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"intercom-mcp/tools/toolerr"
)

// saidToAgents matches what a person at a terminal cannot do as it is said: call a tool by its name alone, or tell
// somebody else, who they are themselves.
var saidToAgents = sync.OnceValue(func() *regexp.Regexp {
	var names []string
	for _, tool := range Catalogue() {
		names = append(names, tool.Name)
	}
	return regexp.MustCompile(`(?i)\b(` + strings.Join(names, "|") + `|(tell|ask)s? (the|your|its) (user|operator|person))\b`)
})

// checkForPerson holds an error to what a person gets who makes the call by hand.
func checkForPerson(t *testing.T, name string, err *toolerr.Error) {
	t.Helper()
	told := forPerson(err).Error()
	if found := saidToAgents().FindString(commands().ReplaceAllString(told, "")); found != "" {
		t.Errorf("%s: a person is told of %q: %s", name, found, told)
	}
}

// commands matches the commands by which a person calls tools, or has them described.
var commands = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`intercom-mcp (call|tools) [a-z_]+`) })

// TestSaidToPersonsToo holds that what has an agent tell or ask somebody is worded for who calls by hand, too.
func TestSaidToPersonsToo(t *testing.T) {
	said := regexp.MustCompile(`(?i)\b(tell|ask) the (user|operator)\b`)
	byHand := regexp.MustCompile(`\b(OrByHand|worded|ByHand)\b`)
	found := 0
	for _, pattern := range []string{"*.go", "toolerr/*.go", "internal/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, source, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range file.Decls {
				text := source[decl.Pos()-file.FileStart : decl.End()-file.FileStart]
				if !said.Match(text) {
					continue
				}
				if found++; !byHand.Match(text) {
					t.Errorf("%s: what it says to agents reaches people at a terminal, too:\n%s", name, text)
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("%d functions have agents tell or ask somebody", found)
	}
}
