package engine

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// saving is an item that writes to the workspace's first company.
func (f *fixture) saving(set map[string]any) change.Item {
	acme := f.sandbox.Companies()[0]
	item := change.Item{TargetID: acme.ID, Label: acme.Name, Patch: change.Patch{Op: change.SaveCompany, Set: set},
		Before: change.Image{Set: make(map[string]any)}}
	for field := range set {
		item.Before.Set[field] = map[string]any{"name": acme.Name, "industry": acme.Industry}[field]
	}
	return item
}

// founding is an item that creates a company.
func founding(set map[string]any) change.Item {
	return change.Item{Label: "new", Patch: change.Patch{Op: change.CreateCompany, Key: "new-1", Set: set}}
}

// TestSaveCompany writes a company, and sends once more what a lost answer left undone, unless another client wrote
// there.
func TestSaveCompany(t *testing.T) {
	for name, test := range map[string]struct {
		fault     sandbox.Fault
		meanwhile func(f *fixture)
		set       map[string]any
		want      change.Outcome
		code      toolerr.Code
		writes    int
	}{
		"written":     {sandbox.Fault{Method: "PATCH"}, nil, nil, change.Changed, "", 1},
		"took effect": {sandbox.Fault{Method: "PUT", ResetAfter: true}, nil, nil, change.Changed, "", 1},
		"took none":   {sandbox.Fault{Method: "PUT", Reset: true}, nil, nil, change.Unknown, toolerr.OutcomeUnknown, 2},
		"took none, and said so": {sandbox.Fault{Method: "PUT", Status: http.StatusInternalServerError}, nil, nil,
			change.Failed, toolerr.UpstreamUnavailable, 2},
		"took none, once": {sandbox.Fault{Method: "PUT", Reset: true, Times: 1}, nil, nil, change.Changed, "", 2},
		"took none, and another client wrote": {sandbox.Fault{Method: "PUT", Reset: true, Times: 1}, func(f *fixture) {
			if _, err := f.byHand().Companies.Update(context.Background(), f.sandbox.Companies()[0].ID,
				intercom.CompanyWrite{Name: intercom.Value("By Another")}); err != nil {
				f.t.Error(err)
			}
		}, nil, change.Unknown, toolerr.ChangeStale, 2},
		"took none, and is stopped": {sandbox.Fault{Method: "PUT", Reset: true}, func(f *fixture) {
			for _, r := range f.runs.runs {
				r.halt.set(cancelled, change.StopRequest{})
			}
		}, nil, change.Unknown, toolerr.OutcomeUnknown, 1},
		"cannot be read": {sandbox.Fault{Method: "PUT", Reset: true}, func(f *fixture) {
			f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/companies/*", Status: http.StatusForbidden})
		}, nil, change.Unknown, toolerr.OutcomeUnknown, 1},
		"refused": {sandbox.Fault{Method: "PUT", Status: http.StatusBadRequest}, nil, nil, change.Failed,
			toolerr.InvalidArgument, 1},
		"impossible": {sandbox.Fault{}, nil, map[string]any{"wings": true}, change.Failed, toolerr.Internal, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var f *fixture
			lost := 0
			f = newFixture(t, sandboxOfFew, func(_ context.Context, x intercom.Exchange) {
				if test.meanwhile != nil && x.Method == http.MethodPut && x.Err != nil {
					if lost++; lost == 1 {
						test.meanwhile(f)
					}
				}
			})
			if test.set == nil {
				test.set = map[string]any{"name": "Renamed Ltd"}
			}
			if test.fault != (sandbox.Fault{}) {
				f.sandbox.AddFault(test.fault)
			}
			c := f.applied(f.saving(test.set))
			if got := c.Items[0]; got.Outcome != test.want || got.Code != string(test.code) {
				t.Errorf("%+v", got)
			}
			if sent := f.writes(); len(sent) != test.writes {
				t.Errorf("%d writes: %v", len(sent), sent)
			}
		})
	}
}

// TestReconcileCompany reads what an earlier process wrote of a company.
func TestReconcileCompany(t *testing.T) {
	for name, test := range map[string]struct {
		now     intercom.CompanyWrite
		stopped bool
		want    change.Outcome
		code    toolerr.Code
	}{
		"all": {intercom.CompanyWrite{Name: intercom.Value("Renamed Ltd"), Industry: intercom.Value("Anvils")},
			false, change.Changed, ""},
		"none":          {intercom.CompanyWrite{}, false, change.Pending, ""},
		"none, stopped": {intercom.CompanyWrite{}, true, change.Pending, ""},
		"some":          {intercom.CompanyWrite{Name: intercom.Value("Renamed Ltd")}, false, change.Pending, ""},
		"some, stopped": {intercom.CompanyWrite{Name: intercom.Value("Renamed Ltd")}, true, change.Partly,
			toolerr.InvalidArgument},
		"by another": {intercom.CompanyWrite{Name: intercom.Value("By Another")}, false, change.Unknown,
			toolerr.ChangeStale},
		"by another, a part": {intercom.CompanyWrite{Name: intercom.Value("By Another"), Industry: intercom.Value("Anvils")},
			false, change.Partly, toolerr.ChangeStale},
	} {
		f := newFixture(t, sandboxOfFew)
		item := f.saving(map[string]any{"name": "Renamed Ltd", "industry": "Anvils"})
		a := f.applier(change.Item{}, item)
		if _, err := f.client.Companies.Update(t.Context(), item.TargetID, test.now); err != nil {
			t.Fatal(err)
		}
		if test.stopped {
			a.run.halt.set(cancelled, change.StopRequest{})
		}
		if r := (saveCompany{}).reconcile(t.Context(), a, 1); r.unsure != "" || r.recorded.Outcome != test.want ||
			r.recorded.Code != string(test.code) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	f := newFixture(t, sandboxOfFew)
	item := f.saving(map[string]any{"name": "Renamed Ltd"})
	a := f.applier(item)
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/companies/*", Status: http.StatusForbidden, Times: 2})
	if r := (saveCompany{}).reconcile(t.Context(), a, 0); r.unsure == "" {
		t.Errorf("unreadable: %+v", r)
	}
	if what, err := (saveCompany{}).drift(t.Context(), a, &a.change.Items[0], seen{}); err == nil {
		t.Errorf("unreadable: %q", what)
	}
	if what, err := (saveCompany{}).drift(t.Context(), a, &a.change.Items[0], seen{}); what != "" || err != nil {
		t.Errorf("as planned: %q, %v", what, err)
	}
	a.change.Items[0].TargetID = "63e35680c4f5a586566fffff"
	if r := (saveCompany{}).reconcile(t.Context(), a, 0); r.unsure != "" || r.recorded.Outcome != change.Pending {
		t.Errorf("gone: %+v", r)
	}
	if what, err := (saveCompany{}).drift(t.Context(), a, &a.change.Items[0], seen{}); what != isGone || err != nil {
		t.Errorf("gone: %q, %v", what, err)
	}
}

// TestUndoCompany puts back what a company still holds.
func TestUndoCompany(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.saving(map[string]any{"name": "Renamed Ltd", "industry": "Anvils"}))
	if _, err := f.client.Companies.Update(t.Context(), c.Items[0].TargetID,
		intercom.CompanyWrite{Industry: intercom.Value("By Another")}); err != nil {
		t.Fatal(err)
	}
	undo, err := f.planUndo(c)
	if err != nil || undo.Noun != "company" || len(undo.Items) != 1 ||
		undo.Items[0].Patch.Set["name"] != c.Items[0].Before.Set["name"] || len(undo.Items[0].Patch.Set) != 1 ||
		!slices.Equal(undo.Conflicts, []string{c.Items[0].Label + ": industry was changed to By Another since"}) {
		t.Errorf("%+v, %v", undo, err)
	}
	f.finished(f.planned(undo.Items...))
	if undo, err = f.planUndo(c); err != nil || undo.Noun != "" || len(undo.Items) > 0 {
		t.Errorf("nothing is left to put back: %+v, %v", undo, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/companies/*", Status: http.StatusForbidden, Times: 1})
	if _, err = f.planUndo(c); err == nil {
		t.Error("it is undone though nobody can read it")
	}
	c.Items[0].TargetID = "63e35680c4f5a586566fffff"
	if undo, err = f.planUndo(c); err != nil || !slices.Equal(undo.Conflicts, []string{c.Items[0].Label + ": is gone"}) {
		t.Errorf("gone: %+v, %v", undo, err)
	}
}

// TestCreateCompany creates a company under its key, which tells whether it was created.
func TestCreateCompany(t *testing.T) {
	set := map[string]any{"name": "New Ltd", "size": json.Number("7")}
	for name, test := range map[string]struct {
		fault sandbox.Fault
		set   map[string]any
		want  change.Outcome
		code  toolerr.Code
	}{
		"created":     {sandbox.Fault{Method: "PATCH"}, set, change.Changed, ""},
		"took effect": {sandbox.Fault{Method: "POST", Path: "/companies", ResetAfter: true}, set, change.Changed, ""},
		"took none": {sandbox.Fault{Method: "POST", Path: "/companies", Reset: true}, set, change.Unknown,
			toolerr.OutcomeUnknown},
		"took none at first": {sandbox.Fault{Method: "POST", Path: "/companies", Reset: true, Times: 1}, set,
			change.Changed, ""},
		"cut short": {sandbox.Fault{Method: "POST", Path: "/companies", Truncate: true}, set, change.Changed, ""},
		"not listed yet": {sandbox.Fault{Method: "GET", Path: "/companies", Status: http.StatusNotFound}, set,
			change.Changed, ""},
		"refused": {sandbox.Fault{Method: "POST", Path: "/companies", Status: http.StatusBadRequest}, set, change.Failed,
			toolerr.InvalidArgument},
		"unread": {sandbox.Fault{Method: "GET", Path: "/companies", Status: http.StatusForbidden}, set, change.Unknown,
			toolerr.OutcomeUnknown},
		"impossible": {sandbox.Fault{Method: "PATCH"}, map[string]any{"wings": true}, change.Failed, toolerr.Internal},
	} {
		f := newFixture(t, sandboxOfFew)
		f.sandbox.AddFault(test.fault)
		c := f.applied(founding(test.set))
		got := c.Items[0]
		if got.Outcome != test.want || got.Code != string(test.code) ||
			(got.Created != "") != (test.want == change.Changed) || got.TargetID != got.Created {
			t.Errorf("%s: %+v", name, got)
		}
		if sent := f.routes()["POST /companies"]; sent != 1 && got.Outcome == change.Changed && name == "took effect" {
			t.Errorf("%s: it is sent %d times", name, sent)
		}
	}
}

// TestReconcileNewCompany looks for the company that an earlier process may have created.
func TestReconcileNewCompany(t *testing.T) {
	for name, test := range map[string]struct {
		there *intercom.CompanyWrite
		began time.Duration // after it came to be
		want  change.Outcome
		code  toolerr.Code
		drift string
	}{
		"none": {nil, 0, change.Pending, "", ""},
		"as it was sent": {&intercom.CompanyWrite{Name: intercom.Value("New Ltd")}, 0, change.Changed, "",
			"was created since"},
		"as it was sent, of old": {&intercom.CompanyWrite{Name: intercom.Value("New Ltd")}, time.Hour, change.Changed, "",
			"was created since"},
		"another's": {&intercom.CompanyWrite{Name: intercom.Value("Old Ltd")}, time.Hour, change.Failed,
			toolerr.ChangeStale, "was created since"},
		"changed since by others": {&intercom.CompanyWrite{Name: intercom.Value("Old Ltd")}, 0, change.Partly,
			toolerr.ChangeStale, "was created since"},
	} {
		f := newFixture(t, sandboxOfFew)
		a := f.applier(change.Item{}, founding(map[string]any{"name": "New Ltd"}))
		a.change.AppliedAt = time.Now().Add(test.began)
		if test.there != nil {
			test.there.CompanyID = intercom.Value("new-1")
			if _, err := f.client.Companies.Save(t.Context(), *test.there); err != nil {
				t.Fatal(err)
			}
		}
		r := (createCompany{}).reconcile(t.Context(), a, 1)
		if r.unsure != "" || r.recorded.Outcome != test.want || r.recorded.Code != string(test.code) {
			t.Errorf("%s: %+v", name, r)
		}
		if found := test.want == change.Changed || test.want == change.Partly; found != (r.recorded.Created != "") ||
			r.recorded.TargetID != r.recorded.Created {
			t.Errorf("%s: %+v", name, r)
		}
		if what, err := (createCompany{}).drift(t.Context(), a, &a.change.Items[1], seen{}); what != test.drift ||
			err != nil {
			t.Errorf("%s: drifted: %q, %v", name, what, err)
		}
		f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/companies", Status: http.StatusForbidden})
		if r := (createCompany{}).reconcile(t.Context(), a, 1); r.unsure == "" {
			t.Errorf("unreadable: %+v", r)
		}
		if what, err := (createCompany{}).drift(t.Context(), a, &a.change.Items[1], seen{}); what != "" || err == nil {
			t.Errorf("unreadable: %q, %v", what, err)
		}
	}
}

// TestDeleteCompany deletes a company, which Intercom does in its own time.
func TestDeleteCompany(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	acme := f.sandbox.Companies()[0].ID
	a := f.applier(change.Item{TargetID: acme, Patch: change.Patch{Op: change.DeleteCompany}},
		change.Item{TargetID: "63e35680c4f5a586566fffff", Patch: change.Patch{Op: change.DeleteCompany}})
	if r := (deleteCompany{}).reconcile(t.Context(), a, 0); r.unsure == "" {
		t.Errorf("there: %+v", r)
	}
	if r := (deleteCompany{}).reconcile(t.Context(), a, 1); r.unsure != "" || r.recorded.Outcome != change.Changed {
		t.Errorf("gone: %+v", r)
	}
	if r := (deleteCompany{}).send(t.Context(), a, 0); r.Outcome != change.Changed {
		t.Errorf("%+v", r)
	}
	if what, err := (deleteCompany{}).drift(t.Context(), a, &a.change.Items[0], seen{}); what != "" || err != nil {
		t.Errorf("%q, %v", what, err)
	}
}
