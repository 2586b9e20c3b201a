package engine

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestMerge merges a lead into a user, whoever else does meanwhile, and wherever.
func TestMerge(t *testing.T) {
	const route = "/contacts/merge"
	byHand := func(f *fixture, from, into string) {
		if _, err := f.byHand().Contacts.Merge(context.Background(),
			intercom.Merge{From: from, Into: into, SkipDuplicateCheck: true}); err != nil {
			f.t.Error(err)
		}
	}
	for name, test := range map[string]struct {
		fault     sandbox.Fault
		before    string // merged there before it is sent
		lostThen  string // merged there, or deleted, when its answer is lost
		want      change.Outcome
		code      toolerr.Code
		reconcile change.Outcome // when it is taken up after that
	}{
		"merged": {sandbox.Fault{Method: "PATCH"}, "", "", change.Changed, "", change.Changed},
		"took effect": {sandbox.Fault{Method: "POST", Path: route, ResetAfter: true}, "", "", change.Changed, "",
			change.Changed},
		"took none": {sandbox.Fault{Method: "POST", Path: route, Reset: true}, "", "", change.Unknown,
			toolerr.OutcomeUnknown, change.Pending},
		"refused": {sandbox.Fault{Method: "POST", Path: route, Status: http.StatusBadRequest}, "", "",
			change.Failed, toolerr.InvalidArgument, change.Pending},
		"merged by another": {sandbox.Fault{Method: "PATCH"}, "into", "", change.Unchanged, "", change.Changed},
		"merged elsewhere": {sandbox.Fault{Method: "PATCH"}, "elsewhere", "", change.Failed, toolerr.Merged,
			change.Failed},
		"lost, then elsewhere": {sandbox.Fault{Method: "POST", Path: route, Reset: true, Times: 1}, "", "elsewhere",
			change.Failed, toolerr.Merged, change.Failed},
		"lost, then by another": {sandbox.Fault{Method: "POST", Path: route, Reset: true, Times: 1}, "", "into",
			change.Changed, "", change.Changed},
		"refused, yet merged": {sandbox.Fault{Method: "POST", Path: route, Status: http.StatusBadRequest, Times: 1}, "",
			"into", change.Failed, toolerr.InvalidArgument, change.Changed},
		"lost, then deleted": {sandbox.Fault{Method: "POST", Path: route, Reset: true, Times: 1}, "", "deleted",
			change.Failed, toolerr.NotFound, change.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			var f *fixture
			var lead, into, elsewhere string
			lost := false
			f = newFixture(t, sandboxOfFew, func(_ context.Context, x intercom.Exchange) {
				if lost || test.lostThen == "" || x.Route != route || x.Err == nil && x.Status != http.StatusBadRequest {
					return
				}
				lost = true
				switch test.lostThen {
				case "into":
					byHand(f, lead, into)
				case "elsewhere":
					byHand(f, lead, elsewhere)
				default:
					if err := f.byHand().Contacts.Delete(context.Background(), lead); err != nil {
						t.Error(err)
					}
				}
			})
			lead, into, elsewhere = f.lead().ID, f.user(0).ID, f.user(1).ID
			if test.before == "into" {
				byHand(f, lead, into)
			} else if test.before != "" {
				byHand(f, lead, elsewhere)
			}
			f.sandbox.AddFault(test.fault)
			item := change.Item{TargetID: lead, Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: into}}}
			if got := f.applied(item).Items[0]; got.Outcome != test.want || got.Code != string(test.code) {
				t.Errorf("%+v", got)
			}
			a := f.applier(change.Item{}, item)
			r := (merge{}).reconcile(t.Context(), a, 1)
			if r.unsure != "" || r.recorded.Outcome != test.reconcile || r.recorded.Outcome != change.Pending &&
				r.recorded.Index != 1 {
				t.Errorf("resumed: %+v", r)
			}
			f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
			if r := (merge{}).reconcile(t.Context(), a, 1); r.unsure == "" {
				t.Errorf("unreadable: %+v", r)
			}
		})
	}
}

// TestMergedByHistory finds in the history of the contact that stays what the error does not tell: where a lead went.
func TestMergedByHistory(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	lead, ann := f.lead().ID, f.user(0).ID
	away := upstream(http.StatusNotFound, "gone")
	a := f.applier(change.Item{},
		change.Item{TargetID: lead, Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: ann}}})
	if r := (merge{}).whereTo(t.Context(), a, 1, away); r.Index != 1 || r.Outcome != change.Failed || r.Reason != "gone" {
		t.Errorf("%+v", r)
	}
	if _, err := f.client.Contacts.Merge(t.Context(), intercom.Merge{From: lead, Into: ann}); err != nil {
		t.Fatal(err)
	}
	if r := (merge{}).whereTo(t.Context(), a, 1, away); r.Index != 1 || r.Outcome != change.Changed {
		t.Errorf("%+v", r)
	}
}

