package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"intercom-mcp/policy/change"
)

// The bounds of what stands in the module's Go files, tests included where nothing else is said.
const (
	maxFileLines     = 400
	maxColumns       = 120 // a tab is one; what stands in a raw string, such as a field's tag, cannot be broken
	maxFuncLines     = 60
	maxTestFuncLines = 120 // a table of cases is long
	maxMethods       = 25  // of a receiver outside tests
)

// mayEmbed are the structs that may embed a type with methods outside tests, as "struct embeds type", with the reason.
// A command's flags, "…Flags" in cmd/intercom-mcp, are groups that the library of flags takes from embedded structs.
var mayEmbed = map[string]string{
	"intercom.meWire embeds intercom.adminWire":                             inJSON,
	"intercom.taggingWire embeds intercom.tagWire":                          inJSON,
	"intercom.companyWire embeds intercom.Company":                          inJSON,
	"intercom.contactWire embeds intercom.Contact":                          inJSON,
	"intercom.contactWriteWire embeds intercom.ContactWrite":                inJSON,
	"policy/change/internal/stored.itemBody embeds policy/change.Item":      inJSON,
	"tools/internal/render.ChangeDetail embeds tools/internal/render.Table": inJSON,
	"intercom/sandbox.contact embeds intercom/sandbox.Contact": "a contact and what only the workspace " +
		"knows of it, written field by field",
	"tools/serve.countingStore embeds policy/change.Store": "stands in for a store, of whose many " +
		"methods it counts what two do",
	"tools/serve.httpRequest embeds tools/serve.httpSession":   inSession,
	"tools/serve.stdioRequest embeds tools/serve.stdioSession": inSession,
}

// The reasons that several structs have.
const (
	inJSON = "encoding/json takes the members of one object from an embedded struct, and from the outer one those " +
		"that differ"
	inSession  = "mcp-go finds by its methods what a session can do, of which one request changes a few"
	isLifetime = "context.AfterFunc calls whoever waits for the end, and no request has it"
)

// mayKeepContext are the structs that may have a context in a field outside tests, with the reason.
var mayKeepContext = map[string]string{
	"tools/serve.core":                isLifetime,
	"tools/serve.Handler":             isLifetime,
	"tools/serve/internal/auth.token": isLifetime,
}

// goFile is a Go file of this module.
type goFile struct {
	path string // from the module's root
	text string
	set  *token.FileSet
	tree *ast.File
}

// room returns the folder that the file lies in.
func (f *goFile) room() string { return path.Dir(f.path) }

// line returns the number of the line that pos is in.
func (f *goFile) line(pos token.Pos) int { return f.set.Position(pos).Line }

// at names the place of a node.
func (f *goFile) at(node ast.Node) string { return fmt.Sprintf("%s:%d", f.path, f.line(node.Pos())) }

// isTest reports whether the file is left out of the program.
func (f *goFile) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// readGoFiles parses the Go files of this module, once for all tests.
var readGoFiles = sync.OnceValues(func() ([]*goFile, error) {
	root := os.DirFS(filepath.Join("..", ".."))
	var files []*goFile
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file := &goFile{path: name, text: string(text), set: token.NewFileSet()}
		file.tree, err = parser.ParseFile(file.set, name, text, parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	return files, err
})

func goFiles(t *testing.T) []*goFile {
	t.Helper()
	files, err := readGoFiles()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSizes bounds files, lines, functions and receivers.
func TestSizes(t *testing.T) {
	t.Parallel()
	files := goFiles(t)
	for _, file := range files {
		lines := strings.Split(strings.TrimSuffix(file.text, "\n"), "\n")
		if len(lines) > maxFileLines {
			t.Errorf("%s has %d lines, more than %d", file.path, len(lines), maxFileLines)
		}
		raw := file.rawLines()
		for i, line := range lines {
			if columns := utf8.RuneCountInString(line); columns > maxColumns && !raw[i+1] {
				t.Errorf("%s:%d has %d columns, more than %d", file.path, i+1, columns, maxColumns)
			}
		}
		most := maxFuncLines
		if file.isTest() {
			most = maxTestFuncLines
		}
		for _, decl := range file.tree.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && file.line(f.End())-file.line(f.Pos()) >= most {
				t.Errorf("%s: %s has more than %d lines", file.at(f), f.Name.Name, most)
			}
		}
	}
	for name, methods := range countMethods(files) {
		if methods > maxMethods {
			t.Errorf("%s has %d methods, more than %d", name, methods, maxMethods)
		}
	}
}

// rawLines returns the lines that have a raw string, or part of one.
func (f *goFile) rawLines() map[int]bool {
	lines := make(map[int]bool)
	ast.Inspect(f.tree, func(node ast.Node) bool {
		if literal, ok := node.(*ast.BasicLit); ok && strings.HasPrefix(literal.Value, "`") {
			for line := f.line(literal.Pos()); line <= f.line(literal.End()); line++ {
				lines[line] = true
			}
		}
		return true
	})
	return lines
}

// countMethods counts the methods that types and interfaces have outside tests. Keys are "room.Type".
func countMethods(files []*goFile) map[string]int {
	counts := make(map[string]int)
	for _, file := range files {
		if file.isTest() {
			continue
		}
		ast.Inspect(file.tree, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				if node.Recv != nil {
					counts[file.nameOf(node.Recv.List[0].Type)]++
				}
			case *ast.TypeSpec:
				if methods, ok := node.Type.(*ast.InterfaceType); ok {
					counts[file.nameOf(node.Name)] += methods.Methods.NumFields()
				}
			}
			return true
		})
	}
	return counts
}

