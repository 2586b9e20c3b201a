package engine

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestImageDrift says in what a target differs from the plan; of a masked field only that it does.
func TestImageDrift(t *testing.T) {
	item := &change.Item{
		Patch: change.Patch{Set: map[string]any{"name": "C", "phone": "+3"}, AddTags: refs("1"), RemoveTags: refs("2"),
			AddCompanies: refs("3"), RemoveCompanies: refs("4")},
		Before: change.Image{Set: map[string]any{"name": "A", "phone": "+1"}, Tags: []string{"2"}, Companies: []string{"4"}},
	}
	same := func() change.Image {
		return change.Image{Set: map[string]any{"name": "A", "phone": "+1"}, Tags: []string{"2"}, Companies: []string{"4"}}
	}
	for name, test := range map[string]struct {
		edit func(now *change.Image)
		want string
	}{
		"nothing":        {func(*change.Image) {}, ""},
		"a name":         {func(now *change.Image) { now.Set["name"] = "B" }, "has another name now"},
		"a masked field": {func(now *change.Image) { now.Set["phone"] = "+2" }, "was changed since"},
		"both": {func(now *change.Image) { now.Set["phone"], now.Set["name"] = "+2", "B" },
			"has another name now"},
		"another tag": {func(now *change.Image) { now.Tags = []string{"1", "2"} }, "has other tags or companies now"},
		"a tag less":  {func(now *change.Image) { now.Tags = nil }, "has other tags or companies now"},
		"another company": {func(now *change.Image) { now.Companies = []string{"3", "4"} },
			"has other tags or companies now"},
		"a company less":    {func(now *change.Image) { now.Companies = nil }, "has other tags or companies now"},
		"as it is to be":    {func(now *change.Image) { now.Set["name"] = "C" }, "has another name now"},
		"a field of others": {func(now *change.Image) { now.Set["email"] = "x@example.com" }, ""},
	} {
		now := same()
		test.edit(&now)
		if got := imageDrift(plain{masked: []string{"phone"}}.Masks, item, now); got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestDrift plans, lets the targets change, and begins a while later: the change is stale, and says why of a few.
func TestDrift(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := f.renamings(6)
	rename := func(i int) {
		if _, err := f.client.Contacts.Update(t.Context(), items[i].TargetID,
			intercom.ContactWrite{Name: intercom.Value("By Another")}); err != nil {
			t.Fatal(err)
		}
	}
	rename(0)
	if err := f.client.Contacts.Archive(t.Context(), items[1].TargetID); err != nil {
		t.Fatal(err)
	}
	lead := f.lead()
	merging := change.Item{TargetID: lead.ID, Label: "a lead", Patch: change.Patch{Set: map[string]any{"phone": "+1"}},
		Before: change.Image{Set: map[string]any{"phone": lead.Phone}}}
	if _, err := f.client.Contacts.Merge(t.Context(), intercom.Merge{From: lead.ID, Into: items[2].TargetID,
		SkipDuplicateCheck: true}); err != nil {
		t.Fatal(err)
	}
	c := f.finished(f.plannedAt(time.Now().Add(-planHolds-time.Second), items[0], items[1], merging))
	want := items[0].Label + " has another name now; " + items[1].Label +
		" is archived or deleted; a lead was merged into " +
		items[2].TargetID
	if c.Status != change.StatusStale || c.Reason != want {
		t.Errorf("%s: %q, want %q", c.Status, c.Reason, want)
	}
	for i := range 6 {
		rename(max(i, 2))
	}
	c = f.finished(f.plannedAt(time.Now().Add(-planHolds-time.Second), items[0], items[2], items[3], items[4], items[5]))
	if !strings.HasSuffix(c.Reason, items[3].Label+" has another name now; and 2 more") ||
		strings.Count(c.Reason, ";") != 3 {
		t.Errorf("%s: %q", c.Status, c.Reason)
	}
	c = f.finished(f.plannedAt(time.Now().Add(-planHolds-time.Second), items[0], items[2], items[3]))
	if strings.Contains(c.Reason, "more") {
		t.Errorf("%s: %q", c.Status, c.Reason)
	}
	if c = f.finished(f.planned(items[0])); c.Status != change.StatusApplied {
		t.Errorf("begun at once: %s", c.Status)
	}
}

// TestPlanHolds takes what a plan read to be so for five seconds.
func TestPlanHolds(t *testing.T) {
	for wait, want := range map[time.Duration]change.Status{planHolds: change.StatusApplied,
		planHolds + 1: change.StatusStale} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			c := f.planned(f.renaming(0))
			f.rename("By Another", c.Items...)
			time.Sleep(wait)
			if c = f.finished(c); c.Status != want {
				t.Errorf("begun after %v: %s", wait, c.Status)
			}
		})
	}
}

