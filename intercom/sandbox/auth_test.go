package sandbox

import (
	"net/http"
	"testing"
)

// TestCredentials holds how tokens are refused, and that refusals of them
// carry no rate headers.
func TestCredentials(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1, Region: "EU", Tokens: []Token{
		{Value: "good"}, {Value: "revoked", Revoked: true}, {Value: "american", Region: "US"},
		{Value: "reader", Scopes: []string{"read_tags"}},
	}})
	for given, code := range map[string]string{
		"Bearer good": "", "bearer good": "", "Bearer reader": "", "Bearer revoked": "token_revoked",
		"Bearer american": "unauthorized",
		"Bearer other":    "unauthorized", "Basic good": "unauthorized", "": "missing_authorization",
	} {
		r := c.request("GET", "/tags", "")
		r.Header.Set("Authorization", given)
		a := c.send(r)
		refused := a.status == http.StatusUnauthorized
		if got := a.text("errors.0.code"); got != code || refused != (code != "") {
			t.Errorf("%q: %d %q, want %q", given, a.status, got, code)
		}
		if limited := a.header.Get("X-RateLimit-Limit") != ""; limited == refused {
			t.Errorf("%q: rate headers %v", given, limited)
		}
	}
	r := c.request("GET", "/contacts", "")
	r.Header.Set("Authorization", "Bearer reader")
	a := c.send(r)
	if want := "You do not have the required scope (read_users_companies) to access this resource"; a.status != 403 ||
		a.text("errors.0.message") != want {
		t.Errorf("without the scope: %d %s", a.status, a.body)
	}
}

// TestRefusals holds the refusals that come before any operation.
func TestRefusals(t *testing.T) {
	c := newCaller(t, Options{Contacts: 1})
	c.refused("PATCH", "/contacts", "", 404, "not_found", "Resource Not Found")
	c.refused("GET", "/nowhere", "", 404, "not_found", "Resource Not Found")
	for _, body := range []string{"{", "[]", "7", `{"name":"x"} {}`, "\xff"} {
		c.refused("POST", "/contacts", body, 400, "parameter_invalid", "The request body is not a valid JSON object")
	}
	for accept, status := range map[string]int{
		"": 406, "text/html": 406, "*/*": 200, "application/json": 200, "text/html, application/json;q=0.9": 200,
		"application/vnd.intercom.3+json": 200,
	} {
		r := c.request("GET", "/tags", "")
		r.Header.Set("Accept", accept)
		a := c.send(r)
		if a.status != status {
			t.Errorf("Accept %q: %d, want %d", accept, a.status, status)
		}
	}
	a := c.do("GET", "/nowhere", "")
	if id := a.header.Get("X-Request-Id"); len(id) != 36 || id != a.text("request_id") {
		t.Errorf("request id %q in the header, %q in the body", id, a.text("request_id"))
	}
}
