package serve

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// trailing keeps what it is told of calls that were refused.
type trailing struct {
	scripted
	refused *[]string
}

// Refused implements [tools.Caller].
func (c trailing) Refused(_ context.Context, call tools.Call, reason string) {
	*c.refused = append(*c.refused, call.Principal+" "+call.Tool+" "+reason)
}

// TestNarrowTokens refuses a write with a token for reading: a client of the identity provider is told the scopes that
// it needs, one of the file what it is told of a tool that is not there, and the operator of both.
func TestNarrowTokens(t *testing.T) {
	t.Parallel()
	tokens, filed := bearers(t, TokenLine{Name: "robot", Mode: policy.ModeRead})
	log, trail := new(logBuffer), []string(nil)
	o := options(t, trailing{scripted{"list_tags": ticking(0), "tag_contacts": ticking(0), "update_contact": ticking(0)},
		&trail})
	o.Log, o.Metrics = log.logger(), NewMetrics()
	s, id := signedInto(t, tokens, o)
	reader, err := id.Token(map[string]any{"scope": "contacts:read"})
	if err != nil {
		t.Fatal(err)
	}
	call := func(token, tool string) (int, string, string) {
		status, header, text := s.do("POST", "/mcp", modernHeaders(), strings.NewReader(strings.Replace(modernCall,
			"list_tags", tool, 1)), bearing(token), func(r *http.Request) { r.Header.Set("Mcp-Name", tool) })
		return status, header.Get("WWW-Authenticate"), text
	}
	const where = `resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", ` +
		`scope="contacts:read contacts:write"`
	status, challenge, text := call(reader, "tag_contacts")
	if status != 403 || !strings.HasPrefix(challenge, `Bearer realm="intercom-mcp", error="insufficient_scope"`) ||
		!strings.HasSuffix(challenge, where) || !strings.Contains(text, "contacts:read, contacts:write") {
		t.Errorf("a reader who signed in writes: %d %s %s", status, challenge, text)
	}
	if status, challenge, text := call(filed[0], "update_contact"); status != 400 || challenge != "" ||
		!strings.Contains(text, `the tool \"update_contact\" is not offered here`) {
		t.Errorf("a reader of the file writes: %d %s %s", status, challenge, text)
	}
	for _, tool := range []string{"delete_contacts", "no_such_tool"} { // nobody is offered it
		if status, challenge, text := call(reader, tool); status != 400 || challenge != "" {
			t.Errorf("%s: %d %s %s", tool, status, challenge, text)
		}
	}
	if status, _, text := call(reader, "list_tags"); status != 200 {
		t.Errorf("a reader reads: %d %s", status, text)
	}
	if want := []string{id.URL + "#u1 tag_contacts insufficient_scope", "robot update_contact mode"}; !slices.Equal(trail,
		want) {
		t.Errorf("the trail is told %q, want %q", trail, want)
	}
	metrics := scrape(o.Metrics)
	for reason, line := range map[string]string{"insufficient_scope": `"principal":"` + id.URL +
		`#u1","tool":"tag_contacts"`, "mode": `"principal":"robot","tool":"update_contact"`} {
		if !strings.Contains(log.String(), `"msg":"refused","reason":"`+reason+`"`) || !strings.Contains(log.String(), line) {
			t.Errorf("no line of %s with %s in\n%s", reason, line, log)
		}
		if want := fmt.Sprintf("intercom_mcp_refused_total{reason=%q} 1\n", reason); !strings.Contains(metrics, want) {
			t.Errorf("no %s in\n%s", want, metrics)
		}
	}
}