// TestMergedUnread cannot tell where a lead went that is gone.
func TestMergedUnread(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	a := f.applier(change.Item{TargetID: f.lead().ID,
		Patch: change.Patch{Op: change.Merge, Into: &change.Ref{ID: f.user(0).ID}}})
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/merge_history", Status: http.StatusForbidden})
	r := (merge{}).whereTo(t.Context(), a, 0, upstream(http.StatusNotFound, "gone"))
	if r.Outcome != change.Unknown || r.Facts["check_with"] != "get_contact" {
		t.Errorf("%+v", r)
	}
}

// TestCreateTag creates a tag, or finds it there. Its undo leaves the tag.
func TestCreateTag(t *testing.T) {
	t.Parallel()
	creating := change.Item{Label: "Gold", Patch: change.Patch{Op: change.CreateTag, Set: map[string]any{"name": "Gold"}}}
	for name, test := range map[string]struct {
		fault   sandbox.Fault
		want    change.Outcome
		created bool
	}{
		"created":     {sandbox.Fault{Method: "PATCH"}, change.Changed, true},
		"took effect": {sandbox.Fault{Method: "POST", Path: "/tags", ResetAfter: true}, change.Changed, false},
		"took none":   {sandbox.Fault{Method: "POST", Path: "/tags", Reset: true}, change.Unknown, false},
		"refused":     {sandbox.Fault{Method: "POST", Path: "/tags", Status: http.StatusBadRequest}, change.Failed, false},
	} {
		f := newFixture(t, sandboxOfFew)
		f.sandbox.AddFault(test.fault)
		got := f.applied(creating).Items[0]
		if (got.Created != "") != test.created || (got.TargetID != "") != (test.want == change.Changed) || test.created &&
			got.TargetID != got.Created ||
			got.Outcome != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	f := newFixture(t, sandboxOfFew)
	a := f.applier(creating)
	if r := (createTag{}).reconcile(t.Context(), a, 0); r.unsure != "" || r.recorded.Outcome != change.Pending {
		t.Errorf("not there: %+v", r)
	}
	c := f.applied(creating)
	tag := c.Items[0].TargetID
	if r := (createTag{}).reconcile(t.Context(), a, 0); r.recorded.Outcome != change.Changed ||
		r.recorded.TargetID != tag || r.recorded.Created != "" {
		t.Errorf("there: %+v", r)
	}
	if id, err := tagNamed(t.Context(), a, "gOLD"); id != tag || err != nil {
		t.Errorf("of another case: %q, %v", id, err)
	}
	undo, err := f.planUndo(c)
	if err != nil || len(undo.Items) > 0 || len(undo.Conflicts) != 1 ||
		!strings.HasPrefix(undo.Conflicts[0], "Gold: a tag that was created is not deleted") {
		t.Errorf("%+v, %v", undo, err)
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/tags", Status: http.StatusForbidden})
	if r := (createTag{}).reconcile(t.Context(), a, 0); r.unsure == "" {
		t.Errorf("unreadable: %+v", r)
	}
}

// TestVanish archives, brings back and deletes contacts, blocks one, and deletes a tag: each is read back, and not sent
// again when it was done before.
func TestVanish(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	tag, err := f.client.Tags.Create(t.Context(), "Short-lived")
	if err != nil {
		t.Fatal(err)
	}
	ann, bob := f.user(0).ID, f.user(1).ID
	for _, test := range []struct {
		op    change.Operation
		id    string
		wants change.Outcome // when it is taken up after that
		sure  bool
	}{
		{change.Archive, ann, change.Changed, true}, {change.Unarchive, ann, change.Changed, true},
		{change.Block, ann, change.Pending, false},
		{change.Delete, bob, change.Changed, true}, {change.DeleteTag, tag.ID, change.Changed, true},
	} {
		item := change.Item{TargetID: test.id, Patch: change.Patch{Op: test.op}}
		a := f.applier(change.Item{}, item)
		op := operationOf(item.Patch)
		if r := op.reconcile(t.Context(), a, 1); r.recorded.Outcome != change.Pending || (r.unsure == "") != test.sure {
			t.Errorf("%s, not sent: %+v", test.op, r)
		}
		if test.op != change.Unarchive && test.op != change.DeleteTag {
			now, err := f.client.Contacts.Get(t.Context(), test.id)
			if what, err2 := op.drift(t.Context(), a, &item, seen{&now, false}); err != nil || err2 != nil || what != "" {
				t.Errorf("%s drifted: %q, %v", test.op, what, err2)
			}
			absent := item
			absent.TargetID = "63e35680c4f5a586566fffff"
			if what, err := op.drift(t.Context(), a, &absent, seen{}); what != isHidden || err != nil {
				t.Errorf("%s, gone: %q, %v", test.op, what, err)
			}
		}
		if c := f.applied(item); c.Status != change.StatusApplied || c.Items[0].Outcome != change.Changed {
			t.Errorf("%s: %+v", test.op, c.Items[0])
		}
		if r := op.reconcile(t.Context(), a, 1); r.recorded.Outcome != test.wants || (r.unsure == "") != test.sure {
			t.Errorf("%s, sent: %+v", test.op, r)
		}
	}
	if c, _ := f.sandbox.Contact(ann); c.Archived || !c.Blocked {
		t.Errorf("%+v", c)
	}
}
