package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// granted are the company_ids of an answer.
func (a answer) granted() []string {
	a.t.Helper()
	rows, ok := a.at("company_ids").([]any)
	if !ok {
		a.t.Fatalf("no company_ids: %s", a.body)
	}
	keys := []string{}
	for _, row := range rows {
		key, _ := row.(string)
		keys = append(keys, key)
	}
	return keys
}

// grantor is a caller in Preview with a new contact and companies of the given
// company_ids, and the path of what is granted to the contact.
func grantor(t *testing.T, opts Options, keys ...string) (c *caller, id, path string) {
	t.Helper()
	opts.Contacts = -1
	c = newCaller(t, opts).in("Preview")
	for _, key := range keys {
		c.ok("POST", "/companies", fmt.Sprintf(`{"company_id":%q,"name":"Firm"}`, key))
	}
	id = c.ok("POST", "/contacts", `{"role":"lead","email":"g@mail.example"}`).text("id")
	return c, id, "/contacts/" + id + "/granted_companies"
}

// revoke sends a DELETE that must be answered with 204 and nothing else.
func (c *caller) revoke(path string) {
	c.t.Helper()
	if a := c.do("DELETE", path, ""); a.status != http.StatusNoContent || len(a.body) > 0 {
		c.t.Fatalf("DELETE %s: %d %s", path, a.status, a.body)
	}
}

// TestGrantedCompanies holds that a set replaces the one before, collapses
// duplicates and attaches nobody, and that a removal cannot be repeated.
func TestGrantedCompanies(t *testing.T) {
	c, id, path := grantor(t, Options{}, "b", "a", "eu/acme.io", "c")
	if got := c.ok("GET", path, "").granted(); len(got) > 0 {
		t.Errorf("granted at first: %v", got)
	}
	before := c.Snapshot()
	set := func(body string, want ...string) {
		t.Helper()
		if got := c.ok("PUT", path, body).granted(); !slices.Equal(got, want) {
			t.Errorf("%s answers %v, want %v", body, got, want)
		}
		if got := c.ok("GET", path, "").granted(); !slices.Equal(got, want) {
			t.Errorf("%s leaves %v, want %v", body, got, want)
		}
	}
	set(`{"company_ids":["a","c","a"]}`, "c", "a")
	if bytes.Equal(before, c.Snapshot()) {
		t.Error("what is granted is not in the snapshot")
	}
	set(`{"company_ids":["b","eu/acme.io"]}`, "eu/acme.io", "b")
	if a := c.ok("GET", "/contacts/"+id+"/companies", ""); len(a.ids()) > 0 {
		t.Errorf("granting attaches: %s", a.body)
	}
	c.revoke(path + "/eu%2Facme.io")
	c.refused("DELETE", path+"/eu%2Facme.io", "", 404, "company_not_found", "Company Not Found")
	c.refused("DELETE", path+"/nothing", "", 404, "company_not_found", "Company Not Found")
	c.revoke(path + "/b")
	set(`{"company_ids":[]}`)
	if !bytes.Equal(before, c.Snapshot()) {
		t.Error("the snapshot shows what is not granted any more")
	}
}

// TestGrantedCompaniesRefusals holds that a wrong set changes nothing.
func TestGrantedCompaniesRefusals(t *testing.T) {
	var keys []string
	for i := range maxGrantedCompanies + 1 {
		keys = append(keys, fmt.Sprintf("k%03d", i))
	}
	c, id, path := grantor(t, Options{Companies: -1}, keys...)
	quoted := func(keys []string) string { return `{"company_ids":["` + strings.Join(keys, `","`) + `"]}` }
	c.ok("PUT", path, quoted(keys[1:]))
	before := c.Snapshot()
	for body, want := range map[string]string{
		quoted(keys):                          "400 parameter_invalid A contact can be granted at most 100 companies",
		`{}`:                                  "400 parameter_not_found company_ids not specified",
		`{"company_ids":null}`:                "400 parameter_not_found company_ids not specified",
		`{"company_ids":"k001"}`:              "400 parameter_invalid company_ids is invalid",
		`{"company_ids":[1]}`:                 "400 parameter_invalid company_ids is invalid",
		`{"company_ids":[""]}`:                "400 parameter_invalid company_ids is invalid",
		`{"company_ids":["k001","nothing"]}`:  "404 company_not_found Company Not Found",
		quoted([]string{c.Companies()[0].ID}): "404 company_not_found Company Not Found",
		`{"company_ids":[],"id":"k001"}`:      "400 bad_request bad 'id' parameter",
	} {
		a := c.do("PUT", path, body)
		if got := fmt.Sprintf("%d %s %s", a.status, a.text("errors.0.code"), a.text("errors.0.message")); got != want {
			t.Errorf("%.60s: %s, want %s", body, got, want)
		}
	}
	c.FailContact(id, "data_invalid", "no")
	c.refused("PUT", path, `{"company_ids":[]}`, 422, "data_invalid", "no")
	c.refused("DELETE", path+"/k001", "", 422, "data_invalid", "no")
	if !bytes.Equal(before, c.Snapshot()) {
		t.Error("what was refused changed something")
	}
}

