package serve

import (
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
