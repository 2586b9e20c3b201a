package tools

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/internal/render"
	"intercom-mcp/tools/toolerr"
	"intercom-mcp/tools/toolstest"
)

// rewriter is a transport that answers some requests in place of the sandbox, or after it.
type rewriter struct {
	interceptor
	mu     sync.Mutex
	answer func(method, path string) (status int, body string) // status 0 leaves the request to the sandbox
	count  int
}

// RoundTrip implements [http.RoundTripper].
func (w *rewriter) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	answer := w.answer
	w.count++
	w.mu.Unlock()
	if answer != nil {
		if status, body := answer(r.Method, r.URL.Path); status != 0 {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)),
				Request: r}, nil
		}
	}
	return w.sandbox.RoundTrip(r)
}

func (w *rewriter) set(answer func(method, path string) (int, string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer, w.count = answer, 0
}

// withAnswers is a world whose Intercom answers as a test says.
func withAnswers(t *testing.T, options ...worldOption) (*world, *rewriter) {
	rw := &rewriter{}
	w := newWorld(t, append(options, func(_ *sandbox.Options, c *intercom.Config, _ *Config) { c.Transport = rw })...)
	rw.sandbox = w.sandbox
	return w, rw
}

// for1 answers requests of a method to a path alike.
func for1(method, path string, status int, body string) func(string, string) (int, string) {
	return func(m, p string) (int, string) {
		if m == method && p == path {
			return status, body
		}
		return 0, ""
	}
}

// A 401 to a write is told as what it is.
func TestUnauthorizedWrite(t *testing.T) {
	w, rw := withAnswers(t)
	ann := w.user(0).ID
	rw.set(for1("PUT", "/contacts/"+ann, 401,
		`{"type":"error.list","errors":[{"code":"unauthorized","message":"Access Token Invalid"}]}`))
	w.refused(toolerr.CredentialInvalid, "update_contact", object{"contact": ann, "set": object{"name": "New"}})
	if got := w.user(0).Name; got == "New" {
		t.Error("it was written")
	}
}

// A page that a proxy answers with is not Intercom's word about the token, and stops no other call.
func TestPageInPlaceOfIntercom(t *testing.T) {
	w, rw := withAnswers(t)
	rw.set(for1("GET", "/segments", 401, "<html>Sign in"))
	err := w.refused(toolerr.UpstreamUnavailable, "list_segments", object{})
	if !strings.Contains(err.Error(), "something between here and Intercom") || !strings.Contains(err.Next, "operator") {
		t.Errorf("got %v", err)
	}
	w.do("get_contact", object{"contact": w.user(0).ID})
}

// However a creation is answered, it is told as that, and never as done.
func TestCreateAnswers(t *testing.T) {
	for answer, want := range map[struct {
		status int
		body   string
	}]string{
		{500, "{}"}:     "Intercom answered with status 500;",
		{502, "<html>"}: "Intercom answered with status 502;",
		{204, ""}:       "Intercom answered with status 204, the answer is empty;",
		{200, "<html>"}: "the answer was a web page in place of JSON",
		{403, "<html>"}: "the answer was status 403 from something between here and Intercom;",
		{401, "<html>"}: "the answer was status 401 from something between here and Intercom;",
		{200, "{}"}:     "contact has no id;",
		{404, "<html>"}: "the answer was status 404 from something between here and Intercom;",
		{301, ""}:       "wrong host or region",
	} {
		w, rw := withAnswers(t)
		rw.set(for1("POST", "/contacts", answer.status, answer.body))
		result := w.try("create_contact", object{"set": object{"email": "new@example.com"}})
		said := string(result.JSON)
		if result.Err != nil {
			said = result.Err.Error()
		}
		if !strings.Contains(said, want) || strings.Contains(said, "connection broke") ||
			strings.Contains(said, `"status":"applied"`) || strings.Contains(said, "Intercom answered with status 4") {
			t.Errorf("%d %q: got %s, want %q", answer.status, answer.body, said, want)
		}
	}
}

// An answer that is no contact leaves nobody out of a change: nobody could tell whom.
func TestAnswerOfNobody(t *testing.T) {
	w, rw := withAnswers(t)
	contacts := []string{w.user(0).ID, w.user(1).ID, w.user(2).ID}
	rw.set(for1("GET", "/contacts/"+contacts[1], 200, "{}"))
	for tool, args := range map[string]object{
		"tag_contacts":         {"contacts": contacts, "tag": "VIP"},
		"archive_contacts":     {"contacts": contacts},
		"bulk_update_contacts": {"contacts": contacts, "set": object{"name": "N"}},
	} {
		if e := w.refused(toolerr.UpstreamUnavailable, tool, args); !strings.Contains(e.Error(), "has no id") {
			t.Errorf("%s: %v", tool, e)
		}
	}
	if sent := w.writes(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
}

// Bulk jobs that the workspace does not have, in whatever words, are single writes; and a merge is previewed by us.
func TestWithoutPreview(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		for _, body := range []string{`{"errors":[{"code":"whatever","message":"no such thing"}]}`, "<html>", "",
			`{"message":"Forbidden"}`} {
			w, rw := withAnswers(t, inMode(policy.ModeFull))
			rw.set(func(method, path string) (int, string) {
				if method == "PUT" && path == "/contacts/bulk" || path == "/contacts/merge/preview" {
					return status, body
				}
				return 0, ""
			})
			var contacts []string
			for i := range 12 {
				contacts = append(contacts, w.user(i).ID)
			}
			var updates []object
			for _, id := range contacts {
				updates = append(updates, object{"contact": id, "set": object{"name": "Renamed"}})
			}
			planned := w.do("bulk_update_contacts", object{"updates": updates})
			if handle, ok := planned["change"].(string); ok && planned["status"] == "awaiting" {
				planned = w.do("confirm_change", object{"change": handle})
			}
			if planned["status"] != "applied" {
				t.Errorf("%d %q: %v", status, body, planned)
			}
			if got := w.user(11).Name; got != "Renamed" {
				t.Errorf("%d %q: the name is %q", status, body, got)
			}
			lead, user := w.twins()
			if merged := w.asked("merge_contacts", object{"contact": lead, "into": user},
				Accept); merged["status"] != "applied" {
				t.Errorf("%d %q: %v", status, body, merged)
			}
		}
	}
}

// A 502 to a write and pages that say 404 from then on, as a proxy has them, do not show that it took effect: nothing
// is called changed, whichever tool it is.
func TestWritesBehindAProxy(t *testing.T) {
	for _, usual := range toolstest.UsualCalls() {
		t.Run(usual.Tool, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { behindProxy(t, usual) })
		})
	}
}