// TestGrantedCompaniesPages holds the order and the pages.
func TestGrantedCompaniesPages(t *testing.T) {
	var keys []string
	for i := range 60 {
		keys = append(keys, fmt.Sprintf("k%03d", i))
	}
	c, _, path := grantor(t, Options{}, keys...)
	c.ok("PUT", path, `{"company_ids":["`+strings.Join(keys, `","`)+`"]}`)
	for query, want := range map[string][2]string{ // first and last
		"":                                {"k059", "k010"},
		"?order=desc":                     {"k059", "k010"},
		"?order=up":                       {"k059", "k010"},
		"?order=asc":                      {"k000", "k049"},
		"?page=2":                         {"k009", "k000"},
		"?order=asc&page=2&per_page=25":   {"k025", "k049"},
		"?order=asc&page=1&per_page=1000": {"k000", "k059"},
	} {
		a := c.ok("GET", path+query, "")
		got := a.granted()
		if got[0] != want[0] || got[len(got)-1] != want[1] || a.number("total_count") != 60 {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	a := c.ok("GET", path+"?per_page=1000", "")
	if a.number("pages.per_page") != 150 || a.at("pages.next") != nil {
		t.Errorf("the largest page: %v", a.at("pages"))
	}
	first := c.ok("GET", path+"?order=asc&per_page=50", "")
	if want := "https://api.intercom.io" + path + "?order=asc&page=2&per_page=50"; first.text("pages.next") != want {
		t.Errorf("the first page leads to %v, want %s", first.at("pages.next"), want)
	}
	if got := c.ok("GET", path+"?page=9", "").granted(); len(got) > 0 {
		t.Errorf("beyond the last page: %v", got)
	}
	c.refused("GET", path+"?per_page=many", "", 400, "parameter_invalid", "Per Page isn't an integer")
	c.refused("GET", path+"?page=0", "", 400, "parameter_invalid", "Page isn't an integer")
}

// TestGrantedCompaniesOff holds what a workspace without them answers.
func TestGrantedCompaniesOff(t *testing.T) {
	c := newCaller(t, Options{NoGrantedCompanies: true}).in("Preview")
	id := c.ok("GET", "/contacts/find_by_external_id/consultant-12", "").text("id")
	path := "/contacts/" + id + "/granted_companies"
	if a := c.ok("GET", path, ""); len(a.granted()) > 0 || a.number("total_count") != 0 {
		t.Errorf("granted: %s", a.body)
	}
	c.refused("GET", "/contacts/nobody/granted_companies", "", 404, "not_found", "User Not Found")
	off := func(method, path, body string) {
		t.Helper()
		c.refused(method, path, body, 404, "granted_companies_not_enabled", "Granted companies are not enabled for this workspace")
	}
	off("PUT", path, `{"company_ids":[]}`)
	off("DELETE", path+"/acme", "")
}

// TestGrantedCompaniesOfWhoIsGone holds that contacts that cannot be reached
// are refused, that a merge hands nothing on, and that a deleted company is
// granted to nobody.
func TestGrantedCompaniesOfWhoIsGone(t *testing.T) {
	c, lead, path := grantor(t, Options{}, "a", "b")
	user := c.ok("POST", "/contacts", `{"email":"g@mail.example"}`).text("id")
	c.ok("PUT", path, `{"company_ids":["a","b"]}`)
	firms := c.Companies()
	firm := firms[slices.IndexFunc(firms, func(f Company) bool { return f.CompanyID == "a" })]
	c.ok("DELETE", "/companies/"+firm.ID, "")
	if got := c.ok("GET", path, "").granted(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("after the deletion of a company: %v", got)
	}
	gone := func(path string) {
		t.Helper()
		c.refused("GET", path, "", 404, "not_found", "User Not Found")
		c.refused("PUT", path, `{"company_ids":["b"]}`, 404, "not_found", "User Not Found")
		c.refused("DELETE", path+"/b", "", 404, "not_found", "User Not Found")
	}
	gone("/contacts/nobody/granted_companies")
	c.ok("POST", "/contacts/"+lead+"/archive", "")
	gone(path)
	c.ok("POST", "/contacts/"+lead+"/unarchive", "")
	c.ok("POST", "/contacts/merge", `{"from":"`+lead+`","into":"`+user+`"}`)
	gone(path)
	if got := c.ok("GET", "/contacts/"+user+"/granted_companies", "").granted(); len(got) > 0 {
		t.Errorf("the merge granted %v", got)
	}
}

// TestGrantedCompaniesScopes holds that reading takes the scope of reads, and
// the rest that of writes.
func TestGrantedCompaniesScopes(t *testing.T) {
	c := newCaller(t, Options{Tokens: []Token{{Value: "token", Scopes: []string{scopeReadUsers}}}}).in("Preview")
	path := "/contacts/" + c.Contacts()[0].ID + "/granted_companies"
	c.ok("GET", path, "")
	const lacks = "You do not have the required scope (write_users_companies) to access this resource"
	c.refused("PUT", path, `{"company_ids":[]}`, 403, "forbidden", lacks)
	c.refused("DELETE", path+"/acme", "", 403, "forbidden", lacks)
}

// TestNoContentOverHTTP holds that a removal by an escaped id gets through a
// real server, and is answered without a body.
func TestNoContentOverHTTP(t *testing.T) {
	c, _, path := grantor(t, Options{}, "eu/acme.io")
	c.ok("PUT", path, `{"company_ids":["eu/acme.io"]}`)
	server := httptest.NewServer(c.Sandbox)
	defer server.Close()
	client := server.Client()
	defer client.CloseIdleConnections()
	r := c.request("DELETE", path+"/eu%2Facme.io", "")
	address, err := r.URL.Parse(server.URL + path + "/eu%2Facme.io")
	if err != nil {
		t.Fatal(err)
	}
	r.URL, r.Host = address, ""
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusNoContent || len(body) > 0 || len(response.Header["Content-Length"]) > 0 {
		t.Errorf("%d %v %q, %v", response.StatusCode, response.Header, body, err)
	}
}
