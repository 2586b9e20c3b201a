package auth

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// sources says where Entra has the claims that a token leaves out.
var sources = map[string]any{"src1": map[string]any{"endpoint": "https://graph.example/groups"}}

// TestIssuerRefusesGroups refuses a token whose roles are not all known: policies bound by roles, too.
func TestIssuerRefusesGroups(t *testing.T) {
	p := newProvider(t)
	i := p.issuer()
	elsewhere := map[string]any{"groups": "src1"}
	for name, test := range map[string]struct {
		claims map[string]any
		want   string
	}{
		"too many":             {map[string]any{"groups": slices.Repeat([]string{"a"}, maxRoles+1)}, "more than 200"},
		"an object":            {map[string]any{"groups": map[string]any{"a": "contractors"}}, "text or a list"},
		"a number":             {map[string]any{"groups": 7}, "text or a list"},
		"a list with a number": {map[string]any{"groups": []any{"ops", 7}}, "text or a list"},
		"a list with null":     {map[string]any{"groups": []any{"ops", nil}}, "text or a list"},
		"a list of lists":      {map[string]any{"groups": []any{[]string{"ops"}}}, "text or a list"},
		"a long one":           {map[string]any{"groups": []string{strings.Repeat("x", maxRoleText+1)}}, "longer than 128"},
		"Entra's overage": {map[string]any{"groups": nil, "_claim_names": elsewhere, "_claim_sources": sources},
			"leaves out"},
		"overage, and some":     {map[string]any{"_claim_names": elsewhere, "_claim_sources": sources}, "leaves out"},
		"overage by a fragment": {map[string]any{"groups": nil, "hasgroups": true}, "leaves out"},
	} {
		t.Run(name, func(t *testing.T) {
			refused := refusalOf(t, i, p.token(test.claims))
			if refused == nil || refused.Status != http.StatusUnauthorized || refused.Principal != p.id.URL+"#u1" ||
				!strings.Contains(refused.Text, test.want) || !strings.Contains(refused.Text, "assigned to the application") {
				t.Errorf("%+v", refused)
			}
		})
	}
}
