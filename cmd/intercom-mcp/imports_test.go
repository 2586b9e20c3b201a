package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "intercom-mcp/"

// allowed says which rooms of this module each room may import. The sandbox
// is for the program alone, and what generates schemas for tests alone, which
// are not held to this.
var allowed = map[string][]string{
	"cmd/intercom-mcp":                 {"tools/serve", "tools", "intercom", "intercom/sandbox", "policy", "policy/change", "schemas"},
	"tools/serve":                      {"tools", "tools/serve/internal/auth", "tools/serve/internal/jsonrpc", "intercom", "policy", "policy/change", "schemas"},
	"tools/serve/internal/auth":        {"policy"},
	"tools/serve/internal/conformance": {"tools/serve/internal/auth", "tools/serve/internal/jsonrpc"},
	"tools/serve/internal/jsonrpc":     {"schemas/strictjson"},
	"tools":                            {"intercom", "policy", "policy/change", "schemas", "schemas/strictjson"},
	"intercom":                         {},
	"intercom/sandbox":                 {},
	"policy":                           {},
	"policy/change":                    {"policy"},
	"schemas":                          {"schemas/strictjson"},
	"schemas/generate":                 {},
	"schemas/strictjson":               {},
}

// exclusive says which rooms alone may import a library.
var exclusive = map[string][]string{
	"github.com/mark3labs/mcp-go/server":       {"tools/serve", "tools/serve/internal/conformance"},
	"github.com/mark3labs/mcp-go":              {"tools/serve", "tools/serve/internal/conformance", "tools/serve/internal/jsonrpc", "cmd/intercom-mcp"},
	"github.com/invopop/jsonschema":            {"schemas/generate"},
	"github.com/santhosh-tekuri/jsonschema/v5": {"schemas"},
	"github.com/go-json-experiment/json":       {"schemas/strictjson"},
}

// TestImports holds the layout: imports point one way, and a library is known
// where it belongs and nowhere else.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(pkg.ImportPath, module)
		rooms, known := allowed[room]
		if !known {
			t.Errorf("%s is a room that the layout does not know", room)
		}
		for _, path := range pkg.Imports {
			if other, inside := strings.CutPrefix(path, module); inside && !slices.Contains(rooms, other) {
				t.Errorf("%s imports %s", room, other)
			}
			for library, where := range exclusive {
				if (path == library || strings.HasPrefix(path, library+"/")) && !slices.Contains(where, room) {
					t.Errorf("%s imports %s, which belongs to %s", room, path, strings.Join(where, ", "))
				}
			}
		}
	}
}
