package engine

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// byHand is another client of the workspace.
func (f *fixture) byHand() *intercom.Client {
	f.t.Helper()
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1", Transport: f.sandbox})
	if err != nil {
		f.t.Fatal(err)
	}
	return client
}

// TestUpdateLostAnswer loses the answers of an update: what took effect is not sent again, what did not is sent once
// more, unless another client has written there, or the run is stopped.
func TestUpdateLostAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		fault     sandbox.Fault
		meanwhile func(f *fixture)
		want      change.Outcome
		code      toolerr.Code
		writes    int
	}{
		"took effect":     {sandbox.Fault{Method: "PUT", ResetAfter: true}, nil, change.Changed, "", 1},
		"took none":       {sandbox.Fault{Method: "PUT", Reset: true}, nil, change.Unknown, toolerr.OutcomeUnknown, 2},
		"took none, once": {sandbox.Fault{Method: "PUT", Reset: true, Times: 1}, nil, change.Changed, "", 2},
		"took none, and another client wrote": {sandbox.Fault{Method: "PUT", Reset: true, Times: 1}, func(f *fixture) {
			if _, err := f.byHand().Contacts.Update(context.Background(), f.user(0).ID,
				intercom.ContactWrite{Name: intercom.Value("By Another")}); err != nil {
				f.t.Error(err)
			}
		}, change.Unknown, toolerr.ChangeStale, 2},
		"took none, and is stopped": {sandbox.Fault{Method: "PUT", Reset: true}, func(f *fixture) {
			for _, r := range f.runs.runs {
				r.halt.set(cancelled, change.StopRequest{})
			}
		}, change.Unknown, toolerr.OutcomeUnknown, 1},
		"cannot be read": {sandbox.Fault{Method: "PUT", Reset: true}, func(f *fixture) {
			f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
		}, change.Unknown, toolerr.OutcomeUnknown, 1},
		"refused": {sandbox.Fault{Method: "PUT", Status: http.StatusBadRequest}, nil, change.Failed, toolerr.InvalidArgument,
			1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var f *fixture
				gets := 0
				f = newFixture(t, sandboxOfFew, func(_ context.Context, x intercom.Exchange) {
					if test.meanwhile != nil && x.Method == http.MethodPut && x.Err != nil {
						if gets++; gets == 1 {
							test.meanwhile(f)
						}
					}
				})
				f.sandbox.AddFault(test.fault)
				c := f.applied(f.renaming(0))
				if got := c.Items[0]; got.Outcome != test.want || got.Code != string(test.code) {
					t.Errorf("%+v", got)
				}
				if sent := f.writes(); len(sent) != test.writes {
					t.Errorf("%d writes: %v", len(sent), sent)
				}
			})
		})
	}
}

// TestLinks writes each tag and company of an update, goes on after a failure, and names what failed.
func TestLinks(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	ann := f.user(0).ID
	tags, company := f.sandbox.Tags(), f.sandbox.Companies()[0].ID
	patch := change.Patch{AddTags: []change.Ref{{ID: "404404", Name: "Gone"}, {ID: tags[0].ID}},
		RemoveTags:      []change.Ref{{ID: "404405", Name: "Away"}},
		AddCompanies:    []change.Ref{{ID: "5f", Name: "Nobody's"}, {ID: company}},
		RemoveCompanies: []change.Ref{{ID: "5e", Name: "Theirs"}}}
	a := f.applier()
	got := a.judge.cause(t.Context(), a.link(t.Context(), ann, patch))
	c, _ := f.sandbox.Contact(ann)
	if !slices.Contains(c.TagIDs, tags[0].ID) || !slices.Contains(c.CompanyIDs, company) {
		t.Errorf("tags %v, companies %v", c.TagIDs, c.CompanyIDs)
	}
	if got.Code != string(toolerr.NotFound) {
		t.Errorf("%+v", got)
	}
	if err := a.link(t.Context(), ann, change.Patch{RemoveTags: refs(tags[0].ID),
		RemoveCompanies: refs(company)}); err != nil {
		t.Error(err)
	}
	if c, _ = f.sandbox.Contact(ann); slices.Contains(c.TagIDs, tags[0].ID) || slices.Contains(c.CompanyIDs, company) {
		t.Errorf("tags %v, companies %v", c.TagIDs, c.CompanyIDs)
	}
	f.sandbox.ResetCalls()
	if err := setFields(t.Context(), f.client, ann, change.Patch{}, false); err != nil || len(f.sandbox.Calls()) > 0 {
		t.Errorf("no fields are written: %v", err)
	}
	if err := setFields(t.Context(), f.client, ann, change.Patch{Set: map[string]any{"wings": true}}, false); err == nil ||
		len(f.sandbox.Calls()) > 0 {
		t.Error("wings are written")
	}
}

