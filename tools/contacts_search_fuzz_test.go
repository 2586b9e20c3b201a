package tools

import (
	"context"
	"encoding/json"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/schemas"
	"intercom-mcp/tools/internal/search"
	"intercom-mcp/tools/toolerr"
)

// FuzzWhere searches with any condition, by itself and beside another: the
// call succeeds, or is refused with something to do, and writes nothing.
func FuzzWhere(f *testing.F) {
	for _, seed := range []search.Filter{
		{Field: "email", Operator: "~", Value: "acme"}, {Field: "last_seen_at", Operator: "<", Value: "-90d"},
		{Field: "tag", Operator: "=", Value: "VIP"},
		{Field: "custom_attributes.seats", Operator: ">", Value: "007"}, {Field: "custom_attributes.health_score",
			Operator: "<=", Value: "1e-5"},
		{Field: "role", Operator: "IN", Values: []string{"user"}}, {Field: "company", Operator: "=", Value: "Acme Inc"},
		{Field: "segment", Operator: "!=", Value: "On trial"},
		{Field: "owner", Operator: "=", Value: "nora@sandbox.example"}, {Field: "custom_attributes.renewal_date",
			Operator: "=", Value: "2026-08-31"},
		{Field: "has_hard_bounced", Operator: "=", Value: "true"}, {Field: "id", Operator: "=", Value: "x"},
	} {
		value := seed.Value
		if len(seed.Values) > 0 {
			value = seed.Values[0]
		}
		f.Add(seed.Field, string(seed.Operator), value, len(seed.Values) > 0, "all")
		f.Add(seed.Field, string(seed.Operator), value, len(seed.Values) > 0, "any")
	}
	w := newWorld(f, withSandbox(func(o *sandbox.Options) { o.Contacts = 80 }))
	f.Fuzz(func(t *testing.T, field, operator, value string, listed bool, match string) {
		filter := object{"field": field, "operator": operator, "value": value}
		if listed {
			filter = object{"field": field, "operator": operator, "values": []string{value}}
		}
		for _, where := range [][]object{{filter}, {filter, {"field": "role", "operator": "=", "value": "user"}}} {
			args, err := json.Marshal(object{"where": where, "match": match, "limit": 3})
			if err != nil {
				t.Fatal(err)
			}
			if _, problems, err := schemas.ValidateInput("search_contacts", args); err != nil || len(problems) > 0 {
				return // what schemas refuse is their tests' concern
			}
			result, err := w.Call(context.Background(), Call{Tool: "search_contacts", Args: args, Principal: "local"})
			if err != nil {
				t.Fatal(err)
			}
			if e := result.Err; e != nil && (e.Code == toolerr.Internal || e.Code == toolerr.UpstreamUnavailable ||
				e.RequestID != "" && e.Code == toolerr.InvalidArgument) {
				t.Fatalf("%s: %s: %v", args, e.Code, e)
			}
		}
		if written := w.writes(); len(written) > 0 {
			t.Fatal(written)
		}
		w.sandbox.ResetCalls()
	})
}
