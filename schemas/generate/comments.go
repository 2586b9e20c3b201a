package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// Comments are the comments on the fields of Go structs, by package name, type and field: "tools.Filter.Field".
type Comments map[string]string

// LoadComments reads the field comments of all structs in the Go files of the directories (tests included,
// subdirectories not). A comment is taken as it is written, above the field or behind it, its lines joined by spaces;
// write it as the description that the model reads, without the field's name.
func LoadComments(dirs ...string) (Comments, error) {
	comments := make(Comments)
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, fmt.Errorf("generate: comments of %s: %w", dir, err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("generate: comments of %s: no Go files: %w", dir, os.ErrNotExist)
		}
		for _, name := range names {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("generate: comments of %s: %w", dir, err)
			}
			comments.add(file)
		}
	}
	return comments, nil
}

// add collects the field comments of one file.
func (c Comments) add(file *ast.File) {
	for node := range ast.Preorder(file) {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			continue
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			text := field.Doc.Text()
			if text == "" {
				text = field.Comment.Text()
			}
			for _, name := range field.Names {
				c[file.Name.Name+"."+spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
			}
		}
	}
}

// lookup returns a field's comment. Types have none: a tool describes itself.
func (c Comments) lookup(t reflect.Type, field string) string {
	if field == "" {
		return ""
	}
	generic, _, _ := strings.Cut(t.String(), "[")
	return c[generic+"."+field]
}