// TestLinkNames clips the names of tags in what is said of them.
func TestLinkNames(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	long := strings.Repeat("x", 60)
	err := f.applier().link(t.Context(), f.user(0).ID, change.Patch{AddTags: []change.Ref{{ID: "404404", Name: long}}})
	if got := newJudge(&change.Change{}, plain{}).cause(t.Context(), err).Reason; strings.Count(got, "x") != 39 ||
		strings.Contains(got, long) {
		t.Error(got)
	}
}

// TestUndoUpdateUnread plans nothing for contacts of whom something cannot be read.
func TestUndoUpdateUnread(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Outcome, item.Patch.AddTags = change.Changed, refs("1")
	held, err := f.client.Contacts.Get(t.Context(), item.TargetID)
	if err != nil {
		t.Fatal(err)
	}
	held.Name, held.Tags.HasMore = "By Another", true
	undo := func(searched bool, contact intercom.Contact) error {
		u := &undoing{client: f.client, words: f.words, planner: f.planner(), searched: searched,
			now: map[string]*intercom.Contact{held.ID: &contact}}
		err := (updateContact{}).undo(t.Context(), u, &item)
		if len(u.planner.Items) > 0 {
			t.Errorf("planned: %+v", u.planner.Items)
		}
		return err
	}
	remove := f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden})
	if err := undo(false, held); err == nil {
		t.Error("its tags cannot be read")
	}
	remove()
	held.Tags.HasMore = false
	remove = f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
	if err := undo(true, held); err == nil {
		t.Error("it cannot be read by id")
	}
	remove()
	f.tagged(t, 1)
	remove = f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden})
	if err := undo(true, held); err == nil {
		t.Error("the tags that it has now cannot be read")
	}
	remove()
	now, _ := f.sandbox.Contact(held.ID)
	item.Patch.AddTags = refs(now.TagIDs[0])
	written := held
	written.Name, written.Tags.HasMore = "Renamed", true
	u := &undoing{client: f.client, words: f.words, planner: f.planner(),
		now: map[string]*intercom.Contact{held.ID: &written}}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden, After: 1})
	if err := (updateContact{}).undo(t.Context(), u, &item); err == nil {
		t.Error("what is to be put back cannot be read")
	}
}

// TestUpdateReconcile tells of an update that is not sent any more what shows of it already.
func TestUpdateReconcile(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Patch.AddTags = []change.Ref{{ID: f.sandbox.Tags()[0].ID}}
	item.Before.Set["name"] = "Somebody"
	item.Patch.Set["name"] = f.user(0).Name // which shows
	for name, test := range map[string]struct {
		left  *change.Patch
		final bool
		want  change.Outcome
	}{
		"goes on":       {&change.Patch{AddTags: item.Patch.AddTags}, false, change.Pending},
		"stopped":       {&change.Patch{AddTags: item.Patch.AddTags}, true, change.Partly},
		"nothing shows": {&item.Patch, true, change.Pending},
		"not read":      {nil, true, change.Pending},
	} {
		a := f.applier(change.Item{}, item)
		if test.left != nil {
			a.earlier.left[1] = *test.left
		}
		if test.final {
			a.run.halt.set(cancelled, change.StopRequest{})
		}
		if r := (updateContact{}).reconcile(t.Context(), a, 1); r.unsure != "" || r.recorded.Outcome != test.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestSinceApplied holds from when on a record counts as the change's own.
func TestSinceApplied(t *testing.T) {
	at := time.Now().Truncate(time.Second)
	a := &applier{change: &change.Change{AppliedAt: at}}
	for since, want := range map[time.Duration]bool{0: true, -clockSkew: true, -clockSkew - time.Second: false,
		time.Hour: true} {
		if got := a.sinceApplied(intercom.Unix(at.Add(since).Unix())); got != want {
			t.Errorf("%v: %t", since, got)
		}
	}
}
