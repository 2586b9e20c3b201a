package intercom_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// plain is a series of requests made by hand: those that the client would
// never send, and those that it has no method for.
type plain struct {
	version  string   // "" for each that is described
	want     string   // what the last request is answered: status and, for errors, code
	requests []string // method, path and body; "wait" lets a minute pass
}

// plainRequests name objects by what {braces} hold, see [stage.names].
var plainRequests = []plain{
	{"", "404 not_found", []string{"GET /contacts/{none}"}},
	{"", "404 not_found", []string{"PUT /contacts/{none} {}"}},
	{"", "404 not_found", []string{"DELETE /contacts/{none}"}},
	{"", "404 not_found", []string{"POST /contacts/{none}/archive"}},
	{"", "404 not_found", []string{"POST /contacts/{none}/unarchive"}},
	{"", "404 not_found", []string{"POST /contacts/{none}/block"}},
	{"", "404 not_found", []string{"GET /contacts/{none}/merge_history"}},
	{"", "404 not_found", []string{"GET /contacts/find_by_external_id/nobody"}},
	{"", "410 contact_merged", []string{"GET /contacts/{merged}"}},
	{"", "410 contact_merged", []string{"GET /contacts/find_by_external_id/dana-old"}},
	{"", "400 bad_request", []string{"POST /contacts/{merged}/unarchive"}},
	{"", "409 conflict", []string{`POST /contacts {"email":"{email}"}`}},
	{"", "409 conflict", []string{`PUT /contacts/{user} {"external_id":"consultant-12"}`}},
	{"", "400 bad_request", []string{`POST /contacts {"email":"a@b.example","test":1}`}},
	{"", "400 parameter_invalid", []string{`POST /contacts {"email":"a@b.example","custom_attributes":{"nothing":1}}`}},
	{"", "400 parameter_invalid", []string{`PUT /contacts/{user} {"owner_id":"1"}`}},
	{"", "400 client_error", []string{`PUT /contacts/{user} {"role":"lead"}`}},
	{"", "400 invalid_merge", []string{`POST /contacts/merge {"from":"{lead}","into":"{user}"}`}},
	{"", "404 not_found", []string{`POST /contacts/merge {"from":"{none}","into":"{user}"}`}},
	{"", "400 client_error", []string{"GET /contacts?starting_after=nonsense"}},
	{"", "400 parameter_invalid", []string{"GET /contacts?per_page=many"}},
	{"", "400 bad_request", []string{`POST /contacts/search {"random_param":1}`}},
	{"", "400 invalid_query", []string{`POST /contacts/search {"query":{"field":"email"}}`}},
	{"", "400 invalid_sort_order", []string{`POST /contacts/search {"query":{"field":"name","operator":"=",` +
		`"value":"n"},"sort":{"field":"name","order":"desc"}}`}},
	{"", "200", []string{"GET /contacts/{survivor}?include_merge_history=true"}},
	{"", "200", []string{"GET /contacts/find_by_external_id/consultant-12?include_merge_history=true"}},
	{"", "200", []string{"GET /contacts?include_merge_history=true"}},
	{"", "200", []string{`POST /contacts/search?include_merge_history=true {"query":{"field":"id","operator":"=",` +
		`"value":"{survivor}"}}`}},
	{"", "200", []string{"GET /contacts/{survivor}/merge_history?order=asc"}},

	{"", "404 not_found", []string{"GET /contacts/{none}/tags"}},
	{"", "404 not_found", []string{`POST /contacts/{none}/tags {"id":"{tag}"}`}},
	{"", "404 not_found", []string{`POST /contacts/{user}/tags {"id":"1"}`}},
	{"", "404 not_found", []string{"DELETE /contacts/{none}/tags/{tag}"}},
	{"", "404 not_found", []string{"DELETE /contacts/{user}/tags/1"}},
	{"", "404 not_found", []string{"GET /contacts/{none}/notes"}},
	{"", "404 not_found", []string{`POST /contacts/{none}/notes {"body":"b"}`}},
	{"", "404 not_found", []string{`POST /contacts/{user}/notes {"body":"b","admin_id":"1"}`}},
	{"", "404 not_found", []string{"GET /contacts/{none}/companies"}},
	{"", "404 company_not_found", []string{`POST /contacts/{user}/companies {"id":"{none}"}`}},
	{"", "400 parameter_not_found", []string{`POST /contacts/{user}/companies {}`}},
	{"", "404 company_not_found", []string{"DELETE /contacts/{user}/companies/{none}"}},
	{"", "404 not_found", []string{"DELETE /contacts/{none}/companies/{company}"}},
	{"", "404 not_found", []string{"GET /contacts/{none}/segments"}},
	{"", "404 not_found", []string{"GET /contacts/{none}/subscriptions"}},
	{"", "404 not_found", []string{`POST /contacts/{none}/subscriptions {"id":"1","consent_type":"opt_in"}`}},
	{"", "404 not_found", []string{`POST /contacts/{user}/subscriptions {"id":"1","consent_type":"opt_in"}`}},
	{"", "404 not_found", []string{"DELETE /contacts/{none}/subscriptions/1"}},
	{"", "404 not_found", []string{"DELETE /contacts/{user}/subscriptions/1"}},

	{"", "404 company_not_found", []string{"GET /companies?company_id=none"}},
	{"", "404 company_not_found", []string{"GET /companies/{none}"}},
	{"", "404 company_not_found", []string{`PUT /companies/{none} {"name":"n"}`}},
	{"", "404 company_not_found", []string{"DELETE /companies/{none}"}},
	{"", "404 company_not_found", []string{"GET /companies/{none}/contacts"}},
	{"", "404 company_not_found", []string{"GET /companies/{none}/segments"}},
	{"", "404 company_not_found", []string{"GET /companies/{none}/notes"}},
	{"", "404 company_not_found", []string{`POST /companies/{none}/notes {"body":"b"}`}},
	{"", "404 not_found", []string{`POST /companies/{company}/notes {"body":"b","admin_id":"1"}`}},
	{"", "400 bad_request", []string{`POST /companies {"company_id":"k","test":1}`}},
	{"", "400 parameter_invalid", []string{"POST /companies/list?per_page=1000"}},
	{"", "400 scroll_exists", []string{"GET /companies/scroll", "GET /companies/scroll"}},
	{"", "404 not_found", []string{"GET /companies/scroll?scroll_param=none"}},
	{"", "200", []string{"POST /companies/list?page=2&per_page=5&order=asc"}},
	{"", "200", []string{"GET /companies?page=2&per_page=5"}},

	{"", "400 parameter_invalid", []string{"POST /tags {}"}},
	{"", "404 not_found", []string{"GET /tags/1"}},
	{"", "404 not_found", []string{"DELETE /tags/1"}},
	{"", "400 tag_has_dependent_objects", []string{"DELETE /tags/{segmented}"}},
	{"", "404 not_found", []string{"GET /notes/1"}},
	{"", "404 not_found", []string{"GET /segments/{none}"}},

	{"", "200", []string{"GET /data_attributes"}},
	{"", "422 parameter_invalid", []string{"GET /data_attributes?model=conversation"}},

	{"", "200", []string{"GET /admins?display_avatar=true"}},
	{"", "404 admin_not_found", []string{"GET /admins/1"}},
	{"", "200", []string{away}},
	{"", "404 admin_not_found", []string{`PUT /admins/1/away {"away_mode_enabled":true,"away_mode_reassign":false}`}},
}

