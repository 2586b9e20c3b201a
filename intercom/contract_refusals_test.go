package intercom_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// refusedRequests are requests that are wrong in ways that the descriptions
// have no examples of: the errors of the sandbox's that nothing else gets.
var refusedRequests = slices.Concat(refusedContacts, refusedRelations, refusedCompanies, refusedOthers)

var refusedContacts = []plain{
	{"", "409 conflict", []string{"POST /contacts/{user}/archive", `POST /contacts {"email":"{email}"}`}},
	{"", "400 not_restorable", []string{"POST /contacts/{user}/block", `POST /contacts {"email":"{email}"}`}},
	{"", "400 not_restorable", []string{"POST /contacts/{user}/block", "POST /contacts/{user}/unarchive"}},
	{"", "400 parameter_not_found", []string{"POST /contacts {}"}},
	{"", "400 parameter_not_found", []string{`POST /contacts {"role":"user"}`}},
	{"", "400 parameter_not_found", []string{`PUT /contacts/{user} {"email":null,"external_id":null}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"email_verified":true}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"name":1}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"custom_attributes":1}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"custom_attributes":{"seats":"many"}}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"custom_attributes":{"tier":"stone"}}`}},
	{"", "400 parameter_not_found", []string{"POST /contacts/merge {}"}},
	{"", "400 parameter_invalid", []string{`POST /contacts/merge {"from":"{lead}","into":"{user}",` +
		`"skip_duplicate_validation":1}`}},
	{"2.16", "400 invalid_merge", []string{`POST /contacts/merge {"from":"{survivor}","into":"{user}"}`}},
	{"Preview", "422 unprocessable_entity", []string{`POST /contacts/merge {"from":"{survivor}","into":"{user}"}`}},
	{"Preview", "400 parameter_not_allowed", []string{`POST /contacts/merge {"from":"{survivor}","into":"{user}",` +
		`"skip_duplicate_validation":true}`}},
	{"Preview", "200", []string{`POST /contacts/merge/preview {"from":"{survivor}","into":"{user}"}`}},
	{"Preview", "400 parameter_not_found", []string{"POST /contacts/merge/preview {}"}},
	{"Preview", "404 not_found", []string{`POST /contacts/merge/preview {"from":"{none}","into":"{user}"}`}},
	{"", "400 parameter_invalid", []string{"GET /contacts/{survivor}/merge_history?order=up"}},
	{"", "400 client_error", []string{"GET /contacts/{survivor}/merge_history?cursor=W10="}},
	{"", "400 client_error", []string{"GET /contacts?starting_after=W3t9LCJhIiwyXQ=="}},
	{"Preview", "422 type_mismatch", []string{`PUT /contacts/bulk {"contacts":[],"job":1}`}},
}

var refusedRelations = []plain{
	{"", "400 parameter_invalid", []string{"GET /contacts/{user}/companies?page=first"}},
	{"", "404 company_not_found", []string{"DELETE /contacts/{user}/companies/{alien}"}},
	{"", "400 parameter_invalid", []string{"POST /contacts/{user}/tags {}"}},
	{"", "400 parameter_invalid", []string{"GET /contacts/{user}/notes?per_page=many"}},
	{"", "400 parameter_not_found", []string{"POST /contacts/{user}/notes {}"}},
	{"", "400 parameter_invalid", []string{`POST /contacts/{user}/notes {"body":" "}`}},
	{"", "400 parameter_invalid", []string{`POST /contacts/{user}/subscriptions {"id":"1"}`}},
}

var refusedCompanies = []plain{
	{"", "400 parameter_not_found", []string{`POST /companies {"name":"n"}`}},
	{"", "400 parameter_invalid", []string{`POST /companies {"company_id":"k","size":"big"}`}},
	{"", "400 bad_request", []string{`PUT /companies/{company} {"company_id":"k"}`}},
	{"", "404 not_found", []string{"GET /companies?segment_id={none}"}},
	{"", "400 bad_request", []string{"GET /companies?page=9999"}},
	{"", "400 bad_request", []string{"POST /companies/list?page=9999"}},
	{"", "400 parameter_invalid", []string{"POST /companies/list?order=up"}},
	{"", "400 client_error", []string{"GET /companies/{company}/contacts?starting_after=nonsense"}},
	{"", "400 parameter_invalid", []string{"GET /companies/{company}/notes?page=first"}},
	{"", "400 parameter_not_found", []string{"POST /companies/{company}/notes {}"}},
}

