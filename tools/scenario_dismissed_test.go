package tools

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/tools/toolerr"
)

// A question that nobody answered until the very moment at which the change
// expires says so, in place of a time to come that has passed.
func TestDismissedWhenItExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		args := object{"contact": w.people(0, 1)[0], "set": object{"email": "new@acme.com"}}
		ask := w.question("update_contact", args)
		time.Sleep(time.Until(ask.Expires))
		w.refused(toolerr.ChangeExpired, "update_contact", args, answering(ask.Change, ask.Binding, Cancel))
		if status := w.status(ask.Change); status != "expired" {
			t.Errorf("the change is %s", status)
		}
		w.idle()
	})
}

// A question that is dismissed after the same change was confirmed elsewhere
// says what became of it.
func TestDismissedAfterAnotherAnswer(t *testing.T) {
	w := newWorld(t)
	args := object{"contact": w.people(0, 1)[0], "set": object{"email": "new@acme.com"}}
	ask := w.question("update_contact", args)
	w.do("update_contact", args, answering(ask.Change, ask.Binding, Accept))
	receipt := w.do("update_contact", args, answering(ask.Change, ask.Binding, Cancel))
	if receipt["status"] != "applied" || receipt["note"] != nil {
		t.Errorf("answered %s", fmt.Sprint(receipt))
	}
}
