package serve

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// A mode that changes while the server runs changes what is listed, and what can be called, at once and both ways.
func TestListsFollowTheMode(t *testing.T) {
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1",
		Transport: sandbox.New(sandbox.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	var current atomic.Pointer[policy.Policy]
	current.Store(policy.Default(policy.ModeRead))
	pipeline, err := tools.New(tools.Config{Client: client, Policy: current.Load, Store: change.NewMemory(10)})
	if err != nil {
		t.Fatal(err)
	}
	defer pipeline.Close(t.Context())
	p := connect(t, options(t, pipeline))
	for _, mode := range []policy.Mode{policy.ModeRead, policy.ModeFull, policy.ModeWrite, policy.ModeRead} {
		current.Store(policy.Default(mode))
		p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{%s}}`, modernMeta)
		list, err := p.out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		for name, effect := range map[string]policy.Effect{"list_tags": policy.Read, "tag_contacts": policy.Write,
			"delete_contacts": policy.Destroy} {
			if strings.Contains(list, `"name":"`+name+`"`) != mode.Allows(effect) {
				t.Errorf("%s in mode %s: wrong list", name, mode)
			}
			p.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":%q,"arguments":{"limit":1},%s}}`, name,
				modernMeta)
			if w := p.receive(); (w.Error == nil) != mode.Allows(effect) || w.Error != nil &&
				!strings.Contains(w.Error.Message, "not offered here") {
				t.Errorf("%s in mode %s: %+v", name, mode, w)
			}
		}
	}
}

// TestListsPerPrincipal lists for each bearer what the policy leaves to their roles, follows what is read again of the
// file of tokens and of the policy, and answers a call of what is left out with the rule that does.
func TestListsPerPrincipal(t *testing.T) {
	client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1",
		Transport: sandbox.New(sandbox.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	read := func(rules string) *policy.Policy {
		p, err := policy.Parse("team.yaml", []byte(rules), tools.PolicyVocabulary())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	onlyOps := read(`
roles:
  readers: {mode: read}
rules:
  - {name: only ops, tools: [bulk_update_contacts], when: "!('ops' in roles)", then: deny, why: ops update many}
`)
	var current atomic.Pointer[policy.Policy]
	current.Store(onlyOps)
	pipeline, err := tools.New(tools.Config{Client: client, Policy: current.Load, Store: change.NewMemory(10)})
	if err != nil {
		t.Fatal(err)
	}
	defer pipeline.Close(t.Context())
	file, auth, issued := tokenFile(t, TokenLine{Name: "sue", Mode: policy.ModeWrite, Roles: []string{"support"}},
		TokenLine{Name: "oz", Mode: policy.ModeWrite, Roles: []string{"ops"}},
		TokenLine{Name: "rae", Mode: policy.ModeWrite, Roles: []string{"ops", "readers"}})
	token := map[string]string{"sue": issued[0], "oz": issued[1], "rae": issued[2]}
	s := newSite(t, HTTPOptions{Options: options(t, pipeline), Auth: auth})
	const bulk = "bulk_update_contacts"
	list := func(when, name string, want map[string]bool) {
		t.Helper()
		peer := s.peer(token[name])
		peer.post(hello)
		peer.next()
		peer.post(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		text := string(peer.next())
		for tool, listed := range want {
			if strings.Contains(text, `"name":"`+tool+`"`) != listed {
				t.Errorf("%s, %s is listed %s: %t", when, name, tool, !listed)
			}
		}
	}
	list("at first", "sue", map[string]bool{bulk: false, "update_contact": true})
	list("at first", "oz", map[string]bool{bulk: true, "update_contact": true})
	list("at first", "rae", map[string]bool{bulk: false, "update_contact": false, "get_contact": true})
	peer := s.peer(token["sue"])
	peer.post(hello)
	peer.next()
	peer.post(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"bulk_update_contacts","arguments":` +
		`{"where":[{"field":"role","operator":"=","value":"user"}],"set":{"language_override":"fr"}}}}`)
	if text := string(peer.next()); !strings.Contains(text, "ops update many") ||
		!strings.Contains(text, "policy_denied") {
		t.Errorf("called all the same: %s", text)
	}
	raw, err := os.ReadFile(string(file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(string(file), []byte(strings.Replace(string(raw), "roles=support", "roles=ops", 1)),
		0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Reload(); err != nil {
		t.Fatal(err)
	}
	list("with another role", "sue", map[string]bool{bulk: true})
	current.Store(read("rules: []\n"))
	list("under another policy", "rae", map[string]bool{bulk: true, "update_contact": true})
}

// narrowing offers other tools once it is told to.
type narrowing struct {
	scripted
	fewer *atomic.Bool
}

// Offered implements [tools.Caller].
func (c narrowing) Offered(call tools.Call) []tools.Tool {
	all := c.scripted.Offered(call)
	if c.fewer.Load() {
		return all[:1]
	}
	return all
}

// TestStdioTellsOfOtherTools tells a client that has listed the tools when it is offered others, and only then.
func TestStdioTellsOfOtherTools(t *testing.T) {
	changed := make(chan struct{})
	caller := narrowing{scripted{"list_tags": ticking(1), "list_segments": ticking(1)}, new(atomic.Bool)}
	o := options(t, caller)
	o.ToolsChanged = changed
	p := stdioPeer{connect(t, o)}
	p.send(askingHello)
	if raw := string(p.next()); !strings.Contains(raw, `"tools":{"listChanged":true}`) {
		t.Error(raw)
	}
	p.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	p.send(`{"jsonrpc":"2.0","id":1,"method":"ping"}`)
	p.next()
	changed <- struct{}{} // nothing did
	caller.fewer.Store(true)
	changed <- struct{}{}
	if raw := strings.TrimSpace(string(p.next())); raw != toolsChanged {
		t.Error(raw)
	}
}
