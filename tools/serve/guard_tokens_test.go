package serve

import (
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

func TestBearerTokens(t *testing.T) {
	file, auth, issued := tokenFile(t, TokenLine{Name: "reader", Mode: policy.ModeRead})
	reader := issued[0]
	s := newSite(t, HTTPOptions{Options: options(t, scripted{"list_tags": ticking(0), "tag_contacts": ticking(0)}),
		Auth: auth})
	bearer := func(token string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
	}
	call := func(edit func(*http.Request)) (int, http.Header) {
		status, header, _ := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(modernCall), edit)
		return status, header
	}
	if status, header := call(func(*http.Request) {}); status != 401 ||
		header.Get("WWW-Authenticate") != `Bearer realm="intercom-mcp"` {
		t.Errorf("without a token: %d %q", status, header.Get("WWW-Authenticate"))
	}
	if status, header := call(bearer("imcp_forged")); status != 401 || !strings.Contains(header.Get("WWW-Authenticate"),
		`error="invalid_token"`) {
		t.Errorf("with a forged token: %d %q", status, header.Get("WWW-Authenticate"))
	}
	if status, _ := call(func(r *http.Request) { r.SetBasicAuth("reader", reader) }); status != 401 {
		t.Errorf("with another scheme: %d", status)
	}
	if status, _ := call(bearer(reader)); status != 200 {
		t.Errorf("with the token: %d", status)
	}
	write := strings.Replace(modernCall, "list_tags", "tag_contacts", 1)
	named := func(r *http.Request) { bearer(reader)(r); r.Header.Set("Mcp-Name", "tag_contacts") }
	if _, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(write), named); !strings.Contains(text,
		"not offered") {
		t.Errorf("a reader writes: %s", text)
	}
	list := `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + modernMeta + `}}`
	_, _, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(list), bearer(reader),
		func(r *http.Request) { r.Header.Set("Mcp-Method", "tools/list") })
	if strings.Contains(text, "tag_contacts") || !strings.Contains(text, "list_tags") {
		t.Errorf("a reader is shown %s", text)
	}
	if status, _, _ := s.do("GET", "/metrics", http.Header{}, nil); status != 401 {
		t.Errorf("metrics without a token: %d", status)
	}
	writer, err := file.New(TokenLine{Name: "writer", Mode: policy.ModeWrite})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := call(bearer(writer)); status != 401 {
		t.Errorf("before the reload the new token gets %d", status)
	}
	if _, err := auth.Reload(); err != nil {
		t.Fatal(err)
	}
	if status, _ := call(bearer(writer)); status != 200 {
		t.Errorf("after the reload the new token gets %d", status)
	}
}
