package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
	"intercom-mcp/policy/change/sqlite"
)

// inStateFile is an option of a world that keeps its changes in a file.
func inStateFile(t testing.TB) (*sqlite.Store, worldOption) {
	t.Helper()
	store, err := sqlite.Open(stateFile(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store, func(_ *sandbox.Options, _ *intercom.Config, c *Config) { c.Store = store }
}

// TestConsoleChange shows what a change would do, to those who see it, and to nobody else.
func TestConsoleChange(t *testing.T) {
	t.Parallel()
	store, inFile := inStateFile(t)
	w := newWorld(t, inFile)
	c := w.Console(store)
	contacts := w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool { return c.Role == "user" && c.Email != "" })
	var updates []object
	for i := range 60 {
		updates = append(updates,
			object{"contact": contacts[i].ID, "set": object{"custom_attributes": object{"plan": "free"}}})
	}
	updates[7]["set"].(object)["email"] = "rosa@evil.example"
	if asked := w.try("bulk_update_contacts", object{"updates": updates},
		func(c *Call) { c.CanAsk = true }); asked.Ask == nil {
		t.Fatalf("%s %v", asked.JSON, asked.Err)
	}
	viewer := &Visitor{Principal: "id#v", Roles: []string{RoleViewer}}
	list, next, err := c.Changes(t.Context(), viewer, ConsoleFilter{Status: change.StatusAwaiting})
	if err != nil || len(list) != 1 || next != "" || list[0].Mine || list[0].Title != "update 60 contacts" {
		t.Fatalf("%+v %q %v", list, next, err)
	}
	id := list[0].ID
	shown, err := c.Change(t.Context(), viewer, id, RowQuery{Page: 1})
	if err != nil || shown.Pending != 60 || shown.Rows.Total != 61 || shown.Rows.First != 51 ||
		len(shown.Rows.Rows) != 11 ||
		!slices.Equal(shown.Fields, []string{"custom_attributes.plan", "email"}) || shown.Plan == "" ||
		fmt.Sprint(shown.NewDomains) != "[{evil.example 1 true}]" || shown.Histograms[0].Field != "email" ||
		!shown.Histograms[0].Protected || shown.Histograms[1].On != 60 {
		t.Errorf("%+v %v", shown, err)
	}
	shown, err = c.Change(t.Context(), viewer, id, RowQuery{Text: "EVIL", Field: "email"})
	if err != nil || shown.Rows.Total != 1 || shown.Rows.Rows[0].From != contacts[7].Email ||
		shown.Rows.Rows[0].To != "rosa@evil.example" || shown.Rows.All != 61 {
		t.Errorf("%+v %v", shown.Rows, err)
	}
	for _, stranger := range []*Visitor{{Principal: "id#x"}, {Principal: "id#x", Roles: []string{"Viewer", "ops"}}} {
		if _, err := c.Change(t.Context(), stranger, id, RowQuery{}); !errors.Is(err, change.ErrNotFound) {
			t.Errorf("a stranger: %v", err)
		}
		if list, _, err := c.Changes(t.Context(), stranger, ConsoleFilter{Of: "local"}); err != nil || len(list) > 0 {
			t.Errorf("a stranger: %v %v", list, err)
		}
		if events, err := c.Trail(t.Context(), stranger, change.EventQuery{}); err != nil || len(events) > 0 {
			t.Errorf("a stranger: %v %v", events, err)
		}
		if _, err := c.VerifyTrail(t.Context(), stranger); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("a stranger: %v", err)
		}
	}
	if _, err := c.Change(t.Context(), viewer, "chg_", RowQuery{}); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("no handle: %v", err)
	}
}

