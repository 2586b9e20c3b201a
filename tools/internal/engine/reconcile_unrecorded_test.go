package engine

import (
	"errors"
	"net/http"
	"testing"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestReconcileUnrecorded tells of outcomes that cannot be recorded, and of images that cannot be taken.
func TestReconcileUnrecorded(t *testing.T) {
	for _, n := range []int{2, 20} {
		f := newFixture(t, sandbox.Options{Contacts: 200})
		items := f.renamings(n)
		a := f.applier(items...)
		f.rename("Renamed", items[1:]...)
		a.store = failing{f.store}
		rc := newReconciler(a)
		if err := rc.reconcile(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("%d: %v", n, err)
		}
		if err := rc.eventually(t.Context()); !errors.Is(err, change.ErrUnavailable) {
			t.Errorf("%d: %v", n, err)
		}
	}
	f := newFixture(t, sandboxOfFew)
	tag := f.tagged(t, 1)
	item := f.renaming(0)
	item.Patch.AddTags = refs(tag)
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*/tags", Status: http.StatusForbidden})
	rc := newReconciler(f.applier(item))
	if err := rc.reconcile(t.Context()); err == nil {
		t.Error("its tags cannot be read")
	}
}
