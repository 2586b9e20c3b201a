package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestHTTP has the http server answer until it is told to stop.
func TestHTTP(t *testing.T) {
	t.Parallel()
	server := launch(t, nil, environment("INTERCOM_HTTP_ADDR", "127.0.0.1:0"), "http", "--sandbox")
	url := server.stderr.await(t, `"url":"(http://[^"]+)/mcp"`)
	if status, body := get(t, url+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d %s", status, body)
	}
	if status, body := get(t, url+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, body)
	}
	status, body := get(t, url+"/metrics")
	if status != http.StatusOK || !strings.Contains(body, "intercom_mcp_rate_budget_remaining") {
		t.Errorf("/metrics: %d %s", status, body)
	}
	server.stop()
	if code := <-server.code; code != exitOK {
		t.Errorf("exit code %d: %s", code, server.stderr)
	}
	if strings.Contains(server.stdout.String(), "\n") {
		t.Errorf("stdout: %s", server.stdout)
	}
}
