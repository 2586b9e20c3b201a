package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/tailscale/hujson"
)

// Client is an MCP client.
type Client struct {
	ID   string // as people write it: claude-desktop
	Name string
	// File is the list of its servers.
	File string
	// folder is there where the client is installed.
	folder string
	list   string // the member of the file that holds the servers
	typed  bool   // each of them says its type
}

// Server is what a client is to start, or the address of what it calls.
type Server struct {
	Type    string            `json:"type,omitempty"`
	URL     string            `json:"url,omitempty"` // of a server that runs already
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env,omitempty"`
}

// All are the clients whose files are known, whether they are installed or not. env is the environment of the user; the
// answer is empty where it has no home directory.
func All(env func(string) (string, bool)) []Client {
	home, _ := env("HOME")
	settings := filepath.Join(home, ".config")
	switch runtime.GOOS {
	case "darwin":
		settings = filepath.Join(home, "Library", "Application Support")
	case "windows":
		home, _ = env("USERPROFILE")
		settings, _ = env("APPDATA")
	default:
		if dir, _ := env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
			settings = dir
		}
	}
	if !filepath.IsAbs(home) || !filepath.IsAbs(settings) {
		return nil
	}
	claude, code := filepath.Join(settings, "Claude"), filepath.Join(settings, "Code", "User")
	return []Client{
		// https://modelcontextprotocol.io/docs/develop/connect-local-servers
		{"claude-desktop", "Claude Desktop", filepath.Join(claude, "claude_desktop_config.json"), claude, "mcpServers",
			false},
		// https://code.claude.com/docs/en/mcp#user-scope
		{"claude-code", "Claude Code", filepath.Join(home, ".claude.json"), filepath.Join(home, ".claude"), "mcpServers",
			true},
		// https://cursor.com/docs/context/mcp#configuration-locations
		{"cursor", "Cursor", filepath.Join(home, ".cursor", "mcp.json"), filepath.Join(home, ".cursor"), "mcpServers", false},
		// https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
		{"vscode", "VS Code", filepath.Join(code, "mcp.json"), code, "servers", true},
	}
}

// Installed reports whether the client seems to be installed.
func (c *Client) Installed() bool {
	for _, path := range []string{c.folder, c.File} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}

// read reads the file; an empty object where there is none.
func (c *Client) read() (hujson.Value, error) {
	body, err := os.ReadFile(c.File)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(body)) == 0 {
		body, err = []byte("{}"), nil
	}
	if err != nil {
		return hujson.Value{}, err
	}
	value, err := hujson.Parse(bytes.TrimPrefix(body, []byte("\ufeff")))
	if err != nil {
		return value, fmt.Errorf("%s is no JSON: %s", c.File, strings.TrimPrefix(err.Error(), "hujson: "))
	}
	if _, ok := value.Value.(*hujson.Object); !ok {
		return value, fmt.Errorf("%s: it holds no JSON object", c.File)
	}
	return value, nil
}

// Has returns the server of a name in the client's list; nil where there is none.
func (c *Client) Has(name string) (*Server, error) {
	value, err := c.read()
	if err != nil {
		return nil, err
	}
	value.Standardize()
	var file map[string]json.RawMessage
	if err := json.Unmarshal(value.Pack(), &file); err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	var servers map[string]json.RawMessage
	if list := file[c.list]; list != nil {
		if err := json.Unmarshal(list, &servers); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", c.File, c.list, err)
		}
	}
	if servers[name] == nil {
		return nil, nil
	}
	server := new(Server)
	if err := json.Unmarshal(servers[name], server); err != nil {
		return nil, fmt.Errorf("%s: %s.%s: %w", c.File, c.list, name, err)
	}
	return server, nil
}

// Starts reports whether a server of the client's list is the one that Add would put there.
func (c *Client) Starts(listed *Server, server Server) bool {
	return listed != nil && listed.Type == c.typeOf(server) && listed.Command == server.Command &&
		slices.Equal(listed.Args, server.Args) && maps.Equal(listed.Env, server.Env)
}

// typeOf is the type that the client's file gives a server.
func (c *Client) typeOf(server Server) string {
	if c.typed {
		return "stdio"
	}
	return server.Type
}

// Add puts a server on the client's list, in the place of one of the same name. All else in the file stays as it is. A
// file that was there is kept beside it, with .bak at its end. Only the user may read a file that holds a token.
func (c *Client) Add(name string, server Server) error {
	value, err := c.read()
	if err != nil {
		return err
	}
	server.Type = c.typeOf(server)
	fresh := len(value.Value.(*hujson.Object).Members) == 0
	patch := []map[string]any{}
	if value.Find("/"+c.list) == nil {
		patch = append(patch, map[string]any{"op": "add", "path": "/" + c.list, "value": map[string]any{}})
	}
	patch = append(patch, map[string]any{"op": "add", "path": "/" + c.list + "/" +
		strings.NewReplacer("~", "~0", "/", "~1").Replace(name), "value": server})
	encoded, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	if err := value.Patch(encoded); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	value.Format()
	body := value.Pack()
	if fresh {
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			return err
		}
		body = indented.Bytes()
	}
	return c.replace(body)
}

// replace replaces the file.
func (c *Client) replace(body []byte) error {
	if err := os.MkdirAll(filepath.Dir(c.File), 0o700); err != nil {
		return err
	}
	target := c.File
	if linked, err := filepath.EvalSymlinks(c.File); err == nil {
		target = linked // kept in a folder of settings, say
	}
	if before, err := os.ReadFile(target); err == nil {
		if err := os.WriteFile(target+".bak", before, 0o600); err != nil {
			return err
		}
	}
	temporary := target + ".new"
	if err := os.WriteFile(temporary, body, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, target)
}