// TestConsoleMasks shows no value that a policy masks, wherever it stands.
func TestConsoleMasks(t *testing.T) {
	t.Parallel()
	store, inFile := inStateFile(t)
	p := *policy.Default(policy.ModeWrite)
	w := newWorld(t, inFile, func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Policy = func() *policy.Policy { return &p }
	})
	contact := w.sandbox.ContactsWhere(func(c *sandbox.Contact) bool { return c.Role == "user" && c.Email != "" })[0]
	w.asked("update_contact", object{"contact": contact.ID, "set": object{"email": "new@evil.example", "name": "New"}},
		Accept)
	p.Masked = []string{"email", "name"}
	c := w.Console(store)
	viewer := &Visitor{Principal: "id#v", Roles: []string{RoleViewer}}
	list, _, err := c.Changes(t.Context(), viewer, ConsoleFilter{})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	shown, err := c.Change(t.Context(), viewer, list[0].ID, RowQuery{})
	if err != nil {
		t.Fatal(err)
	}
	exported, err := c.Export(t.Context(), viewer, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	var rows []any
	for row, err := range exported.Rows {
		rows = append(rows, row.Values, err)
	}
	for kind, reason := range map[change.Status]string{
		change.StatusStale:  contact.Name + " has another e-mail now", // worded as the policy of then let it
		change.StatusFailed: "A contact matching " + contact.Email + " exists",
	} {
		event := change.Event{Kind: change.Kind(kind), Change: list[0].ID, Facts: map[string]string{"reason": reason}}
		if err := store.Append(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	events, err := c.Trail(t.Context(), viewer, change.EventQuery{})
	all := fmt.Sprintf("%+v %+v %+v %+v", list, shown, rows, events)
	for _, secret := range []string{contact.Email, contact.Name, "new@evil.example"} {
		if err != nil || strings.Contains(all, secret) {
			t.Errorf("%q is told: %s %v", secret, all, err)
		}
	}
	if shown, err := c.Change(t.Context(), viewer, list[0].ID, RowQuery{Text: contact.Email}); err != nil ||
		shown.Rows.Total != 0 {
		t.Errorf("a guess is answered: %+v %v", shown.Rows, err)
	}
}

// TestConsoleStop stops and freezes for operators, and for who asked.
func TestConsoleStop(t *testing.T) {
	t.Parallel()
	store, inFile := inStateFile(t)
	w := newWorld(t, inFile)
	c := w.Console(store)
	contacts := w.sandbox.Contacts()
	ask := func() string {
		asked := w.try("tag_contacts", object{"contacts": []string{contacts[0].ID}, "tag": "VIP", "preview": true},
			func(c *Call) { c.CanAsk = true })
		list, err := store.List(t.Context(), "", change.Query{Limit: 1})
		if err != nil || len(list) == 0 {
			t.Fatal(asked, err)
		}
		return list[0].Change.ID
	}
	viewer, operator := &Visitor{Principal: "id#v", Roles: []string{RoleViewer}},
		&Visitor{Principal: "id#o", Roles: []string{RoleOperator}, Method: change.SignedInByProvider}
	id := ask()
	if err := c.Stop(t.Context(), viewer, id, ""); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a viewer stops: %v", err)
	}
	if err := c.Freeze(t.Context(), viewer, "x"); !errors.Is(err, ErrNotAllowed) {
		t.Errorf("a viewer freezes: %v", err)
	}
	if err := c.Stop(t.Context(), operator, "chg_", ""); !errors.Is(err, change.ErrNotFound) {
		t.Errorf("no handle: %v", err)
	}
	if err := c.Stop(t.Context(), operator, id, "wrong tag"); err != nil {
		t.Errorf("an operator stops: %v", err)
	}
	if err := c.Stop(t.Context(), operator, id, "wrong tag"); !errors.Is(err, change.ErrStatusChanged) {
		t.Errorf("twice: %v", err)
	}
	if err := c.Stop(t.Context(), &Visitor{Principal: "local"}, ask(), ""); err != nil {
		t.Errorf("who asked stops: %v", err)
	}
	if err := c.Freeze(t.Context(), operator, "wrong tags"); err != nil {
		t.Error(err)
	}
	freeze, frozen, err := c.Frozen(t.Context())
	if err != nil || !frozen || freeze.By != "id#o" || freeze.Reason != "wrong tags" {
		t.Error(freeze, frozen, err)
	}
	if lifted, err := c.Unfreeze(t.Context(), operator); err != nil || !lifted {
		t.Error(lifted, err)
	}
	events, err := c.Trail(t.Context(), viewer, change.EventQuery{Newest: 2})
	if err != nil || len(events) != 2 || events[0].Kind != change.KindUnfrozen || events[1].Kind != change.KindFrozen {
		t.Errorf("%+v %v", events, err)
	}
	older, err := c.Trail(t.Context(), viewer, change.EventQuery{Newest: 1, Before: events[1].Seq})
	if err != nil || len(older) != 1 || older[0].Seq != events[1].Seq-1 {
		t.Errorf("%+v %v", older, err)
	}
	if found, err := c.VerifyTrail(t.Context(), viewer); err != nil || found.Head.Seq != events[0].Seq {
		t.Error(found, err)
	}
}
