package intercom_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// granted opens a workspace with a contact to grant companies to, and with
// companies of the given company_ids.
func granted(t *testing.T, options sandbox.Options, keys ...string) (*intercom.Client, *sandbox.Sandbox, string) {
	t.Helper()
	c, sb := open(t, options, "2.16")
	for _, key := range keys {
		must[intercom.Company](t)(c.Companies.Save(t.Context(), intercom.CompanyWrite{CompanyID: intercom.Value(key)}))
	}
	return c, sb, named(t, sb, live).ID
}

// What is set replaces what was there, and is what is answered and listed.
func TestGrantedCompanies(t *testing.T) {
	c, sb, id := granted(t, sandbox.Options{}, "eu/acme.io", "a b?c#d", "plain")
	before := sb.Snapshot()
	listed := func(want ...string) {
		t.Helper()
		if got := collect(t, c.Contacts.GrantedCompaniesAll(t.Context(), id, intercom.PageOptions{PerPage: 1})); !slices.Equal(got, want) {
			t.Errorf("granted %q, want %q", got, want)
		}
	}
	listed()
	got := must[[]string](t)(c.Contacts.SetGrantedCompanies(t.Context(), id, []string{"plain", "eu/acme.io", "plain", "a b?c#d"}))
	if slices.Sort(got); !slices.Equal(got, []string{"a b?c#d", "eu/acme.io", "plain"}) {
		t.Errorf("set %q", got)
	}
	listed("a b?c#d", "eu/acme.io", "plain")
	for _, key := range []string{"eu/acme.io", "a b?c#d"} {
		if err := c.Contacts.RemoveGrantedCompany(t.Context(), id, key); err != nil {
			t.Error(err)
		}
		err := c.Contacts.RemoveGrantedCompany(t.Context(), id, key)
		if intercom.KindOf(err) != intercom.KindNotFound || strings.Contains(err.Error(), key) {
			t.Errorf("removed twice: %v", err)
		}
	}
	listed("plain")
	if got := must[[]string](t)(c.Contacts.SetGrantedCompanies(t.Context(), id, nil)); len(got) > 0 {
		t.Errorf("none set, and left %q", got)
	}
	if string(before) != string(sb.Snapshot()) {
		t.Error("what was taken away left something")
	}
}

// Sets that cannot be are refused, here or by Intercom, and change nothing.
func TestGrantedCompaniesRefused(t *testing.T) {
	c, sb, id := granted(t, sandbox.Options{}, "k")
	must[[]string](t)(c.Contacts.SetGrantedCompanies(t.Context(), id, []string{"k"}))
	var many []string
	for i := range intercom.MaxGrantedCompanies + 1 {
		many = append(many, fmt.Sprint(i))
	}
	archived := named(t, sb, func(c sandbox.Contact) bool { return c.Archived }).ID
	merged := named(t, sb, func(c sandbox.Contact) bool { return c.MergedInto != "" }).ID
	before := sb.Snapshot()
	for name, test := range map[string]struct {
		id   string
		keys []string
		want intercom.Kind
		sent bool
	}{
		"too many":    {id, many, intercom.KindInvalid, false},
		"an empty id": {id, []string{"k", ""}, intercom.KindInvalid, false},
		"unknown":     {id, []string{"k", "nothing"}, intercom.KindNotFound, true},
		"archived":    {archived, nil, intercom.KindNotFound, true},
		"merged":      {merged, nil, intercom.KindMerged, true},
	} {
		sb.ResetCalls()
		_, err := c.Contacts.SetGrantedCompanies(t.Context(), test.id, test.keys)
		if intercom.KindOf(err) != test.want || len(sb.Calls()) > 0 != test.sent {
			t.Errorf("%s: %v, sent %v", name, err, sb.Calls())
		}
	}
	for _, key := range []string{"", ".", "..", strings.Repeat("k", 2000)} {
		if err := c.Contacts.RemoveGrantedCompany(t.Context(), id, key); intercom.KindOf(err) != intercom.KindInvalid {
			t.Errorf("removing %.20q: %v", key, err)
		}
	}
	if string(before) != string(sb.Snapshot()) {
		t.Error("what was refused changed something")
	}
}

// A workspace without granted companies has none, and says so of writes; one
// without Preview lacks them altogether.
func TestGrantedCompaniesOff(t *testing.T) {
	for kind, options := range map[intercom.Kind]sandbox.Options{
		intercom.KindPlan:    {NoGrantedCompanies: true},
		intercom.KindVersion: {NoPreview: true},
	} {
		c, _, id := granted(t, options, "k")
		page, err := c.Contacts.GrantedCompanies(t.Context(), id, intercom.PageOptions{})
		if kind == intercom.KindPlan && (err != nil || len(page.Items) > 0) || kind == intercom.KindVersion && intercom.KindOf(err) != kind {
			t.Errorf("%s: listed %v, %v", kind, page, err)
		}
		if _, err := c.Contacts.SetGrantedCompanies(t.Context(), id, []string{"k"}); intercom.KindOf(err) != kind {
			t.Errorf("setting: %v, want kind %s", err, kind)
		}
		if err := c.Contacts.RemoveGrantedCompany(t.Context(), id, "k"); intercom.KindOf(err) != kind {
			t.Errorf("removing: %v, want kind %s", err, kind)
		}
	}
}

// A removal whose answer got lost is repeated, and its refusal then is the
// confirmation.
func TestGrantedCompaniesOfLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, sb, id := granted(t, sandbox.Options{}, "k")
		sb.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*/granted_companies", ResetAfter: true, Times: 1})
		if _, err := c.Contacts.SetGrantedCompanies(t.Context(), id, []string{"k"}); intercom.KindOf(err) != intercom.KindOutcomeUnknown {
			t.Errorf("an answer got lost, and it says %v", err)
		}
		sb.AddFault(sandbox.Fault{Path: "/contacts/*/granted_companies/k", ResetAfter: true, Times: 1})
		if got := must[[]string](t)(c.Contacts.SetGrantedCompanies(t.Context(), id, []string{"k"})); !slices.Equal(got, []string{"k"}) {
			t.Errorf("set %q", got)
		}
		if err := c.Contacts.RemoveGrantedCompany(t.Context(), id, "k"); err != nil {
			t.Error(err)
		}
		if contact, _ := sb.Contact(id); len(contact.GrantedCompanyIDs) > 0 {
			t.Errorf("still granted: %v", contact.GrantedCompanyIDs)
		}
	})
}
