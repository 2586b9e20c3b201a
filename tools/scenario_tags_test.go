package tools

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/internal/engine"
	"intercom-mcp/tools/toolerr"
)

// TestTagDeletedMeanwhile writes a name and a tag that was deleted in Intercom while the list of tags was cached: the
// name is told as written, the tag as missing, the window counts, and undo puts the name back.
func TestTagDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		each      int // contacts of a call
		tool      string
		args      func(ids []string) object
		unasked   int // calls
		questions int
	}{
		"one by one": {1, "update_contact",
			func(ids []string) object { return object{"contact": ids[0], "set": taggedAlike(ids)["set"]} }, 25, 5},
		"in bulk": {10, "bulk_update_contacts", taggedAlike, 2, 1},
		"updates": {10, "bulk_update_contacts", taggedEach, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				u := &unwilling{world: w}
				w.tagGone()
				before := w.sandbox.Snapshot()
				for i := 0; i < 30; i += test.each {
					ids := w.people(i, test.each)
					w.tagGone()
					if !u.call(test.tool, test.args(ids)) {
						continue
					}
					w.nameOnly(u.unasked[len(u.unasked)-1], ids)
				}
				u.count(test.questions, test.unasked)
				u.undoAll()
				w.restored(before)
			})
		})
	}
}

// TestTagDeletedBeforeBulk does so with more contacts than are written one by one: a bulk job passes over the tag
// without a word, and ends the change.
func TestTagDeletedBeforeBulk(t *testing.T) {
	t.Parallel()
	for name, args := range map[string]func(ids []string) object{"one set": taggedAlike, "updates": taggedEach} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.do("list_tags", object{})
				w.sandbox.DeleteTag("Do not contact")
				before, ids := w.sandbox.Snapshot(), w.people(0, 40)
				receipt := w.agreed("bulk_update_contacts", args(ids))
				w.nameOnly(receipt, ids[:engine.TrialItems])
				if receipt["status"] != "stopped" || receipt["not_sent"] != float64(len(ids)-engine.TrialItems) {
					t.Errorf("receipt: %v", receipt)
				}
				w.agreed("undo_change", object{"change": receipt["change"]})
				w.restored(before)
			})
		})
	}
}

// TestTagDeletedAlone writes nothing but the deleted tag, which fails and counts for nothing.
func TestTagDeletedAlone(t *testing.T) {
	w := newWorld(t)
	w.do("list_tags", object{})
	w.sandbox.DeleteTag("Do not contact")
	before, ids := w.sandbox.Snapshot(), w.people(0, 5)
	receipt := decoded(t, w.try("tag_contacts", object{"contacts": ids, "tag": "Do not contact"}))
	if receipt["status"] != "failed" || receipt["failed"] != 5.0 {
		t.Errorf("receipt: %v", receipt)
	}
	w.restored(before)
}

// tagGone has the list of tags cached with the tag, which is deleted in Intercom then.
func (w *world) tagGone() {
	w.t.Helper()
	if _, err := w.client.Tags.Create(w.t.Context(), "Do not contact"); err != nil {
		w.t.Fatal(err)
	}
	w.do("list_tags", object{})
	if !w.sandbox.DeleteTag("Do not contact") {
		w.t.Fatal("no such tag")
	}
}

// taggedAlike are the arguments that give contacts a name and the tag.
func taggedAlike(ids []string) object {
	return object{"contacts": ids, "set": object{"name": "X", "add_tags": []string{"Do not contact"}}}
}

// taggedEach are those that give each contact a name of its own.
func taggedEach(ids []string) object {
	var list []object
	for i, id := range ids {
		list = append(list,
			object{"contact": id, "set": object{"name": fmt.Sprintf("X%d", i), "add_tags": []string{"Do not contact"}}})
	}
	return object{"updates": list}
}