// nameOf names a type as "room.Type", or by the import path of a package that is not this module's.
func (f *goFile) nameOf(expr ast.Expr) string {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return f.nameOf(expr.X)
	case *ast.IndexExpr:
		return f.nameOf(expr.X)
	case *ast.IndexListExpr:
		return f.nameOf(expr.X)
	case *ast.Ident:
		return f.room() + "." + expr.Name
	case *ast.SelectorExpr:
		for _, spec := range f.tree.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			local := path.Base(imported)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			if id, ok := expr.X.(*ast.Ident); ok && id.Name == local {
				return strings.TrimPrefix(imported, module) + "." + expr.Sel.Name
			}
		}
	}
	return ""
}

// TestStructs holds that no struct outside tests borrows methods by embedding their type, or keeps a context: fields
// have names, and a context is the first parameter of what needs it. A type without methods may be embedded, as the
// fields that several structs have in common.
func TestStructs(t *testing.T) {
	t.Parallel()
	files := goFiles(t)
	methods := countMethods(files)
	rooms, found := make(map[string]bool), make(map[string]bool)
	for _, file := range files {
		rooms[file.room()] = true
	}
	for _, file := range files {
		if file.isTest() {
			continue
		}
		name := ""
		ast.Inspect(file.tree, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.TypeSpec:
				name = file.nameOf(node.Name)
			case *ast.Field:
				found[name] = true
			case *ast.StructType:
				for _, field := range node.Fields.List {
					held := file.nameOf(field.Type)
					row := name + " embeds " + held
					found[row] = true
					switch {
					case held == "context.Context" && mayKeepContext[name] == "":
						t.Errorf("%s: %s keeps a context", file.at(field), name)
					case len(field.Names) > 0 || mayEmbed[row] != "" || strings.HasPrefix(held, "cmd/intercom-mcp.") &&
						strings.HasSuffix(held, "Flags"):
					case methods[held] > 0 || !rooms[held[:strings.LastIndex(held, ".")]]:
						t.Errorf("%s: %s, whose methods it borrows", file.at(field), row)
					}
				}
			}
			return true
		})
	}
	for _, rows := range []map[string]string{mayEmbed, mayKeepContext} {
		for row := range rows {
			if !found[row] {
				t.Errorf("nothing is excepted by %q", row)
			}
		}
	}
}

// TestOperationsAreNotCompared holds that what depends on an operation stands in its row of traits or in its file of
// the engine: nothing else asks which one it is.
func TestOperationsAreNotCompared(t *testing.T) {
	const table = "policy/change/operation.go"
	operations := make(map[string]bool)
	for _, file := range goFiles(t) {
		if file.path != table {
			continue
		}
		ast.Inspect(file.tree, func(node ast.Node) bool {
			value, ok := node.(*ast.ValueSpec)
			if ok && value.Type != nil && file.nameOf(value.Type) == "policy/change.Operation" {
				for _, name := range value.Names {
					operations["policy/change."+name.Name] = true
				}
			}
			return true
		})
	}
	if len(operations) != len(change.Operations()) {
		t.Fatalf("found %d operations of %d", len(operations), len(change.Operations()))
	}
	for _, file := range goFiles(t) {
		if file.isTest() || file.path == table {
			continue
		}
		ast.Inspect(file.tree, func(node ast.Node) bool {
			var compared []ast.Expr
			switch node := node.(type) {
			case *ast.BinaryExpr:
				compared = []ast.Expr{node.X, node.Y}
			case *ast.CaseClause:
				compared = node.List
			}
			for _, expr := range compared {
				if operations[file.nameOf(expr)] {
					t.Errorf("%s: it depends on the operation, which is for a trait", file.at(expr))
				}
			}
			return true
		})
	}
}