// behindProxy makes a usual call that somebody agrees to, if it writes.
func behindProxy(t *testing.T, usual toolstest.Call) {
	w, rw := withAnswers(t, inMode(policy.ModeFull))
	if tool, _ := w.tool(usual.Tool); tool.Effect == policy.Read || usual.Tool == "cancel_change" {
		return
	}
	written := false
	result, _ := w.agreedTo(usual, func() {
		rw.set(func(method, path string) (int, string) {
			switch {
			case written:
				return 404, "<html>"
			case method == "GET", strings.HasSuffix(path, "/search"), strings.HasSuffix(path, "/list"),
				strings.HasSuffix(path, "/preview"):
				return 0, ""
			}
			written = true
			return 502, "<html>"
		})
	})
	if !written {
		t.Fatalf("nothing was written: %s %v", result.JSON, result.Err)
	}
	if err := result.Err; err != nil && (err.Code != toolerr.OutcomeUnknown ||
		strings.Contains(err.Message, "Nothing was changed") || !strings.Contains(err.Message, "before repeating it.")) {
		t.Errorf("%s: %v", err.Code, err)
	}
	if result.Err != nil {
		return
	}
	var receipt render.ChangeResult
	if err := json.Unmarshal(result.JSON, &receipt); err != nil {
		t.Fatal(err)
	}
	if receipt.Changed > 0 || receipt.Status == "applied" {
		t.Errorf("it claims to have changed something: %s", result.JSON)
	}
}

