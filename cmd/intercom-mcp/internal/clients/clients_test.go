package clients

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// home is an environment with a home directory.
func home(dir string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch name {
		case "HOME", "USERPROFILE":
			return dir, true
		case "APPDATA":
			return filepath.Join(dir, "AppData"), true
		}
		return "", false
	}
}

// TestAdd adds a server to the file of each client: what is there stays, comments included.
func TestAdd(t *testing.T) {
	server := Server{Command: "/bin/intercom-mcp", Args: []string{"stdio"}, Env: map[string]string{"A": "b"}}
	for _, client := range All(home(t.TempDir())) {
		for name, before := range map[string]string{
			"no file": "", "an empty object": "{}", "a byte order mark": "\ufeff{}",
			"other servers": "{\n  // mine\n  \"theme\": \"dark\",\n  \"" + client.list +
				"\": {\n    \"other\": {\"command\": \"x\"}, // kept\n  },\n}\n",
			"one of the name": `{"` + client.list + `": {"intercom": {"command": "old", "args": []}}}`,
		} {
			t.Run(client.ID+", "+name, func(t *testing.T) {
				client.File = filepath.Join(t.TempDir(), "settings", "file.json")
				if before != "" {
					if err := os.MkdirAll(filepath.Dir(client.File), 0o700); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(client.File, []byte(before), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if err := client.Add("intercom", server); err != nil {
					t.Fatal(err)
				}
				want := server
				if client.typed {
					want.Type = "stdio"
				}
				got, err := client.Has("intercom")
				if diff := cmp.Diff(&want, got); err != nil || diff != "" {
					t.Errorf("%v %s", err, diff)
				}
				after, err := os.ReadFile(client.File)
				if err != nil {
					t.Fatal(err)
				}
				if name == "other servers" {
					for _, kept := range []string{"// mine", `"theme": "dark"`, `"other":`, "// kept"} {
						if !strings.Contains(string(after), kept) {
							t.Errorf("%s is gone from %s", kept, after)
						}
					}
				}
				if info, err := os.Stat(client.File); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("%v %v", info.Mode(), err)
				}
				if before != "" {
					if kept, err := os.ReadFile(client.File + ".bak"); err != nil || string(kept) != before {
						t.Errorf("the file of before: %q, %v", kept, err)
					}
				}
			})
		}
	}
}

// TestAddRefuses leaves a file alone that it does not understand.
func TestAddRefuses(t *testing.T) {
	for _, before := range []string{"{", "[]", `{"mcpServers": [}`, `{"mcpServers": 3}`} {
		client := All(home(t.TempDir()))[0]
		if err := os.MkdirAll(filepath.Dir(client.File), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(client.File, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		err := client.Add("intercom", Server{})
		after, readErr := os.ReadFile(client.File)
		if err == nil || readErr != nil || string(after) != before {
			t.Errorf("%s: %v, then %s", before, err, after)
		}
	}
}
