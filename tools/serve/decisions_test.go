package serve

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// TestDecisions tells a client in a session on stdio, by its log, what people decided, unless it takes no notices; and
// none of a sessionless revision, to which nobody can.
func TestDecisions(t *testing.T) {
	rules, err := policy.Parse("p.yaml", []byte("rules: [{name: all, then: confirm, by: approver}]"),
		tools.PolicyVocabulary())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		before, meta string
		told         bool
	}{
		"a session": {"", "", true},
		"a session that listens to more": {`{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"debug"}}`,
			"", true},
		"a session that listens to less": {`{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"error"}}`,
			"", false},
		"no session": {"", "," + modernMeta, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				world := sandbox.New(sandbox.Options{})
				client, err := intercom.New(intercom.Config{Token: "t", BaseURL: "http://127.0.0.1", Transport: world})
				if err != nil {
					t.Fatal(err)
				}
				pipeline, err := tools.New(tools.Config{Client: client, Policy: policy.Always(rules),
					Store: change.NewMemory(10), Approvers: true})
				if err != nil {
					t.Fatal(err)
				}
				defer pipeline.Close(t.Context())
				o := options(t, pipeline)
				o.Decisions = pipeline.AwaitDecision
				p := connect(t, o)
				if test.meta == "" {
					p.send(hello)
					if answer := p.line(); !strings.Contains(answer, `"logging":{}`) {
						t.Errorf("the server says: %s", answer)
					}
					p.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
				}
				if test.before != "" {
					p.send("%s", test.before)
					if answer := p.receive(); answer.Error != nil {
						t.Errorf("%+v", answer)
					}
				}
				p.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"create_tag","arguments":{"name":"New"}%s}}`,
					test.meta)
				var planned struct {
					Result struct{ StructuredContent struct{ Change string } }
				}
				if err := json.Unmarshal([]byte(p.line()), &planned); err != nil {
					t.Fatal(err)
				}
				id := planned.Result.StructuredContent.Change
				bob := &tools.Visitor{Principal: "bob", Roles: []string{policy.RoleApprover}}
				if err := pipeline.Console(nil).Decline(t.Context(), bob, id, "no"); err != nil {
					t.Fatal(err)
				}
				if !test.told {
					time.Sleep(10 * time.Second)
					p.send(`{"jsonrpc":"2.0","id":3,"method":"ping"%s}`, strings.Replace(test.meta, modernMeta,
						`"params":{`+modernMeta+"}", 1))
					if line := p.line(); !strings.Contains(line, `"id":3`) {
						t.Errorf("told: %s", line)
					}
					return
				}
				want := `{"jsonrpc":"2.0","method":"notifications/message","params":{"data":{"change":"` + id +
					`","message":"The change ` + id + `, code ` + change.ShortCode(id) +
					`, is declined; get_change tells more.","status":"declined"},"level":"notice","logger":"approvals"}}`
				if line := p.line(); line != want {
					t.Errorf("told: %s", line)
				}
			})
		})
	}
}

// line reads the next line from the server.
func (p *pipe) line() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}
