package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestReloadAccessToken sends the new token once the file was read again. One that Intercom refuses, or of another
// workspace, leaves the old one in force; a refusal of the old one is forgotten with it.
func TestReloadAccessToken(t *testing.T) {
	t.Parallel()
	sb := sandbox.New(sandbox.Options{Contacts: 3})
	var last atomic.Pointer[string]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		last.Store(&token)
		switch {
		case token == "refused":
			w.WriteHeader(http.StatusUnauthorized)
		case token == "elsewhere" && r.URL.Path == "/me":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"type":"admin","id":"1","app":{"type":"app","id_code":"other"}}`))
		default:
			sb.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("first")
	flags := serviceFlags{workspaceFlags: workspaceFlags{TokenFile: file, endpointFlags: endpointFlags{Region: "us",
		BaseURL: server.URL}},
		stateFlags: stateFlags{State: filepath.Join(t.TempDir(), "state.db")}}
	s, err := flags.open(&host{env: environment()}, "test", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	for _, step := range []struct{ token, sent, refused string }{
		{"second", "second", ""}, {"refused", "second", "trying the new token"},
		{"elsewhere", "second", "of the workspace other"},
		{"${TOKEN}", "second", "placeholder"}, {"third", "third", ""},
	} {
		write(step.token)
		err := s.reloadAccessToken(t.Context())
		if (err == nil) != (step.refused == "") || err != nil && !strings.Contains(err.Error(), step.refused) {
			t.Errorf("%s: %v, want %q", step.token, err, step.refused)
		}
		if _, err := s.client.Tags.List(t.Context()); err != nil || *last.Load() != step.sent {
			t.Errorf("after %s the token %s is sent: %v", step.token, *last.Load(), err)
		}
	}
}