// TestDriftUnread begins a while later, when Intercom cannot be read: the change is stale.
func TestDriftUnread(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden, Message: "no"})
	c := f.finished(f.plannedAt(time.Now().Add(-time.Minute), item))
	if c.Status != change.StatusStale || !strings.HasPrefix(c.Reason, "its targets could not be read again (") {
		t.Errorf("%s: %q", c.Status, c.Reason)
	}
	if sent := f.writes(); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
	f = newFixture(t, sandboxOfFew)
	saving := f.saving(map[string]any{"name": "Renamed Ltd"})
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/companies/*", Status: http.StatusForbidden, Message: "no"})
	if c = f.finished(f.plannedAt(time.Now().Add(-time.Minute), saving)); c.Status != change.StatusStale {
		t.Errorf("a company: %s", c.Status)
	}
	a := f.applier(change.Item{Patch: change.Patch{AddTags: refs("1")}})
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden, Message: "no"})
	shown := &intercom.Contact{ID: f.user(0).ID, Tags: intercom.RefList{HasMore: true}}
	if what, err := contactDrift(t.Context(), a, &a.change.Items[0], seen{contact: shown}); what != "" || err == nil {
		t.Errorf("tags that cannot be read: %q, %v", what, err)
	}
}

// TestDriftSeenBySearch notices what a search shows late: what looks changed is read again by id.
func TestDriftSeenBySearch(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(f.renaming(0), f.renaming(1))
	for i, name := range []string{"By Another", ""} {
		item := &a.change.Items[i]
		found, err := f.client.Contacts.Get(t.Context(), item.TargetID)
		if err != nil {
			t.Fatal(err)
		}
		found.Name = "As It Was Long Ago" // to the search
		if name != "" {
			if _, err := f.client.Contacts.Update(t.Context(), item.TargetID,
				intercom.ContactWrite{Name: intercom.Value(name)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, searched := range []bool{false, true} {
			what, err := contactDrift(t.Context(), a, item, seen{&found, searched})
			if drifted := what != ""; err != nil || drifted != (!searched || name != "") {
				t.Errorf("searched %t, then %q: %q, %v", searched, name, what, err)
			}
		}
		if i == 1 {
			if err := f.client.Contacts.Archive(t.Context(), item.TargetID); err != nil {
				t.Fatal(err)
			}
			if what, err := contactDrift(t.Context(), a, item, seen{&found, true}); what != isHidden || err != nil {
				t.Errorf("archived: %q, %v", what, err)
			}
			remove := f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
			if what, err := contactDrift(t.Context(), a, item, seen{&found, true}); what != "" || err == nil {
				t.Errorf("unreadable: %q, %v", what, err)
			}
			remove()
		}
	}
	unread := &a.change.Items[1]
	if what, err := contactDrift(t.Context(), a, unread, seen{}); what != isHidden || err != nil {
		t.Errorf("%q, %v", what, err)
	}
}

// TestDriftOfMany compares many contacts by search alone where nothing changed, and says what cannot be read any more.
func TestDriftOfMany(t *testing.T) {
	f := newFixture(t, sandbox.Options{Contacts: 300})
	a := f.applier(f.renamings(120)...)
	f.sandbox.ResetCalls()
	if drifts, err := a.drifts(t.Context()); err != nil || len(drifts) > 0 || f.routes()["GET /contacts/{id}"] > 0 {
		t.Errorf("%v, %v: %v", drifts, err, f.routes())
	}
	item := f.renaming(0)
	f.misname(f.user(0).Name)
	drifts, err := f.applier(item).drifts(t.Context())
	if err != nil || len(drifts) != 1 || !strings.HasPrefix(drifts[0].what, "cannot be read any more (contact ") {
		t.Errorf("%+v, %v", drifts, err)
	}
}

// TestDriftIsCutOff waits for Intercom's rate limit no longer than the change goes on, nor than its server does.
func TestDriftIsCutOff(t *testing.T) {
	const cut = 20*time.Second + 500*time.Millisecond // the client waits for the rate limit itself, and gives up before
	for _, stopped := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, sandboxOfFew)
			a := f.applier(f.renaming(0))
			f.sandbox.AddFault(sandbox.Fault{Method: "GET", RateLimited: true})
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			began := time.Now()
			time.AfterFunc(cut, func() {
				if stopped {
					a.run.halt.set(cancelled, change.StopRequest{})
				} else {
					leave()
				}
			})
			drifts, err := a.patientDrifts(ctx)
			_, limited := asIntercom(err)
			if took := time.Since(began); err == nil || drifts != nil || limited != stopped || took != cut {
				t.Errorf("stopped %t: %v after %v", stopped, err, took)
			}
		})
	}
}