var refusedOthers = []plain{
	{"", "400 bad_request", []string{`POST /tags {"name":"n","test":1}`}},
	{"", "400 parameter_invalid", []string{`POST /tags {"name":"n","users":1}`}},
	{"", "400 parameter_invalid", []string{`POST /tags {"name":"n","users":[1]}`}},
	{"", "400 parameter_invalid", []string{`POST /tags {"name":"n","users":[{}]}`}},
	{"", "400 parameter_invalid", []string{`POST /tags {"name":"n","companies":[{}]}`}},
	{"", "404 not_found", []string{`POST /tags {"name":"n","id":"1"}`}},
	{"", "400 parameter_invalid", []string{`POST /tags {"name":"Champion","id":"{segmented}"}`}},
	{"", "400 parameter_invalid", []string{"GET /data_attributes?model=stone"}},
	{"", "400 parameter_invalid", []string{"PUT /admins/{admin}/away {}"}},
	{"", "400 parameter_invalid", []string{`PUT /admins/{admin}/away {"away_mode_enabled":true}`}},
	{"", "400 parameter_invalid", []string{`PUT /admins/{admin}/away {"away_mode_enabled":true,` +
		`"away_mode_reassign":true,"away_status_reason_id":"x"}`}},
}

// refusedSearches are wrong searches of contacts.
func refusedSearches() []plain {
	filter := `{"field":"name","operator":"=","value":"n"}`
	var all []plain
	for body, code := range map[string]string{
		`{"query":1}`: "invalid_query",
		`{"query":{"operator":"AND","value":[]}}`:                                                    "invalid_query",
		`{"query":{"field":"name","operator":1,"value":"n"}}`:                                        "invalid_query",
		`{"query":{"operator":"XOR","value":[` + filter + `]}}`:                                      "invalid_operator",
		`{"query":{"field":"name","operator":">","value":"n"}}`:                                      "invalid_operator",
		`{"query":{"field":"name","operator":"=","value":1}}`:                                        "invalid_value",
		`{"query":{"field":"name","operator":"~","value":null}}`:                                     "invalid_value",
		`{"query":{"field":"name","operator":"IN","value":"n"}}`:                                     "invalid_value",
		`{"query":{"field":"name","operator":"IN","value":["` + strings.Repeat(`n","`, 10) + `n"]}}`: "invalid_values",
		`{"query":{"field":"stone","operator":"=","value":"n"}}`:                                     "invalid_field",
		`{"query":{"operator":"AND","value":[` + strings.Repeat(filter+",", 15) + filter + `]}}`:     "invalid_value",
		`{"query":` + filter + `,"sort":1}`:                                                          "parameter_invalid",
		`{"query":` + filter + `,"sort":{"field":"tag_id"}}`:                                         "invalid_field",
		`{"query":` + filter + `,"pagination":1}`:                                                    "parameter_invalid",
		`{"query":` + filter + `,"pagination":{"per_page":"many"}}`:                                  "parameter_invalid",
		`{"query":` + filter + `,"pagination":{"per_page":{}}}`:                                      "parameter_invalid",
		`{"query":` + filter + `,"pagination":{"starting_after":1}}`:                                 "client_error",
		`{"query":` + filter + `,"pagination":{"starting_after":"nonsense"}}`:                        "client_error",
	} {
		all = append(all, plain{"", "400 " + code, []string{"POST /contacts/search " + body}})
	}
	return all
}

// refusedEverywhere asks for every operation that a description has in ways
// that are refused before the operation is looked at.
func refusedEverywhere(t *testing.T, d *description) []exchange {
	t.Helper()
	tokens := []sandbox.Token{{Value: "good"}, {Value: "revoked", Revoked: true}, {Value: "abroad", Region: "AU"},
		{Value: "reader", Scopes: []string{}}}
	w := &recorder{RoundTripper: sandbox.New(sandbox.Options{Tokens: tokens})}
	full := &recorder{RoundTripper: sandbox.New(sandbox.Options{RateLimit: 1})}
	full.send(t, "GET", "/tags", "", d.version, "any")
	full.kept = nil
	for _, operation := range d.operations {
		want := func(status int, r *recorder, body, token string, adjust ...func(*http.Request)) {
			t.Helper()
			if got, _ := r.send(t, operation.method, operation.somewhere(), body, d.version, token, adjust...); got != status {
				t.Errorf("%s %s %q by %s: %d, want %d", operation.method, operation.path, body, token, got, status)
			}
		}
		for _, token := range []string{"bad", "revoked", "abroad"} {
			want(http.StatusUnauthorized, w, "{}", token)
		}
		want(http.StatusUnauthorized, w, "{}", "good", func(r *http.Request) { r.Header.Del("Authorization") })
		want(http.StatusNotAcceptable, w, "{}", "good", func(r *http.Request) { r.Header.Set("Accept", "text/html") })
		want(http.StatusTooManyRequests, full, "{}", "any")
		if operation.path != "/me" {
			want(http.StatusForbidden, w, "{}", "reader")
		}
		if operation.method == "POST" || operation.method == "PUT" {
			want(http.StatusBadRequest, w, "{", "good")
		}
	}
	return slices.Concat(w.kept, full.kept)
}

// somewhere is a path of the operation.
func (o describedOperation) somewhere() string {
	path := o.path
	for strings.Contains(path, "{") {
		before, rest, _ := strings.Cut(path, "{")
		_, after, _ := strings.Cut(rest, "}")
		path = before + "1" + after
	}
	return path
}
