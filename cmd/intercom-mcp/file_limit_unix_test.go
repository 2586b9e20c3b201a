//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/serve"
)

// TestOthersAreServedWhenOneListensOften has one principal open 300 streams that listen on a server that may open 256
// files, each on a connection that stays open: another principal is served.
func TestOthersAreServedWhenOneListensOften(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens")
	var issued []string
	for _, name := range []string{"ann", "bob"} {
		token, err := serve.TokenFile(tokens).New(serve.TokenLine{Name: name, Mode: policy.ModeWrite})
		if err != nil {
			t.Fatal(err)
		}
		issued = append(issued, token)
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "intercom-mcp") // by this name the test binary is the program
	if err := os.Symlink(binary, program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -n 256 && exec "$0" "$@"`, program, "http", "--sandbox",
		"--addr", "127.0.0.1:0", "--tokens", tokens)
	log := newTape()
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url := log.await(t, `"url":"([^"]+)"`)
	transport := &http.Transport{} // whose connections stay open
	defer transport.CloseIdleConnections()
	statuses := make(map[int]int)
	for range 300 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(
			`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},`+
				`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
			"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "subscriptions/listen", "Authorization": "Bearer " + issued[0],
		} {
			request.Header.Set(name, value)
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatalf("after %v: %v", statuses, err)
		}
		statuses[response.StatusCode]++
		defer response.Body.Close() // only at the end, so that the connection serves no other request
	}
	for range 3 {
		if status := initialize(t, url, issued[1]); status != http.StatusOK {
			t.Errorf("another principal: %d, after %v", status, statuses)
		}
	}
	terminate(t, cmd, io.NopCloser(strings.NewReader("")))
}
