package tools

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
	"intercom-mcp/tools/toolerr"
)

// TestErase removes one contact from all that is kept, whatever was done to it, and leaves the others: no byte of its
// values is in the file any more, the trail verifies, and what is left can be read and undone.
func TestErase(t *testing.T) {
	path := stateFile(t)
	store, err := sqlite.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	w := newWorld(t, inMode(policy.ModeFull), func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		p := *c.Policy()
		p.Audit.Values = true
		c.Policy, c.Store = policy.Always(&p), store
	})
	ann, ben, carol := w.user(0), w.user(1), w.user(2)
	secrets := []string{ann.Email, ann.Name, "Renamed Person", "Called about the invoice", "ann@elsewhere.example",
		"+15005550006"}
	w.do("create_contact", object{"set": object{"role": "user", "name": "allow", "email": "local@example.com"}})
	w.do("add_note", object{"contact": carol.ID, "body": "Referred by " + ann.Email})
	single := w.do("update_contact", object{"contact": ann.ID, "set": object{"name": "Renamed Person"}})["change"].(string)
	both := w.do("tag_contacts", object{"contacts": []string{ann.ID, ben.ID}, "tag": "VIP"})["change"]
	bulk := w.do("bulk_update_contacts", object{"contacts": []string{ann.ID, ben.ID},
		"set": object{"custom_attributes": object{"plan": "enterprise"}}})["change"].(string)
	w.do("add_note", object{"contact": ann.ID, "body": "Called about the invoice"})
	moved := object{"contact": ann.ID, "set": object{"email": "ann@elsewhere.example"}}
	w.asked("update_contact", moved, Accept)
	// a question that waits
	w.try("update_contact", object{"contact": ann.ID, "set": object{"email": "ann@third.example"}}, canAsk)
	declined := object{"contact": ann.ID, "set": object{"phone": "+15005550006"}}
	w.try("update_contact", declined, canAsk)
	ask := w.question("update_contact", declined)
	w.try("update_contact", declined, answering(ask.Change, ask.Binding, Decline))

	operator := change.Actor{By: "ops", Level: policy.LevelUser, Method: "command"}
	if _, err := store.Erase(t.Context(), ann.Email, operator); !errors.Is(err, change.ErrInUse) {
		t.Errorf("while one waits: %v", err)
	}
	waiting, err := store.List(t.Context(), "local", change.Query{Status: change.StatusAwaiting, Limit: 9})
	if err != nil || len(waiting) == 0 {
		t.Fatal(len(waiting), err)
	}
	for i := range waiting {
		w.do("cancel_change", object{"change": waiting[i].Change.ID})
	}
	if _, err := store.Erase(t.Context(), "nobody@example.com", operator); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
	done, err := store.Erase(t.Context(), strings.ToUpper(ann.Email), operator)
	if err != nil || len(done.IDs) != 1 || done.IDs[0] != ann.ID || done.Changes < 6 || done.Events < 6 {
		t.Fatalf("%+v, %v", done, err)
	}
	if len(done.Mentioned) != 1 {
		t.Errorf("%v name the person yet", done.Mentioned)
	}
	also, err := store.Erase(t.Context(), carol.ID, operator) // whose note names her
	if err != nil {
		t.Error(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		body, _ := os.ReadFile(path + suffix)
		for _, secret := range secrets {
			if bytes.Contains(bytes.ToLower(body), bytes.ToLower([]byte(secret))) {
				t.Errorf("%q is in the file%s", secret, suffix)
			}
		}
	}
	if found, err := store.VerifyAudit(t.Context()); err != nil || found.Erased != done.Events+also.Events {
		t.Errorf("%+v, %v", found, err)
	}
	w.refused(toolerr.ChangeUsed, "undo_change", object{"change": single})
	w.do("get_change", object{"change": single})
	if rows := w.do("get_change", object{"change": both}); !strings.Contains(fmt.Sprint(rows), ben.Email) {
		t.Errorf("%v", rows)
	}
	undone := w.do("undo_change", object{"change": bulk})
	if !strings.Contains(fmt.Sprint(undone), "erased") || undone["changed"] != 1.0 {
		t.Errorf("%v", undone)
	}
	if done, err := store.Erase(t.Context(), ben.ID, operator); err != nil || done.Changes == 0 {
		t.Errorf("another one: %+v, %v", done, err)
	}
	if _, err := store.VerifyAudit(t.Context()); err != nil {
		t.Error(err)
	}
}