// nameOnly holds that contacts got a name and no tag, and that a change tells so of each.
func (w *world) nameOnly(receipt object, ids []string) {
	w.t.Helper()
	if receipt["partly"] != float64(len(ids)) {
		w.t.Errorf("receipt: %v", receipt)
	}
	outcomes := w.outcomes(receipt)
	for _, id := range ids {
		c, _ := w.sandbox.Contact(id)
		if !strings.HasPrefix(c.Name, "X") || w.hasTag(c, "Do not contact") {
			w.t.Errorf("it holds %+v", c)
		}
		if got := outcomes[id]; len(got) == 0 || got[0] != "partly" || !strings.Contains(got[1], "Do not contact") {
			w.t.Errorf("%s: %v", id, got)
		}
	}
}

// TestUndoInPart undoes what cannot be put back everywhere: the change is not undone before no contact keeps the value.
func TestUndoInPart(t *testing.T) {
	w := newWorld(t)
	people := w.people(0, 3)
	before := w.sandbox.Snapshot()
	w.sandbox.FailContact(people[0], "odd", "Odd")
	receipt := decoded(t, w.try("bulk_update_contacts", rename(people, "X")))
	handle := receipt["change"].(string)
	if receipt["status"] != "partial" || receipt["changed"] != 2.0 || receipt["failed"] != 1.0 {
		t.Errorf("receipt: %v", receipt)
	}
	w.sandbox.FailContact(people[0], "", "")
	w.sandbox.FailContact(people[1], "odd", "Odd")
	undone := decoded(t, w.try("undo_change", object{"change": handle}))
	if undone["changed"] != 1.0 || undone["failed"] != 1.0 || w.status(handle) != "partial" {
		t.Errorf("receipt: %v; the change is %s", undone, w.status(handle))
	}
	w.sandbox.FailContact(people[1], "", "")
	if undone := w.do("undo_change", object{"change": handle}); undone["changed"] != 1.0 || w.status(handle) != "undone" {
		t.Errorf("receipt: %v; the change is %s", undone, w.status(handle))
	}
	w.restored(before)
}

// TestUndoUnknown undoes a write that could not be read back.
func TestUndoUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(interceptor)
		w := newWorld(t, intercepted(m))
		ann := w.user(0).ID
		before := w.sandbox.Snapshot()
		var mend func()
		m.arm(0, func() { mend = w.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: 500}) })
		err := w.refused(toolerr.OutcomeUnknown, "update_contact", object{"contact": ann, "set": object{"name": "X"}})
		mend()
		if c, _ := w.sandbox.Contact(ann); c.Name != "X" {
			t.Errorf("it is called %q", c.Name)
		}
		w.do("undo_change", object{"change": err.Data["change"]})
		w.restored(before)
	})
}

// TestTagGoneMeanwhile deletes a tag behind the cached list's back: once Intercom does not know it, it is not tried
// again.
func TestTagGoneMeanwhile(t *testing.T) {
	for tool, fault := range map[string]sandbox.Fault{
		"tag_contacts":   {Method: "POST", Path: "/contacts/*/tags"},
		"untag_contacts": {Method: "DELETE", Path: "/contacts/*/tags/*"},
	} {
		t.Run(tool, func(t *testing.T) {
			w := newWorld(t)
			contact := w.people(0, 1)[0]
			tag, err := w.client.Tags.Create(t.Context(), "Short-lived")
			if err != nil {
				t.Fatal(err)
			}
			if tool == "untag_contacts" {
				if _, err := w.client.Contacts.AddTag(t.Context(), contact, tag.ID); err != nil {
					t.Fatal(err)
				}
			}
			w.do("list_tags", object{})
			fault.Status, fault.Times = 404, 1
			w.sandbox.AddFault(fault)
			args := object{"contacts": []string{contact}, "tag": "Short-lived"}
			w.refused(toolerr.NotFound, tool, args)
			if err := w.client.Tags.Delete(t.Context(), tag.ID); err != nil {
				t.Fatal(err)
			}
			if listed := fmt.Sprint(w.do("list_tags", object{})); strings.Contains(listed, "Short-lived") {
				t.Error("it is listed:", listed)
			}
			w.refused(toolerr.UnknownTag, tool, args)
		})
	}
}
