package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
)

// usualCalls are calls of each tool that go to Intercom, with the arguments
// that it usually gets. The tools about changes send what other tools planned.
// In the arguments, {lead} and {twin} are a lead and a user who share an
// e-mail, {archived} an archived user.
var usualCalls = []struct{ tool, args string }{
	{"search_contacts", `{"where":[{"field":"name","operator":"~","value":"a"}]}`},
	{"search_contacts", `{"where":[{"field":"tag","operator":"=","value":"VIP"}],"fields":["tags","companies"]}`},
	{"search_contacts", `{"fields":["owner"]}`},
	{"get_contact", `{"contact":"external_id:u-10001"}`},
	{"get_contact", `{"contact":"{twin}","include":["notes","segments","all_fields"]}`},
	{"list_attributes", `{}`},
	{"create_contact", `{"set":{"email":"new@example.org"}}`},
	{"update_contact", `{"contact":"{twin}","set":{"name":"N","custom_attributes":{"plan":"free"}}}`},
	{"update_contact", `{"contact":"{twin}","set":{"owner":"Tomas Okafor"}}`},
	{"archive_contacts", `{"contacts":["{twin}"]}`},
	{"unarchive_contacts", `{"contacts":["{archived}"]}`},
	{"delete_contacts", `{"contacts":["{twin}"]}`},
	{"merge_contacts", `{"contact":"{lead}","into":"{twin}"}`},
	{"block_contact", `{"contact":"{twin}"}`},
	{"bulk_update_contacts", `{"where":[{"field":"role","operator":"=","value":"lead"}],"set":{"name":"N"}}`},
	{"list_tags", `{}`},
	{"tag_contacts", `{"contacts":["{twin}"],"tag":"VIP"}`},
	{"untag_contacts", `{"contacts":["{lead}"],"tag":"VIP"}`},
	{"delete_tag", `{"tag":"Churned"}`},
	{"list_notes", `{"contact":"{twin}"}`},
	{"add_note", `{"contact":"{twin}","body":"b"}`},
	{"find_companies", `{"query":"acme"}`},
	{"get_company", `{"company":"Acme Inc"}`},
	{"list_company_contacts", `{"company":"company_id:acme"}`},
	{"save_company", `{"company":"Acme Inc","set":{"industry":"Rockets"}}`},
	{"save_company", `{"company":"company_id:new","set":{"name":"New"}}`},
	{"attach_company", `{"contacts":["{twin}"],"company":"Acme Inc"}`},
	{"detach_company", `{"contacts":["{lead}"],"company":"Acme Inc"}`},
	{"delete_company", `{"company":"company_id:acme"}`},
	{"list_segments", `{}`},
}

// toolsByRoute runs the usual calls, each in a workspace of its own, and
// returns which tools sent requests to which operation, in the order of their
// catalogue.
func toolsByRoute(t *testing.T) map[string][]string {
	t.Helper()
	used := make(map[string]map[string]bool)
	called := make(map[string]bool)
	for _, usual := range usualCalls {
		called[usual.tool] = true
		synctest.Test(t, func(t *testing.T) {
			for _, route := range routesOf(t, usual.tool, usual.args) {
				if used[route] == nil {
					used[route] = make(map[string]bool)
				}
				used[route][usual.tool] = true
			}
		})
	}
	by := make(map[string][]string)
	for _, tool := range tools.Catalogue() {
		if tool.Set.Name != "changes" && !called[tool.Name] {
			t.Errorf("%s has no usual call", tool.Name)
		}
		for route, names := range used {
			if names[tool.Name] {
				by[route] = append(by[route], tool.Name)
			}
		}
	}
	return by
}

// routesOf makes one call, and returns the operations that it used.
func routesOf(t *testing.T, tool, args string) []string {
	t.Helper()
	sb := sandbox.New(sandbox.Options{})
	client, err := intercom.New(intercom.Config{Token: "any", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	anything := policy.Default(policy.ModeFull)
	anything.Rules = nil
	p, err := tools.New(tools.Config{Client: client, Policy: policy.Always(anything), Store: change.NewMemory(10)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	args = fixtures(t, client, sb).Replace(args)
	sb.ResetCalls()
	call := tools.Call{Tool: tool, Args: json.RawMessage(args), Principal: "local", CanAsk: true}
	result, err := p.Call(t.Context(), call)
	if ask := result.Ask; ask != nil { // what cannot be undone
		call.Answer = &tools.Answer{Change: ask.Change, Binding: ask.Binding, Action: tools.Accept}
		result, err = p.Call(t.Context(), call)
	}
	switch {
	case err != nil:
		t.Fatalf("%s: %v", tool, err)
	case result.Err != nil:
		t.Fatalf("%s %s: %v", tool, args, result.Err)
	case result.Ask != nil:
		t.Fatalf("%s asks: %s", tool, result.Ask.Message)
	}
	var status struct{ Status string }
	if err := json.Unmarshal(result.JSON, &status); err != nil || status.Status != "" && status.Status != "applied" {
		t.Errorf("%s %s: %s", tool, args, result.JSON)
	}
	var routes []string
	for _, call := range sb.Calls() {
		routes = append(routes, call.Route)
	}
	return routes
}

// fixtures makes whom the usual calls are about, and puts their ids into arguments.
func fixtures(t *testing.T, client *intercom.Client, sb *sandbox.Sandbox) *strings.Replacer {
	t.Helper()
	user, err1 := client.Contacts.Create(t.Context(), intercom.ContactWrite{Email: intercom.Value("twin@example.org")})
	lead, err2 := client.Contacts.Create(t.Context(), intercom.ContactWrite{
		Role: intercom.Value("lead"), Email: intercom.Value("twin@example.org"), Name: intercom.Value("Twin"),
	})
	acme, err3 := client.Companies.FindByCompanyID(t.Context(), "acme")
	_, err4 := client.Contacts.AttachCompany(t.Context(), lead.ID, acme.ID)
	_, err5 := client.Tags.Apply(t.Context(), "VIP", intercom.TagTargets{Contacts: []string{lead.ID}})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	all := sb.Contacts()
	archived := slices.IndexFunc(all, func(c sandbox.Contact) bool { return c.Archived })
	return strings.NewReplacer("{twin}", user.ID, "{lead}", lead.ID, "{archived}", all[archived].ID)
}
