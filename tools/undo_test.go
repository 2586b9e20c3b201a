package tools

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
	"intercom-mcp/tools/toolerr"
)

// TestUndo puts back what each writing tool wrote: afterwards the workspace
// is as it was, and undoing the undo brings the change back.
func TestUndo(t *testing.T) {
	t.Parallel()
	writes := map[string]func(w *world) (string, object){
		"fields, attributes, tags and companies": func(w *world) (string, object) {
			return "update_contact", object{"contact": w.user(0).ID, "set": object{
				"name": "Another Name", "phone": "", "email": "another@example.com", "custom_attributes": object{"plan": "pro",
					"seats": 9007199254740993},
				"add_tags": []string{"VIP"}, "add_companies": []string{"company_id:acme"}}}
		},
		"a bulk update": func(*world) (string, object) { return "bulk_update_contacts", moveTrials },
		"tags taken off": func(w *world) (string, object) {
			return "untag_contacts", object{"contacts": w.tagged("VIP", 3), "tag": "VIP"}
		},
		"tags put on": func(w *world) (string, object) {
			return "tag_contacts", object{"contacts": []string{w.user(0).ID, w.user(1).ID}, "tag": "Churned"}
		},
	}
	for name, write := range writes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				before := w.sandbox.Snapshot()
				tool, args := write(w)
				receipt := w.agreed(tool, args)
				after := w.sandbox.Snapshot()
				if string(before) == string(after) {
					t.Fatal("the write changed nothing")
				}
				undone := w.agreed("undo_change", object{"change": receipt["change"]})
				if diff := cmp.Diff(string(before), string(w.sandbox.Snapshot())); diff != "" {
					t.Errorf("after undoing (-before +now):\n%.2000s", diff)
				}
				if status := w.do("get_change", object{"change": receipt["change"]})["status"]; status != "undone" {
					t.Errorf("the change is %v", status)
				}
				w.refused(toolerr.ChangeUsed, "undo_change", object{"change": receipt["change"]})
				w.agreed("undo_change", object{"change": undone["change"]})
				if diff := cmp.Diff(string(after), string(w.sandbox.Snapshot())); diff != "" {
					t.Errorf("after undoing the undo (-then +now):\n%.2000s", diff)
				}
			})
		})
	}
}

// agreed makes a write, with the user's consent where it is asked for.
func (w *world) agreed(tool string, args object) object {
	w.t.Helper()
	if first := w.try(tool, args, func(c *Call) { c.CanAsk = true }); first.Ask != nil {
		answer := &Answer{Change: first.Ask.Change, Binding: first.Ask.Binding, Action: Accept}
		return w.do(tool, args, func(c *Call) { c.CanAsk, c.Answer = true, answer })
	} else if first.Err != nil {
		w.t.Fatalf("%s: %v", tool, first.Err)
	} else {
		var receipt object
		if err := json.Unmarshal(first.JSON, &receipt); err != nil {
			w.t.Fatal(err)
		}
		return receipt
	}
	return nil
}

// tagged lists the ids of n contacts with a tag.
func (w *world) tagged(name string, n int) []string {
	w.t.Helper()
	var ids []string
	for _, tag := range w.sandbox.Tags() {
		for _, c := range w.sandbox.Contacts() {
			if tag.Name == name && slices.Contains(c.TagIDs, tag.ID) && !c.Archived && c.MergedInto == "" && !c.Blocked &&
				len(ids) < n {
				ids = append(ids, c.ID)
			}
		}
	}
	if len(ids) < n {
		w.t.Fatalf("only %d contacts are tagged %s", len(ids), name)
	}
	return ids
}

// TestUndoCreate archives what was created, and brings it back.
func TestUndoCreate(t *testing.T) {
	w := newWorld(t)
	created := w.do("create_contact", object{"set": object{"email": "new@example.com"}})
	undone := w.do("undo_change", object{"change": created["change"]})
	if c, _ := w.sandbox.Contact(created["created"].(string)); !c.Archived {
		t.Error("the created contact is not archived")
	}
	w.do("undo_change", object{"change": undone["change"]})
	if c, _ := w.sandbox.Contact(created["created"].(string)); c.Archived {
		t.Error("the contact is still archived")
	}
}

// TestUndoConflict leaves alone what somebody else changed since.
func TestUndoConflict(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.user(0), w.user(1)
	receipt := w.do("bulk_update_contacts", object{"contacts": []string{ann.ID, bob.ID}, "set": object{"name": "Robot"}})
	w.do("update_contact", object{"contact": ann.ID, "set": object{"name": "Ann Herself"}})
	w.do("undo_change", object{"change": receipt["change"]})
	for id, want := range map[string]string{ann.ID: "Ann Herself", bob.ID: bob.Name} {
		if c, _ := w.sandbox.Contact(id); c.Name != want {
			t.Errorf("name %q, want %q", c.Name, want)
		}
	}
	note := w.do("add_note", object{"contact": ann.ID, "body": "Hello"})
	if refusal := w.refused(toolerr.ChangeUsed, "undo_change",
		object{"change": note["change"]}); !strings.Contains(refusal.Message, "cannot delete notes") {
		t.Error(refusal)
	}
}

// TestUndoPurged puts back a change that the store forgets meanwhile.
func TestUndoPurged(t *testing.T) {
	w := newWorld(t, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = change.NewMemory(1) })
	first := w.do("update_contact", object{"contact": w.user(0).ID, "set": object{"name": "Renamed"}})
	if undone := w.do("undo_change", object{"change": first["change"]}); undone["status"] != "applied" {
		t.Errorf("receipt: %v", undone)
	}
}

// TestUndoOfNothing says in plain words why there is nothing to put back, whatever the status.
func TestUndoOfNothing(t *testing.T) {
	for _, status := range change.Statuses() {
		c := &change.Change{Status: status,
			Items: []change.Item{{Outcome: change.Failed, Failure: change.Failure{Code: string(toolerr.InvalidArgument)}}}}
		want := "The change ended as " + string(status) + ": it wrote nothing that could be put back."
		switch status {
		case change.StatusAwaiting:
			want = "The change waits for its confirmation: it wrote nothing that could be put back."
		case change.StatusApproved, change.StatusApplying:
			want = "The change is still being applied."
		case change.StatusUndone:
			want = "The change was undone before."
		}
		if refused := undoable(c); refused == nil || refused.Message != want {
			t.Errorf("%s: %v, want %q", status, refused, want)
		}
	}
}

// TestUndoOfFailed refuses to undo what failed, as what wrote nothing.
func TestUndoOfFailed(t *testing.T) {
	w := newWorld(t)
	w.sandbox.FailContact(w.user(0).ID, "parameter_invalid", "no")
	failed := w.refused(toolerr.InvalidArgument, "update_contact",
		object{"contact": w.user(0).ID, "set": object{"name": "X"}})
	err := w.refused(toolerr.ChangeUsed, "undo_change", object{"change": failed.Data["change"]})
	if want := "The change ended as failed: it wrote nothing that could be put back."; err.Message != want {
		t.Errorf("%q, want %q", err.Message, want)
	}
}
