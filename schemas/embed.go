package schemas

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

// files are the committed schemas, one pair per tool.
//
//go:embed *.json
var files embed.FS

var embedded = &library{files: files}

// Input returns the JSON Schema of the tool's arguments, indented. The
// error wraps [fs.ErrNotExist] when there is no such tool.
func Input(tool string) (json.RawMessage, error) { return embedded.read(inputFile(tool)) }

// Output returns the JSON Schema of the tool's answer, indented. The error
// wraps [fs.ErrNotExist] when there is no such tool.
func Output(tool string) (json.RawMessage, error) { return embedded.read(outputFile(tool)) }

// Brief returns the short form of the tool's input schema, which refers to the arguments of other tools. The error
// wraps [fs.ErrNotExist] when it has none.
func Brief(tool string) (json.RawMessage, error) { return embedded.read(tool + ".brief.json") }

// library serves schemas from a directory and keeps those it compiled.
type library struct {
	files    fs.FS
	compiled sync.Map // file name to func() (*jsonschema.Schema, error)
}

func inputFile(tool string) string  { return tool + ".input.json" }
func outputFile(tool string) string { return tool + ".output.json" }

// read returns a file's JSON, indented so that its diffs are readable: whoever
// encodes it into a message leaves the white space out.
func (l *library) read(name string) (json.RawMessage, error) {
	raw, err := fs.ReadFile(l.files, name)
	if err != nil {
		return nil, fmt.Errorf("schemas: %w", err)
	}
	return raw, nil
}
