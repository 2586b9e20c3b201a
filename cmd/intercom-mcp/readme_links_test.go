package main

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestREADMELinks decodes the links that add the server to a client.
func TestREADMELinks(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	query := func(client, page string) url.Values {
		t.Helper()
		match := regexp.MustCompile(`(?m)^\[` + client + `\]: (\S+)$`).FindSubmatch(content)
		if match == nil {
			t.Fatalf("the README has no link for %s", client)
		}
		link, err := url.Parse(string(match[1]))
		if err != nil || link.Host+link.Path != page || link.Query().Get("name") != "intercom" {
			t.Errorf("the link for %s is %s: %v", client, match[1], err)
		}
		return link.Query()
	}
	cursor, err := base64.StdEncoding.DecodeString(query("cursor", "cursor.com/en/install-mcp").Get("config"))
	if err != nil {
		t.Error(err)
	}
	code := query("vscode", "vscode.dev/redirect/mcp/install")
	for text, want := range map[string]string{
		string(cursor): `{"command": "intercom-mcp", "args": ["stdio"],
			"env": {"INTERCOM_ACCESS_TOKEN": "your token", "INTERCOM_REGION": "us"}}`,
		code.Get("config"): `{"type": "stdio", "command": "intercom-mcp", "args": ["stdio"],
			"env": {"INTERCOM_ACCESS_TOKEN": "${input:intercom}", "INTERCOM_REGION": "us"}}`,
		code.Get("inputs"): `[{"type": "promptString", "id": "intercom", "description": "Intercom access token",
			"password": true}]`,
	} {
		var got, wanted any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Errorf("%v: %s", err, text)
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("(-want +README):\n%s", diff)
		}
	}
}
