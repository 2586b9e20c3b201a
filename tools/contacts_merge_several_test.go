package tools

import (
	"strings"
	"testing"

	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// TestMergeSeveral merges leads into one user in their order: what the first one gives the user stays, and the preview
// says so, field by field.
func TestMergeSeveral(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	first, user := w.twins()
	second := w.do("create_contact", object{"set": object{"role": "lead", "email": "merge@ex.io", "name": "Second",
		"phone": "+353867654321"}})["created"].(string)
	args := object{"contact": first, "also": []string{second}, "into": user, "preview": true}
	waits := w.do("merge_contacts", args, canAsk)
	preview, _ := waits["preview"].(string)
	at := 0
	for _, line := range []string{
		"Lead merge@ex.io (" + first + "):\n", "phone: \"+353861234567\" is taken over\n", "1 note moves\n",
		"Lead merge@ex.io (" + second + "):\n", "phone: \"+353867654321\" is discarded, \"+353861234567\" stays\n",
	} {
		next := strings.Index(preview[at:], line)
		if next < 0 {
			t.Fatalf("%s\nlacks, from %d on, %s", preview, at, line)
		}
		at += next
	}
	if receipt := w.asked("confirm_change", object{"change": waits["change"]}, Accept); receipt["changed"] != 2.0 {
		t.Fatal(receipt)
	}
	kept, _ := w.sandbox.Contact(user)
	for _, id := range []string{first, second} {
		if gone, _ := w.sandbox.Contact(id); gone.MergedInto != user {
			t.Errorf("%s was not merged: %+v", id, gone)
		}
	}
	if kept.Phone != "+353861234567" || kept.Name != "User Name" {
		t.Errorf("%+v", kept)
	}

	bad := w.refused(toolerr.InvalidArgument, "merge_contacts", object{"contact": "nobody@nowhere.example",
		"also": []string{w.lead().ID, "no reference"}, "into": user}, canAsk)
	strangers := w.refused(toolerr.InvalidArgument, "merge_contacts", object{"contact": w.lead().ID,
		"also": []string{w.lead().ID}, "into": user}, canAsk)
	want := "2 problems. contact, also[0]: Intercom would refuse the merge"
	if !strings.HasPrefix(strangers.Message, want) {
		t.Errorf("%s, want %s", strangers.Message, want)
	}
	for _, says := range []string{"contact: No contact has",
		"also[0]: Intercom would refuse the merge: the two share no e-mail", "also[1]: "} {
		if !strings.Contains(bad.Error(), says) {
			t.Errorf("%v: it does not say %s", bad, says)
		}
	}
}
