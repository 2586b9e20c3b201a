package intercom

import (
	"strings"
	"testing"
	"testing/synctest"
)

// Errors are told whatever shape they have.
func TestErrorShapes(t *testing.T) {
	for body, want := range map[string]struct{ code, message, requestID string }{
		`{"errors":[{"code":"a","message":"One."},{"code":"b","message":"Two."}],"request_id":"r"}`: {"a", "One.; Two.", "r"},
		`{"errors":{"code":"a","message":"One."},"request_id":null}`:                                {"a", "One.", "h"},
		`{"errors":["One.","Two."],"request_id":["r"]}`:                                             {"", "One.; Two.", "h"},
		`{"errors":[{"code":"a","message":"No &quot;user&quot;."}]}`:                                {"a", `No "user".`, "h"},
		`{"errors":"One.","request_id":{"a":1}}`:                                                    {"", "One.", "h"},
		`{"errors":[{"code":4001,"message":"One."}],"request_id":12}`:                               {"4001", "One.", "12"},
		`{"error":"invalid_token","message":"One."}`: {"",
			"invalid_token; One.", "h"},
		`{"error":{"code":"a","message":"One."}}`:                     {"a", "One.", "h"},
		`{"errors":{"email":["is taken","is odd"],"name":"is long"}}`: {"", "email is taken, is odd; name is long", "h"},
		`{"message":"One."}`:                              {"", "One.", "h"},
		`{"code":7,"message":["One."]}`:                   {"7", "One.", "h"},
		`{"error":{"code":"x","message":["One","Two."]}}`: {"x", "One, Two.", "h"},
		`{"errors":[{"code":"a","message":{"text":"One."}},{"detail":"Three.","title":"Two"}],"message":"Four."}`: {"a",
			"One.; Two: Three.; Four.", "h"},
		`{"errors":[{"code":"a","message":"One."}],"message":"One."}`: {"a", "One.", "h"},
		`{"errors":{"email":{"format":["is odd"]}}}`:                  {"", "email is odd", "h"},
		`{"errors":[{"message":[[[[["One."]]]]]}]}`:                   {"", "Unprocessable Entity", "h"},
		`{"errors":[null,7,[]]}`:                                      {"", "Unprocessable Entity", "h"},
		`{"errors":[{"message":{"a":1}}]}`:                            {"", "Unprocessable Entity", "h"},
		`{}`:                                                          {"", "Unprocessable Entity", "h"},
	} {
		c, _ := newFake(t, Config{}, always(reply{status: 422, body: body, header: map[string]string{"X-Request-Id": "h"}}))
		e := asError(t, result(c.Contacts.Create(background, ContactWrite{})))
		if e.Code != want.code || e.Message != want.message || e.RequestID != want.requestID || e.Kind() != KindInvalid {
			t.Errorf("%s: got %q, %q, %q of kind %s", body, e.Code, e.Message, e.RequestID, e.Kind())
		}
	}
}

// A redirect says where to, but for the path, which may be personal.
func TestRedirects(t *testing.T) {
	for location, want := range map[string]string{
		"https://api.eu.intercom.io/contacts/joe@acme.com": "to api.eu.intercom.io,", "/login": "a redirect,",
		"": "a redirect,", ":": "a redirect,",
	} {
		c, _ := newFake(t, Config{}, always(reply{status: 301, header: map[string]string{"Location": location}}))
		e := asError(t, result(c.Contacts.Get(background, "c1")))
		if e.Kind() != KindRedirect || !strings.Contains(e.Message, want) ||
			!strings.Contains(e.Message, "wrong host or region") ||
			strings.Contains(e.Message, "joe") {
			t.Errorf("%q: got %v", location, e)
		}
	}
}

// The removal that a 502 left open is not proved by a page that something else served.
func TestForeignPagesProveNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, page := range []reply{{status: 404, body: "<html>"}, {status: 404}, {status: 410, body: "gone"}} {
			c, _ := newFake(t, Config{}, script(reply{status: 502, body: "<html>"}, page))
			if err := c.WithPriority(PriorityBulk).Contacts.Delete(background, "c1"); KindOf(err) != KindOutcomeUnknown {
				t.Errorf("%v: got %v", page, err)
			}
			c, _ = newFake(t, Config{}, script(reply{status: 502, body: "<html>"}, refuse(404, "not_found", "no"), page))
			if err := c.WithPriority(PriorityBulk).Contacts.Delete(background, "c1"); KindOf(err) != KindOutcomeUnknown {
				t.Errorf("%v after a 404: got %v", page, err)
			}
		}
	})
}

// Whatever the body of an error is, its parts are bounded and there is no panic.
func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"errors":[{"code":1,"message":"m","data":{"required_permissions":["p"]}}],"request_id":1}`))
	f.Add([]byte(`{"errors":{"a":["b"]},"error":{"code":"c"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		body, _ := parseErrorBody(data)
		_ = body.message()
		if len(body.faults) > maxFaults || len(body.requestID) > maxRequestID {
			t.Errorf("%d errors", len(body.faults))
		}
	})
}
