package tools

import (
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools/toolerr"
)

// twins makes a lead and a user that share an e-mail.
func (w *world) twins() (lead, user string) {
	w.t.Helper()
	lead = w.do("create_contact", object{"set": object{"role": "lead", "email": "merge@ex.io", "name": "Lead Name",
		"phone": "+353861234567", "add_companies": []string{"Acme Inc"}}})["created"].(string)
	user = w.do("create_contact",
		object{"set": object{"email": "merge@ex.io", "name": "User Name", "external_id": "merge-1"}})["created"].(string)
	w.do("add_note", object{"contact": lead, "body": "Called."})
	return lead, user
}

// TestMergePreview reads what a person is asked before a merge: who goes, who
// stays, and what is lost.
func TestMergePreview(t *testing.T) {
	for name, test := range map[string]struct {
		options []worldOption
		want    []string
	}{
		"with Intercom's preview": {nil, []string{
			"\n  lead merge@ex.io (LEAD)  merge into user merge@ex.io (USER)\n",
			"\nname: \"Lead Name\" is discarded, \"User Name\" stays\n", "\nphone: \"+353861234567\" is taken over\n",
			"\ncompanies: together [\"Acme Inc\"]\n", "\n1 note moves\n",
		}},
		"without": {[]worldOption{withSandbox(func(o *sandbox.Options) { o.NoPreview = true })}, []string{
			"\n  lead merge@ex.io (LEAD)  merge into user merge@ex.io (USER)\n",
			"\nThe lead merge@ex.io (LEAD) disappears, and the user merge@ex.io (USER) stays: it keeps its own values, takes " +
				"over what it lacks",
		}},
		"masked": {[]worldOption{masking("name", "email", "phone")}, []string{
			"\n  lead m***@ex.io (LEAD)  merge into user m***@ex.io (USER)\n",
			"\nname: \"L***\" is discarded, \"U***\" stays\n", "\nphone: \"+***\" is taken over\n",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, append([]worldOption{inMode(policy.ModeFull)}, test.options...)...)
			lead, user := w.twins()
			asked := w.try("merge_contacts", object{"contact": lead, "into": user}, canAsk)
			if asked.Ask == nil {
				t.Fatalf("%s %v", asked.JSON, asked.Err)
			}
			for _, want := range test.want {
				if want = strings.NewReplacer("LEAD", lead, "USER", user).Replace(want); !strings.Contains(asked.Ask.Message,
					want) {
					t.Errorf("%s\nlacks %s", asked.Ask.Message, want)
				}
			}
		})
	}
}

// TestStrangers merges contacts that share nothing: no version plans it.
func TestStrangers(t *testing.T) {
	for _, version := range []string{"2.10", "2.15", "2.16", "Preview"} {
		for _, without := range []bool{false, version != "Preview"} {
			w := newWorld(t, inMode(policy.ModeFull), inVersion(version),
				withSandbox(func(o *sandbox.Options) { o.NoPreview = without }))
			lead, _ := w.twins()
			stranger := w.do("create_contact", object{"set": object{"email": "stranger@ex.io"}})["created"].(string)
			got := w.refused(toolerr.InvalidArgument, "merge_contacts", object{"contact": lead, "into": stranger}, canAsk)
			if want := "the two share no e-mail and no phone. Choose contacts that share"; !strings.Contains(got.Error(), want) {
				t.Errorf("%s: %v", version, got)
			}
			phoned := w.do("create_contact",
				object{"set": object{"email": "other@ex.io", "phone": "+353861234567"}})["created"].(string)
			w.asked("merge_contacts", object{"contact": lead, "into": phoned}, Accept)
		}
	}
}