// One contact with an odd value does not hide the others, and is named.
func TestOddContact(t *testing.T) {
	t.Parallel()
	w, rw := withAnswers(t)
	ann, bob := w.user(0), w.user(1)
	body := fmt.Sprintf(`{"type":"list","data":[{"id":%q,"role":"user","name":{"first":"Ann"},"email":"a@example.com","ios_sdk_version":15},`+
		`{"id":%q,"role":"user","name":"Bob"},{"name":"Nobody"}],"total_count":3,"pages":{"next":null}}`, ann.ID, bob.ID)
	rw.set(for1("POST", "/contacts/search", 200, body))
	answer := w.do("search_contacts", object{"where": []object{{"field": "role", "operator": "=", "value": "user"}}})
	rows, _ := answer["rows"].([]any)
	note, _ := answer["note"].(string)
	if len(rows) != 2 || !strings.Contains(note, "contact "+ann.ID+": name is no text") ||
		!strings.Contains(note, "has no id, so it is left out") {
		t.Errorf("got %v", answer)
	}
	rw.set(for1("GET", "/contacts/"+ann.ID, 200, fmt.Sprintf(`{"id":%q,"role":"user","name":{},"email":"a@example.com"}`,
		ann.ID)))
	got := w.refused(toolerr.UpstreamUnavailable, "update_contact",
		object{"contact": ann.ID, "set": object{"name": "New"}})
	if !strings.Contains(got.Error(), "contact "+ann.ID+": name is no text") || len(w.writes()) > 0 {
		t.Errorf("got %v", got)
	}
}

// A cached list with one tag that cannot be read says so each time; what is no list is not kept.
func TestOddTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, rw := withAnswers(t)
		for _, body := range []string{"{}", "null", `{"message":"x"}`, `{"type":"error.list","errors":[]}`} {
			rw.set(for1("GET", "/tags", 200, body))
			w.refused(toolerr.UpstreamUnavailable, "list_tags", object{})
		}
		rw.set(for1("GET", "/tags", 200, `{"data":[{"id":"1","name":"VIP"},{"name":"no id"}]}`))
		for range 2 {
			answer := w.do("list_tags", object{})
			rows, _ := answer["rows"].([]any)
			if note, _ := answer["note"].(string); len(rows) != 1 || !strings.Contains(note, "tag: data[1] has no id") {
				t.Errorf("got %v", answer)
			}
		}
	})
}

// A search that has no rows and always a next page ends.
func TestEndlessSearch(t *testing.T) {
	w, rw := withAnswers(t)
	pages := 0
	rw.set(func(_, path string) (int, string) {
		if path != "/contacts/search" {
			return 0, ""
		}
		pages++
		return 200, fmt.Sprintf(`{"type":"list","data":[],"total_count":90,"pages":{"next":{"starting_after":"%d"}}}`, pages)
	})
	where := []object{{"field": "role", "operator": "=", "value": "user"}}
	w.refused(toolerr.UpstreamUnavailable, "bulk_update_contacts", object{"where": where, "set": object{"name": "New"}})
	w.refused(toolerr.UpstreamUnavailable, "search_contacts", object{"where": where})
	if pages > 20 {
		t.Errorf("%d pages", pages)
	}
}

// A company_id written like a name finds its company.
func TestCompanyByItsOwnID(t *testing.T) {
	w := newWorld(t)
	answer := w.do("get_company", object{"company": "acme"})
	if note, _ := answer["note"].(string); answer["company_id"] != "acme" || !strings.Contains(note, "company_id:acme") {
		t.Errorf("got %v", answer)
	}
	w.refused(toolerr.NotFound, "get_company", object{"company": "nothing of the kind"})
}

// A company that was created and cannot be found yet was created all the same.
func TestCompanyNotFoundYet(t *testing.T) {
	w, rw := withAnswers(t)
	created := false
	rw.set(func(method, path string) (int, string) {
		if created && method == "GET" && strings.HasPrefix(path, "/companies") {
			return 404, `{"type":"error.list","errors":[{"code":"company_not_found","message":"Company Not Found"}]}`
		}
		created = created || method == "POST" && path == "/companies"
		return 0, ""
	})
	planned := w.do("save_company", object{"company": "company_id:new-one", "set": object{"name": "New One"}})
	got := w.refused(toolerr.OutcomeUnknown, "confirm_change", object{"change": planned["change"]})
	if !strings.Contains(got.Error(), "does not show it yet") {
		t.Errorf("got %v", got)
	}
}
