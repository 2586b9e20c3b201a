package engine

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// archiving is Intercom, where somebody archives a contact right after the first answer to a request.
type archiving struct {
	sandbox *sandbox.Sandbox
	after   string // the beginning of method and path
	id      string
	once    sync.Once
}

// RoundTrip implements [http.RoundTripper].
func (a *archiving) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := a.sandbox.RoundTrip(r)
	if strings.HasPrefix(r.Method+" "+r.URL.Path, a.after) {
		a.once.Do(func() { a.archive(r) })
	}
	return answer, err
}

func (a *archiving) archive(like *http.Request) {
	r, _ := http.NewRequest(http.MethodPost, "http://127.0.0.1/contacts/"+a.id+"/archive", http.NoBody)
	r.Header = like.Header.Clone()
	if answer, err := a.sandbox.RoundTrip(r); err == nil {
		answer.Body.Close()
	}
}

// archivedAfter has somebody archive the i-th user right after the first answer to a request.
func (f *fixture) archivedAfter(i int, request string) {
	f.t.Helper()
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1",
		Transport: &archiving{sandbox: f.sandbox, after: request, id: f.user(i).ID}})
	if err != nil {
		f.t.Fatal(err)
	}
	f.client = client
	f.restart()
}

// TestGoneAfterWriting archives a contact between a write and its reading back: nothing disproves the write, so that it
// does not count as failed, and its undo puts it back once the contact is there again.
func TestGoneAfterWriting(t *testing.T) {
	for name, test := range map[string]struct {
		fault sandbox.Fault
		tag   bool
		many  bool
		after string
	}{
		"accepted":           {after: "PUT /contacts/"},
		"the answer is lost": {after: "PUT /contacts/", fault: sandbox.Fault{Method: "PUT", ResetAfter: true, Times: 1}},
		"before its tag":     {after: "PUT /contacts/", tag: true},
		"after a bulk job":   {after: "GET /contacts/bulk/", many: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, sandbox.Options{Contacts: 120, RateLimit: 1 << 30})
				f.archivedAfter(0, test.after)
				if test.fault != (sandbox.Fault{}) {
					f.sandbox.AddFault(test.fault)
				}
				items := f.renamings(1)
				if test.many {
					items = f.renamings(12)
				}
				if test.tag {
					items[0].Patch.AddTags = []change.Ref{{ID: f.sandbox.Tags()[0].ID, Name: "VIP"}}
				}
				before := items[0].Before.Set["name"]
				c := f.applied(items...)
				now, _ := f.sandbox.Contact(items[0].TargetID)
				if now.Name == "Renamed" && c.Items[0].Outcome != change.Unknown {
					t.Fatalf("%s was renamed, and is called %s: %s", now.ID, c.Items[0].Outcome, c.Items[0].Reason)
				}
				if now.Name != "Renamed" || !now.Archived {
					t.Fatalf("the test tests nothing: %+v", now)
				}
				if err := f.client.Contacts.Unarchive(t.Context(), now.ID); err != nil {
					t.Fatal(err)
				}
				undo, err := f.planUndo(c)
				if err != nil || len(undo.Items) != len(items) || undo.Items[0].Patch.Set["name"] != before {
					t.Errorf("undo: %+v, %v", undo, err)
				}
			})
		})
	}
}