// away sends an admin away.
const away = `PUT /admins/{admin}/away {"away_mode_enabled":true,"away_mode_reassign":false,"away_status_reason_id":1}`

// bulkRequests are what every kind of bulk job refuses alike.
func bulkRequests() []plain {
	items := func(item string, n int, more string) string {
		return fmt.Sprintf(`{"contacts":[%s]%s}`, strings.TrimSuffix(strings.Repeat(item+",", n), ","), more)
	}
	all := []plain{{"Preview", "404 job_not_found", []string{"GET /contacts/bulk/job_v2_1"}}}
	for _, operation := range []string{"POST /contacts/bulk ", "PUT /contacts/bulk ", "POST /contacts/bulk/delete "} {
		refused := func(want string, requests ...string) { all = append(all, plain{"Preview", want, requests}) }
		item, byID := `{"id":"{none}"}`, operation != "POST /contacts/bulk "
		if !byID {
			item = `{"name":"n"}`
		}
		one, again := operation+items(item, 1, ""), operation+items(item, 1, `,"job":{"id":"job_v2_1"}`)
		refused("202", one, again)
		refused("403 forbidden", one, "wait", again)
		refused("404 job_not_found", again)
		refused("422 field_not_found", operation+"{}")
		refused("422 type_mismatch", operation+`{"contacts":1}`)
		refused("422 type_mismatch", operation+items("1", 1, ""))
		refused("422 parameter_invalid", operation+items(item, 101, ""))
		if byID {
			refused("422 field_not_found", operation+items("{}", 1, ""))
		}
		refused("200", one, "wait", "GET /contacts/bulk/job_v2_1")
	}
	return all
}

// names are the objects that plain requests speak of.
func (s *stage) names() *strings.Replacer {
	merged := named(s.t, s.sb, func(c sandbox.Contact) bool { return c.ExternalID == "dana-old" })
	return strings.NewReplacer(
		"{none}", "ffffffffffffffffffffffff", "{user}", s.user(), "{email}", s.anyone("user").Email, "{lead}",
		s.anyone("lead").ID,
		"{merged}", merged.ID, "{survivor}", merged.MergedInto, "{company}", s.company(), "{tag}", s.tag(),
		"{alien}", s.alien(), "{segmented}", s.tagNamed("VIP"), "{admin}", s.sb.Admins()[0].ID,
	)
}

// send makes the requests, and returns what came of the last: its status, and
// an error's code.
func (p plain) send(s *stage, version string) string {
	names := s.names()
	result := ""
	for _, line := range p.requests {
		if line == "wait" {
			s.sb.Advance(time.Minute)
			continue
		}
		method, rest, _ := strings.Cut(names.Replace(line), " ")
		path, body, _ := strings.Cut(rest, " ")
		status, answer := s.send(s.t, method, path, body, version, "any")
		var refused refusal
		result = fmt.Sprint(status)
		if json.Unmarshal(answer, &refused) == nil && len(refused.Errors) > 0 {
			result += " " + refused.Errors[0].Code
		}
	}
	return result
}

// send makes one request without the client.
func (r *recorder) send(
	t *testing.T, method, path, body, version, token string, adjust ...func(*http.Request),
) (int, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "https://api.intercom.io"+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Intercom-Version", version)
	for _, change := range adjust {
		change(request)
	}
	response, err := r.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode, r.kept[len(r.kept)-1].answer
}