// TestMergeOfUsers merges a user into another one where Intercom's preview allows it, whatever the client's version is,
// and plans none where the preview refuses it, where the rollout has not come, and where there is no preview.
func TestMergeOfUsers(t *testing.T) {
	const twoUsers = "Only a lead can be merged into a user; these are two users."
	for name, test := range map[string]struct {
		version string
		options func(*sandbox.Options)
		prepare func(w *world, from, into string)
		want    string // of the refusal; "" is none
	}{
		"2.10":    {version: "2.10"},
		"2.16":    {version: "2.16"},
		"2.17":    {version: "2.17"},
		"Preview": {version: "Preview"},
		"nothing shared": {version: "2.16", prepare: func(w *world, from, _ string) {
			w.direct("PUT", "/contacts/"+from, `{"phone":"+353860000000"}`)
		}, want: "the two share no e-mail and no phone. Choose contacts that share an e-mail or a phone."},
		"WhatsApp": {version: "2.16", prepare: func(w *world, from, _ string) { w.sandbox.LinkWhatsApp(from) },
			want: "the one to disappear has WhatsApp data. Swap the two"},
		"not rolled out":  {version: "2.16", options: func(o *sandbox.Options) { o.NoUserMerges = true }, want: twoUsers},
		"without Preview": {version: "2.16", options: func(o *sandbox.Options) { o.NoPreview = true }, want: twoUsers},
	} {
		t.Run(name, func(t *testing.T) {
			options := []worldOption{inMode(policy.ModeFull), inVersion(test.version)}
			if test.options != nil {
				options = append(options, withSandbox(test.options))
			}
			w := newWorld(t, options...)
			var ids [2]string
			for i, key := range []string{"from", "into"} {
				ids[i] = w.do("create_contact",
					object{"set": object{"external_id": key, "phone": "+353861234567"}})["created"].(string)
			}
			if test.prepare != nil {
				test.prepare(w, ids[0], ids[1])
			}
			args := object{"contact": ids[0], "into": ids[1]}
			w.sandbox.ResetCalls()
			if test.want != "" {
				got := w.refused(toolerr.InvalidArgument, "merge_contacts", args, canAsk)
				if !strings.Contains(got.Error(), test.want) {
					t.Errorf("got %v", got)
				}
				return
			}
			ask := w.question("merge_contacts", args)
			if !strings.Contains(ask.Message, "\n  user "+ids[0]+"  merge into user "+ids[1]+"\n") {
				t.Errorf("asks %s", ask.Message)
			}
			receipt := w.do("merge_contacts", args, answering(ask.Change, ask.Binding, Accept))
			if receipt["status"] != "applied" || receipt["changed"] != 1.0 {
				t.Errorf("got %v", receipt)
			}
			if c, _ := w.sandbox.Contact(ids[0]); c.MergedInto != ids[1] {
				t.Errorf("it was merged into %q", c.MergedInto)
			}
			for _, call := range w.sandbox.Calls() {
				if call.Path == "/contacts/merge" && call.Version != "Preview" {
					t.Errorf("merged in version %s", call.Version)
				}
			}
		})
	}
}

// TestRefusedMerge words the reasons that Intercom's preview gives.
func TestRefusedMerge(t *testing.T) {
	w := newWorld(t)
	s := w.newSession(Call{}, &w.tools[0])
	preview := mergePreview{client: s.client, dir: s.dir, mask: s.mask}
	for _, test := range []struct{ code, says, want string }{
		{"facebook_user", "Facebook users can't be merged",
			"Facebook users can't be merged. Leave them apart, or tell the user."},
		{"mailing_list", "One of them is a mailing list",
			"One of them is a mailing list. Leave them apart, or tell the user."},
		{"no_shared_identifier",
			"These contacts don't share a common identifier. Set skip_duplicate_validation to true to preview the merge anyway.",
			"the two share no e-mail and no phone. Choose contacts that share an e-mail or a phone."},
		{"something_new", "They differ. Set skip_duplicate_validation to true to preview the merge anyway.",
			"They differ. Choose a lead and a user that share an e-mail or a phone."},
	} {
		got := preview.refused([]intercom.MergeReason{{Code: test.code, Message: test.says}}).Error()
		if want := "Intercom would refuse the merge: " + test.want; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// TestMergePreviewReadable reads in a merge's preview dates as dates, and
// teammates by their e-mail.
func TestMergePreviewReadable(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	lead, user := w.twins()
	w.direct("PUT", "/contacts/"+lead,
		`{"owner_id":"991267464","custom_attributes":{"renewal_date":1798761600,"seats":3}}`)
	w.direct("PUT", "/contacts/"+user, `{"custom_attributes":{"renewal_date":1767225600}}`)
	asked := w.try("merge_contacts", object{"contact": lead, "into": user}, canAsk)
	for _, want := range []string{
		"\ncustom_attributes.renewal_date: 2027-01-01T00:00:00Z is discarded, 2026-01-01T00:00:00Z stays\n",
		"\ncustom_attributes.seats: 3 is taken over\n",
		"\nowner: \"tomas@sandbox.example\" is taken over\n",
	} {
		if !strings.Contains(asked.Ask.Message, want) {
			t.Errorf("%s\nlacks %s", asked.Ask.Message, want)
		}
	}
}
