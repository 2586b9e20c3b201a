package serve

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// whoAsks is a caller that keeps who made its last call.
func whoAsks(last *tools.Call) scripted {
	return scripted{"list_tags": func(_ context.Context, call tools.Call) (tools.Result, error) {
		*last = tools.Call{Principal: call.Principal, Person: call.Person, Roles: call.Roles, Client: call.Client,
			Mode: call.Mode}
		return reply(`{}`)
	}}
}

// TestWhoAsks passes on who asks: over HTTP as the file of tokens has them, on stdio somebody local, and in every
// revision what the client calls itself.
func TestWhoAsks(t *testing.T) {
	var last tools.Call
	check := func(what string, want tools.Call) {
		t.Helper()
		if diff := cmp.Diff(want, last); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	named := strings.Replace(modernCall, `"_meta":{`,
		`"_meta":{"io.modelcontextprotocol/clientInfo":{"name":"toy\u0007","version":"1"},`, 1)
	p := connect(t, options(t, whoAsks(&last)))
	p.send("%s", modernCall)
	p.receive()
	check("stdio", tools.Call{Principal: "local", Mode: policy.ModeFull})
	p.send("%s", named)
	p.receive()
	check("stdio, named", tools.Call{Principal: "local", Mode: policy.ModeFull, Client: "toy"})

	tokens, issued := bearers(t, TokenLine{Name: "ann", Mode: policy.ModeRead, Roles: []string{"ops", "support"},
		Person: "ann@example.com"})
	s := newSite(t, HTTPOptions{Options: options(t, whoAsks(&last)), Auth: tokens})
	ann := tools.Call{Principal: "ann", Person: policy.Person{Email: "ann@example.com"}, Roles: []string{"ops", "support"},
		Client: "t", Mode: policy.ModeRead}
	peer := s.peer(issued[0])
	peer.post(hello)
	peer.next()
	peer.post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tags","arguments":{}}}`)
	peer.next()
	check("HTTP", ann)
}
