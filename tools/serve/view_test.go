package serve

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/internal/text"
)

// viewMetaModern declares a client that shows views, in the sessionless revision.
const viewMetaModern = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",` +
	`"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/ui":` +
	`{"mimeTypes":["text/html;profile=mcp-app"]}}}}`

// TestViews names the view for every tool that answers with a change, to clients that show views alone, and gives it.
func TestViews(t *testing.T) {
	p := connect(t, options(t, realPipeline(t)))
	for meta, views := range map[string]bool{
		viewMetaModern: true,
		modernMeta:     false,
		strings.Replace(viewMetaModern, "profile=mcp-app", "profile=other", 1):                  false,
		strings.Replace(viewMetaModern, `{"mimeTypes":["text/html;profile=mcp-app"]}`, `{}`, 1): true,
		strings.Replace(viewMetaModern, `{"mimeTypes":["text/html;profile=mcp-app"]}`, `7`, 1):  false,
	} {
		p.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{%s}}`, meta)
		var list struct {
			Result struct {
				Tools []struct {
					Name        string
					Annotations map[string]bool
					InputSchema json.RawMessage
					Meta        struct {
						UI struct {
							ResourceURI string
							Visibility  []string
						}
					} `json:"_meta"`
				}
			}
		}
		line, err := p.out.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(line, &list); err != nil {
			t.Fatal(err)
		}
		own := 0
		for _, tool := range list.Result.Tools {
			named := tool.Meta.UI.ResourceURI == viewURI
			if want := views && (!tool.Annotations["readOnlyHint"] || tool.Name == "get_change"); named != want {
				t.Errorf("%s names a view: %v, want %v (%s)", tool.Name, named, want, meta)
			}
			if tool.Name == confirmInView {
				own++
				if len(tool.Meta.UI.Visibility) != 1 || !strings.Contains(string(tool.InputSchema), `"change"`) {
					t.Errorf("the view's own tool is listed as %+v", tool)
				}
			}
		}
		if own == 1 != views {
			t.Errorf("the view's own tool is listed %d times (%s)", own, meta)
		}
		p.send(`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":%q,"arguments":{"change":"chg_x"},%s}}`,
			confirmInView, meta)
		if answer := p.receive(); (answer.Error == nil) != views {
			t.Errorf("the view's own tool answers %+v (%s)", answer, meta)
		}
	}
	p.send(`{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":%q,%s}}`, viewURI, viewMetaModern)
	if line, err := p.out.ReadString('\n'); err != nil || !strings.Contains(line, `"mimeType":"text/html;profile=mcp-app"`) ||
		!strings.Contains(line, "ui/initialize") {
		t.Errorf("the view: %.200s %v", line, err)
	}
}

// TestViewsConfirm counts a yes in a view as the policy says: as the agent's, or as the user's, but for what cannot be
// undone.
func TestViewsConfirm(t *testing.T) {
	t.Parallel()
	user := policy.Default(policy.ModeFull)
	user.Confirm.Fallback, user.Confirm.Views = policy.LevelNone, policy.LevelUser
	none := policy.Default(policy.ModeFull)
	none.Confirm.Fallback = policy.LevelNone
	const many = `{"where":[{"field":"role","operator":"=","value":"lead"}],"set":{"name":"N"}}`
	for _, test := range []struct {
		name, tool, args string
		rules            *policy.Policy
		model, view      string // what confirm_change, and the view's tool, come to; "": the plan was refused
	}{
		{"agent", "bulk_update_contacts", many, policy.Default(policy.ModeFull), "applied", "applied"},
		{"nobody", "bulk_update_contacts", many, none, "", ""},
		{"user", "bulk_update_contacts", many, user, "approval_unavailable", "applied"},
		{"never", "delete_tag", `{"tag":"VIP"}`, user, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for tool, want := range map[string]string{"confirm_change": test.model, confirmInView: test.view} {
				synctest.Test(t, func(t *testing.T) {
					p := connect(t, options(t, pipelineWith(t, sandbox.New(sandbox.Options{}), change.NewMemory(100), test.rules)))
					planned := p.answer(test.tool, test.args)
					if want == "" {
						if planned.Code != "approval_unavailable" {
							t.Errorf("%s: %+v", test.tool, planned)
						}
						return
					}
					got := p.answer(tool, `{"change":"`+planned.Change+`"}`)
					if got.Status+got.Code != want {
						t.Errorf("%s: %+v, want %s", tool, got, want)
					}
				})
			}
		})
	}
}

// changeAnswer is what a test reads of an answer about a change.
type changeAnswer struct{ Change, Status, Code string }

// answer calls a tool as a client that shows views, and returns the answer's change, or the code of its error.
func (p *pipe) answer(tool, args string) changeAnswer {
	p.t.Helper()
	p.send(`{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":%q,"arguments":%s,%s}}`, tool, args,
		viewMetaModern)
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		p.t.Fatal(err)
	}
	var answer struct {
		Result struct {
			StructuredContent changeAnswer
			Meta              map[string]json.RawMessage `json:"_meta"`
		}
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		p.t.Fatal(err)
	}
	got := answer.Result.StructuredContent
	if refused := answer.Result.Meta[errorKey]; refused != nil {
		if err := json.Unmarshal(refused, &got); err != nil {
			p.t.Fatal(err)
		}
	}
	return got
}

// TestViewTakesValuesWhole has the view mark a value with what the server says of the rest that it does not show.
func TestViewTakesValuesWhole(t *testing.T) {
	found := regexp.MustCompile("shown = String.raw`([^`]+)`").FindStringSubmatch(viewHTML)
	if found == nil {
		t.Fatal("the view has no pattern of a value")
	}
	value := regexp.MustCompile("^" + found[1] + "$")
	for _, str := range []string{"Ann", "a \\ \"b\"", strings.Repeat("x", 21), strings.Repeat("x", 100)} {
		if shown := text.Reveal(str, 20); !value.MatchString(shown) {
			t.Errorf("%s is no value to the view", shown)
		}
	}
}
