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
// is for the program alone, what generates schemas and what tests stores for tests
// alone, which are not held to this.
var allowed = map[string][]string{
	"cmd/intercom-mcp": {"tools/serve", "tools", "intercom", "intercom/sandbox", "policy", "policy/change", "policy/change/sqlite", "schemas"},
	"tools/serve":      {"tools", "intercom", "policy", "policy/change", "schemas"},
	"tools":            {"intercom", "policy", "policy/change", "schemas"},
	"intercom":         {},
	"intercom/sandbox": {},
	"policy":           {},
	"policy/change":    {"policy"},
	"schemas":          {},
	"schemas/generate": {},

	"policy/change/changetest": {"policy", "policy/change"},
	"policy/change/sqlite":     {"policy", "policy/change"},
}

// exclusive says which rooms alone may import a library.
var exclusive = map[string][]string{
	"github.com/mark3labs/mcp-go/server":       {"tools/serve"},
	"github.com/mark3labs/mcp-go":              {"tools/serve", "cmd/intercom-mcp"},
	"github.com/invopop/jsonschema":            {"schemas/generate"},
	"github.com/santhosh-tekuri/jsonschema/v5": {"schemas"},
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

// testsKnow says which rooms the tests of the lower rooms may import. They know nothing of MCP either.
var testsKnow = map[string][]string{
	"intercom":         {"intercom", "intercom/sandbox"},
	"intercom/sandbox": {"intercom/sandbox"},
	"policy":           {"policy"},
}

// TestImportsOfTests holds the layout for the tests of the lower rooms.
func TestImportsOfTests(t *testing.T) {
	for room, rooms := range testsKnow {
		out, err := exec.Command("go", "list", "-f", `{{join .TestImports "\n"}}{{"\n"}}{{join .XTestImports "\n"}}`, module+room).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range strings.Fields(string(out)) {
			if other, inside := strings.CutPrefix(path, module); inside && !slices.Contains(rooms, other) {
				t.Errorf("the tests of %s import %s", room, other)
			}
			if strings.Contains(path, "mcp-go") {
				t.Errorf("the tests of %s import %s", room, path)
			}
		}
	}
}
