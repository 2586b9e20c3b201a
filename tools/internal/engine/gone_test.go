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

// TestGoneTwice tells what was refused as a whole from what may have been written: an undo writes some texts twice, so
// that a refusal may be of the second time.
func TestGoneTwice(t *testing.T) {
	refused, gone := upstream(http.StatusBadRequest, "bad"), upstream(http.StatusNotFound, "gone")
	for name, test := range map[string]struct {
		undoes, writes string
		want           change.Outcome
	}{
		"no undo":                   {"", "R&amp;D", change.Failed},
		"an undo":                   {"chg_1", "Ann", change.Failed},
		"an undo that writes twice": {"chg_1", "R&amp;D", change.Unknown},
	} {
		item := change.Item{Patch: change.Patch{Set: map[string]any{"name": test.writes}}}
		j := newJudge(&change.Change{Undoes: test.undoes, Items: []change.Item{item}}, plain{})
		if got, _ := j.gone(t.Context(), &item, refused, gone); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestNotCreated says why a record is not there after it was sent.
func TestNotCreated(t *testing.T) {
	j := newJudge(&change.Change{Items: make([]change.Item, 2)}, plain{})
	if r := j.notCreated(t.Context(), 1, nil); r.Index != 1 || r.Outcome != change.Failed ||
		r.Reason != "Intercom accepted it, but reading back does not show it" {
		t.Errorf("%+v", r)
	}
	if r := j.notCreated(t.Context(), 1, upstream(http.StatusBadRequest, "bad")); r.Index != 1 ||
		r.Outcome != change.Failed || !strings.HasPrefix(r.Reason, "bad") {
		t.Errorf("%+v", r)
	}
}

// TestUnreadAfterSave is unknown of a company of which what was written cannot be read back.
func TestUnreadAfterSave(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.saving(map[string]any{"name": "Renamed"})
	f.misname("Renamed")
	if got := f.applied(item).Items[0]; got.Outcome != change.Unknown ||
		!strings.HasPrefix(got.Reason, "it could not be read back") {
		t.Errorf("%+v", got)
	}
}
