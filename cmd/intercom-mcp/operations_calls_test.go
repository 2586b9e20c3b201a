package main

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools"
	"intercom-mcp/tools/toolstest"
)

// toolsByRoute runs the usual calls, each in a workspace of its own, and
// returns which tools sent requests to which operation, in the order of their
// catalogue.
func toolsByRoute(t *testing.T) map[string][]string {
	t.Helper()
	used := make(map[string]map[string]bool)
	for _, usual := range toolstest.UsualCalls() {
		if usual.After != nil { // it sends what other tools planned
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			for _, route := range routesOf(t, usual.Tool, usual.Args) {
				if used[route] == nil {
					used[route] = make(map[string]bool)
				}
				used[route][usual.Tool] = true
			}
		})
	}
	by := make(map[string][]string)
	for _, tool := range tools.Catalogue() {
		for route, names := range used {
			if names[tool.Name] {
				by[route] = append(by[route], tool.Name)
			}
		}
	}
	return by
}

// routesOf makes one call, and returns the operations that it used.
func routesOf(t *testing.T, tool string, args json.RawMessage) []string {
	t.Helper()
	sb := sandbox.New(sandbox.Options{})
	client, err := intercom.New(intercom.Config{Token: "any", Transport: sb})
	if err != nil {
		t.Fatal(err)
	}
	anything := policy.Default(policy.ModeFull)
	anything.Rules = nil
	p, err := tools.New(tools.Config{Client: client, Policy: policy.Always(anything), Store: change.NewMemory(10),
		Toolsets: []string{"all"}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	call := tools.Call{Tool: tool, Args: args, Principal: "local", CanAsk: true}
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
