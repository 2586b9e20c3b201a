package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/intercom"
)

// module begins the import paths of this module, whatever it is called.
var module = strings.TrimSuffix(reflect.TypeFor[intercom.Client]().PkgPath(), "intercom")

const (
	// inner are the rooms behind tools.
	inner = " tools/internal/engine tools/internal/render tools/internal/search" +
		" tools/internal/record tools/internal/directory "
	// changing are those that may know changes and their policy, and above those that may know Intercom.
	changing = "cmd/intercom-mcp tools/serve/... tools tools/internal/engine tools/internal/render "
	above    = "cmd/intercom-mcp tools/serve/... tools tools/toolerr" + inner
)

// layout says of each room of this module, and of the libraries that have one, which rooms may import it, and which may
// in their tests besides. x/... is x and all below. Where several rows cover a path, the most exact one holds. A row
// about what does not exist matches nothing.
var layout = []struct{ path, importers, tests string }{
	{"cmd/intercom-mcp", "", ""},
	{"cmd/intercom-mcp/internal/script", "cmd/intercom-mcp", ""},
	{"cmd/intercom-mcp/internal/demo", "cmd/intercom-mcp", ""},
	{"cmd/intercom-mcp/internal/terminal", "cmd/...", ""},
	{"cmd/intercom-mcp/internal/clients", "cmd/intercom-mcp", ""},
	{"cmd/intercom-mcp/internal/table", "cmd/intercom-mcp", ""},
	{"cmd/intercom-mcp/internal/gcpace", "cmd/intercom-mcp", ""},

	{"tools/serve", "cmd/intercom-mcp tools/serve/console", ""},
	{"tools/serve/console", "cmd/intercom-mcp", ""},
	{"tools/serve/internal/jsonrpc", "tools/serve/...", ""},
	{"tools/serve/internal/auth", "tools/serve/...", ""},
	{"tools/serve/internal/auth/authtest/idp", "", ""},
	{"tools/serve/internal/auth/authtest", "tools/serve/internal/auth/authtest/idp", "tools/serve/..."},
	{"tools/serve/internal/conformance", "tools/serve", ""},

	{"tools", "cmd/... tools/serve/...", ""},
	{"tools/notify", "cmd/intercom-mcp", ""},
	{"tools/toolstest", "", "cmd/intercom-mcp tools/..."},
	{"tools/internal/engine", "tools", ""},
	{"tools/internal/render", "tools", ""},
	{"tools/internal/search", "tools", ""},
	{"tools/internal/record", "tools" + inner, ""},
	{"tools/internal/directory", "tools" + inner, ""},
	{"tools/internal/text", "tools/...", ""},
	{"tools/toolerr", "cmd/... tools tools/serve/..." + inner, ""},

	{"intercom", above, ""},
	{"intercom/sandbox", "cmd/...", "intercom tools/..."},

	{"policy", changing + "policy/change/...", "tools/notify policy/internal/expression"},
	{"policy/internal/builtin", "policy", ""},
	{"policy/internal/expression", "policy", ""},
	{"policy/change", changing + "policy/change/... tools/notify", ""},
	{"policy/change/sqlite", "cmd/intercom-mcp", "tools/... policy/change/exports"},
	{"policy/change/postgres", "cmd/intercom-mcp", "tools/..."},
	{"policy/change/postgres/postgrestest", "", "policy/change/postgres cmd/intercom-mcp tools/..."},
	{"policy/change/internal/stored", "policy/change/sqlite policy/change/postgres policy/change/changetest", ""},
	{"policy/change/exports", "cmd/intercom-mcp tools/internal/engine", "tools"},
	{"policy/change/changetest", "", "policy/change/... tools"},

	{"schemas", above + "cmd/intercom-mcp/internal/script", "schemas/generate"},
	{"schemas/generate", "", "schemas tools"},
	{"schemas/strictjson", "schemas " + above, ""},

	{"github.com/mark3labs/mcp-go", "cmd/intercom-mcp cmd/intercom-mcp/internal/demo tools/serve/...", ""},
	{"github.com/mark3labs/mcp-go/server", "tools/serve/...", ""},
	{"github.com/invopop/jsonschema", "schemas/generate", ""},
	{"github.com/santhosh-tekuri/jsonschema/v5", "schemas", "schemas/generate"},
	{"github.com/go-json-experiment/json", "schemas/strictjson intercom tools/serve", "tools"},
	{"github.com/alecthomas/kong", "cmd/intercom-mcp", ""},
	{"github.com/lmittmann/tint", "cmd/intercom-mcp", ""},
	{"modernc.org/sqlite", "policy/change/sqlite", ""},
	{"github.com/jackc/pgx/v5", "policy/change/postgres/...", ""},
	{"github.com/coreos/go-oidc/v3", "tools/serve/internal/auth", ""},
	{"golang.org/x/oauth2", "tools/serve/internal/auth", ""},
	{"github.com/go-jose/go-jose/v4", "tools/serve/internal/auth/...", "tools/serve"},
	{"github.com/tailscale/hujson", "cmd/intercom-mcp/internal/clients", ""},
	{"cel.dev/cel-go", "policy policy/internal/expression", ""},
	{"cel.dev/cel-go/cel", "", "policy/internal/expression"},
	{"cel.dev/cel-go/ext", "", ""},
	{"golang.org/x/crypto/x509roots/fallback", "cmd/intercom-mcp", ""},
}

// TestImports holds the layout: imports point one way, and a library is known where it belongs and nowhere else.
func TestImports(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var pkg struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(pkg.ImportPath, module)
		if !slices.ContainsFunc(layout, func(row struct{ path, importers, tests string }) bool { return row.path == room }) {
			t.Errorf("%s is a room that the layout does not know", room)
		}
		for _, path := range pkg.Imports {
			if importers, _ := importersOf(path); !covers(importers, room) {
				t.Errorf("%s imports %s, which is for: %s", room, path, importers)
			}
		}
		for _, path := range slices.Concat(pkg.TestImports, pkg.XTestImports) {
			importers, tests := importersOf(path)
			if path != pkg.ImportPath && !covers(importers+" "+tests, room) {
				t.Errorf("the tests of %s import %s, which is for: %s %s", room, path, importers, tests)
			}
		}
	}
}

// importersOf returns which rooms may import path, and which may in their tests besides.
func importersOf(path string) (importers, tests string) {
	importers = "..." // what no row covers: the standard library, and libraries without a room of their own
	best := ""
	for _, row := range layout {
		room := strings.TrimPrefix(path, module)
		if len(row.path) > len(best) && (row.path == room || strings.HasPrefix(path, row.path+"/")) {
			best, importers, tests = row.path, row.importers, row.tests
		}
	}
	return importers, tests
}

// covers reports whether room is one of patterns.
func covers(patterns, room string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(pattern string) bool {
		below, all := strings.CutSuffix(pattern, "...")
		return pattern == room || all && strings.HasPrefix(room+"/", below)
	})
}
