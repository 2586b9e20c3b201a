package serve

import (
	"encoding/json"
	"fmt"
	"sync"

	"intercom-mcp/schemas"
	"intercom-mcp/schemas/strictjson"
	"intercom-mcp/tools"
)

// anyObject is the schema that mcp-go has of each tool: it would decode another at the start, and again at every call.
// It neither generates nor checks any.
var anyObject = json.RawMessage(`{"type":"object"}`)

// toolSchemas are the schemas of a tool as they are committed, but for white space.
type toolSchemas struct {
	input, output json.RawMessage
	brief         json.RawMessage // the input, where the list has the tools that it refers to; nil: there is none
}

// compacted has the schemas of each tool by its name, as a func() (toolSchemas, error): the process reads them once.
var compacted sync.Map

// ReadSchemas reads the schemas of all tools, which the first server of a process does else: to start sooner, a program
// can do it on another core. What cannot be read is left to that server to report. It is safe for concurrent use.
func ReadSchemas() {
	for _, tool := range tools.Catalogue() {
		_, _ = schemasOf(tool) // the server gets the same error
	}
}

// schemasOf reads the schemas of a tool. It is safe for concurrent use.
func schemasOf(tool tools.Tool) (toolSchemas, error) {
	read, known := compacted.Load(tool.Name)
	if !known {
		read, _ = compacted.LoadOrStore(tool.Name, sync.OnceValues(func() (toolSchemas, error) { return readSchemas(tool) }))
	}
	return read.(func() (toolSchemas, error))()
}

func readSchemas(tool tools.Tool) (toolSchemas, error) {
	var s toolSchemas
	for _, schema := range []struct {
		into *json.RawMessage
		of   func(tool string) (json.RawMessage, error)
		has  bool
	}{
		{&s.input, schemas.Input, true},
		{&s.output, schemas.Output, true},
		{&s.brief, schemas.Brief, len(tool.BriefWith) > 0},
	} {
		if !schema.has {
			continue
		}
		indented, err := schema.of(tool.Name)
		if err == nil {
			*schema.into, err = strictjson.Compact(indented)
		}
		if err != nil {
			return toolSchemas{}, fmt.Errorf("serve: tool %s: %w", tool.Name, err)
		}
	}
	return s, nil
}
