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
	who := w.lead().Email
	want := "2 problems. contact " + who + ", also[0] " + who + ": Intercom would refuse the merge"
	if !strings.HasPrefix(strangers.Message, want) {
		t.Errorf("%s, want %s", strangers.Message, want)
	}
	for _, says := range []string{"contact: No contact has",
		"also[0] " + who + ": Intercom would refuse the merge: the two share no e-mail", "also[1]: "} {
		if !strings.Contains(bad.Error(), says) {
			t.Errorf("%v: it does not say %s", bad, says)
		}
	}
}

// TestMergeSeveralRefused names each of several contacts that cannot be merged, with its reason.
func TestMergeSeveralRefused(t *testing.T) {
	for name, test := range map[string]struct {
		options []worldOption
		want    []string
	}{
		"shown": {nil, []string{"contact lone@one.example, also[1] lone@two.example: Intercom would refuse the merge: " +
			"the two share no e-mail", "also[2] ", ": contact and into are the same contact."}},
		"masked": {[]worldOption{masking("email")},
			[]string{"also[1] l***@two.example", ": contact and into are the same contact."}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, append([]worldOption{inMode(policy.ModeFull)}, test.options...)...)
			good, user := w.twins()
			var leads []string
			for _, email := range []string{"lone@one.example", "lone@two.example"} {
				lead := w.do("create_contact", object{"set": object{"role": "lead", "email": email}})["created"].(string)
				leads = append(leads, lead)
			}
			args := object{"contact": leads[0], "also": []string{good, leads[1], user}, "into": user}
			told := w.refused(toolerr.InvalidArgument, "merge_contacts", args, canAsk).Error()
			for _, want := range append(test.want, "3 problems") {
				if !strings.Contains(told, want) {
					t.Errorf("%q is not in %s", want, told)
				}
			}
			if masked := name == "masked"; masked && strings.Contains(told, "lone@") {
				t.Error(told)
			}
			into := object{"contact": leads[0], "into": leads[1]}
			if told := w.try("merge_contacts", into, byHand).Err.Error(); strings.Contains(told, "tell the user") {
				t.Errorf("by hand: %s", told)
			}
		})
	}
}

// TestMergeNamesEachUnknown names both contacts of a merge that are not known.
func TestMergeNamesEachUnknown(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	told := w.refused(toolerr.NotFound, "merge_contacts", object{"contact": "a@nowhere.example",
		"also": []string{"b@nowhere.example"}, "into": "c@nowhere.example"}, canAsk).Error()
	for _, want := range []string{"3 problems", `contact "a@nowhere.example"`, `also[0] "b@nowhere.example"`,
		`into "c@nowhere.example"`} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in %s", want, told)
		}
	}
}
