package serve

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// hasty is a policy whose changes have waited too long as soon as they are
// asked about.
func hasty() *policy.Policy {
	rules := *policy.Default(policy.ModeFull)
	rules.Confirm.TTL = -time.Second
	return &rules
}

// An elicitation that nobody answered in time ends as what it is: the change has
// expired, and no longer waits for anything.
func TestElicitationsThatTimeOutExpireTheirChange(t *testing.T) {
	const call = `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"update_contact","arguments":{"contact":%q,"set":{"email":"new@acme.com"}}%s}}`
	const dismissed = `,"requestState":"%s","inputResponses":{"confirm":{"action":"cancel"}}`
	revisions := map[string]func(t *testing.T, p peer, contact string) []byte{
		"session-based": func(t *testing.T, p peer, contact string) []byte {
			p.post(askingHello)
			p.next()
			p.post(fmt.Sprintf(call, 1, contact, ""))
			raw := p.next()
			if strings.Contains(string(raw), "elicitation/create") {
				raw = p.next()
			}
			return raw
		},
		"sessionless": func(t *testing.T, p peer, contact string) []byte {
			p.post(fmt.Sprintf(call, 1, contact, ","+askingMeta))
			sealed := stateIn(t, p.next())
			p.post(fmt.Sprintf(call, 2, contact, ","+askingMeta+fmt.Sprintf(dismissed, sealed)))
			return p.next()
		},
	}
	for revision, ask := range revisions {
		for name, start := range transports {
			t.Run(revision+"/"+name, func(t *testing.T) {
				workspace, store := sandbox.New(sandbox.Options{}), change.NewMemory(10)
				p := start(t, options(t, pipelineWith(t, workspace, store, hasty())))
				if raw := string(ask(t, p, workspace.Contacts()[0].ID)); !strings.Contains(raw, `"code":"change_expired"`) ||
					strings.Contains(raw, "awaiting") {
					t.Errorf("the call was answered %s", raw)
				}
				list, err := store.List(t.Context(), "local", change.Query{Limit: 10})
				if err != nil || len(list) != 1 || list[0].Change.Status != change.StatusExpired {
					t.Errorf("the changes are %+v, %v", list, err)
				}
			})
		}
	}
}
