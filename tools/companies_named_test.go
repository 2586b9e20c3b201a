package tools

import (
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// nameless forgets the name that a company is asked for by.
type nameless struct{ sandbox *sandbox.Sandbox }

// RoundTrip implements [http.RoundTripper].
func (n nameless) RoundTrip(r *http.Request) (*http.Response, error) {
	if query := r.URL.Query(); query.Has("name") {
		query.Set("name", "Acme Inc")
		r.URL.RawQuery = query.Encode()
	}
	return n.sandbox.RoundTrip(r)
}

// TestCompanyOfAnotherName takes no company that has another name than the one that was asked for, and writes to none.
func TestCompanyOfAnotherName(t *testing.T) {
	sb := sandbox.New(sandbox.Options{Contacts: 20})
	w := newWorld(t, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = nameless{sb} })
	w.refused(toolerr.NotFound, "get_company", object{"company": "nosuch"})
	w.refused(toolerr.NotFound, "attach_company", object{"company": "nosuch", "contacts": []string{"external_id:u-10001"}})
	if shown := w.do("get_company", object{"company": "acme inc"}); !strings.Contains(shown["name"].(string), "Acme") {
		t.Error(shown)
	}
}

// TestCompaniesLike names companies like one that is not there.
func TestCompaniesLike(t *testing.T) {
	w := newWorld(t)
	name := w.sandbox.Companies()[0].Name
	err := w.refused(toolerr.NotFound, "get_company", object{"company": name[:len(name)-1] + "x"})
	if !strings.Contains(err.Message, `nearest: "`+name+`"`) {
		t.Error(err)
	}
	firm := w.sandbox.Companies()[1]
	w.directAs("2.16", "PUT", "/companies/"+firm.ID, `{"name":"Zo\u200bom & Co"}`)
	err = w.refused(toolerr.NotFound, "get_company", object{"company": "zoom & Co"})
	if !strings.Contains(err.Message, "in the name of "+firm.ID) {
		t.Error(err)
	}
	if err := w.refused(toolerr.NotFound, "get_company", object{"company": "nothing like it"}); strings.Contains(
		err.Message, "nearest") {
		t.Error(err)
	}
}
