package engine

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// TestLeave marks what an undo leaves alone, since another client wrote there, and the zeros that it puts something in
// the place of; nothing of what is masked.
func TestLeave(t *testing.T) {
	const n = "custom_attributes.n"
	zero := json.Number("0")
	for name, test := range map[string]struct {
		sent, before, now any
		back, masked      bool
		missing           []string
		had               map[string]any // hidden already
		hidden            map[string]any
		left              []string
	}{
		"put back": {sent: "B", before: "A", now: "B", back: true},
		"a hidden zero": {sent: zero, before: json.Number("7"), now: nil, back: true,
			hidden: map[string]any{n: zero}},
		"one more hidden zero": {sent: zero, now: nil, back: true, had: map[string]any{"m": 1},
			hidden: map[string]any{"m": 1, n: zero}},
		"a masked hidden zero":   {sent: zero, now: nil, back: true, masked: true},
		"it was cleared":         {sent: nil, before: "A", now: nil, back: true},
		"another client wrote":   {sent: "B", before: "A", now: "C", left: []string{n}},
		"another client, masked": {sent: "B", before: "A", now: "C", masked: true},
		"it is as it was":        {sent: "B", before: "A", now: "A"},
		"it was never written":   {sent: "B", before: "A", now: "C", missing: []string{n}},
	} {
		item := &change.Item{Outcome: change.Changed, Missing: test.missing,
			Patch: change.Patch{Set: map[string]any{n: test.sent}}, Before: change.Image{Set: map[string]any{n: test.before}}}
		u := &undoing{words: plain{}, planner: &Planner{Items: []change.Item{{}, {Before: change.Image{Hidden: test.had}}}}}
		if test.masked {
			u.words = plain{masked: []string{n}}
		}
		put := change.Patch{Set: map[string]any{}}
		if test.back {
			put.Set[n] = test.before
		}
		u.leave(item, put, change.Image{Set: map[string]any{n: test.now}})
		if diff := cmp.Diff(test.hidden, u.planner.Items[1].Before.Hidden); diff != "" && test.hidden != nil ||
			test.hidden == nil && u.planner.Items[1].Before.Hidden != nil {
			t.Errorf("%s: hidden (-want +got):\n%s", name, diff)
		}
		if !slices.Equal(u.planner.Items[1].LeftAlone, test.left) || u.planner.Items[0].LeftAlone != nil {
			t.Errorf("%s: left alone %v", name, u.planner.Items)
		}
	}
}

// TestUndoOfParts looks at what failed only where it is not on record that none of it was written, and tells of what
// was erased.
func TestUndoOfParts(t *testing.T) {
	for name, test := range map[string]struct {
		item change.Item
		want bool
	}{
		"failed, of an older record": {change.Item{Outcome: change.Failed}, true},
		"failed":                     {change.Item{Outcome: change.Failed, Missing: []string{"name"}}, false},
		"in part":                    {change.Item{Outcome: change.Partly, Missing: []string{"phone"}}, true},
		"erased":                     {change.Item{Outcome: change.Changed, Erased: true}, false},
	} {
		test.item.TargetID = "5f"
		if got := mayBeWritten(&test.item); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Erased = true
	for outcome, want := range map[change.Outcome]int{change.Changed: 1, change.Unknown: 1, change.NotSent: 0} {
		item.Outcome = outcome
		if undo, err := f.planUndo(change.Change{Items: []change.Item{item}}); err != nil || len(undo.Items) > 0 ||
			len(undo.Conflicts) != want || want > 0 && !strings.Contains(undo.Conflicts[0], ": erased") {
			t.Errorf("%s: %+v, %v", outcome, undo, err)
		}
	}
	if c := f.failed(); len(c.Items[0].Missing) == 0 || MayBeWritten(&c) {
		t.Errorf("what failed may be undone: %+v", c.Items)
	}
}

// failed is a change of which nothing was written.
func (f *fixture) failed() change.Change {
	f.t.Helper()
	item := f.renaming(1)
	f.sandbox.FailContact(item.TargetID, "parameter_invalid", "no")
	return f.applied(item)
}

// TestUndoExactly plans what was there to the letter, though it shows like what is there now.
func TestUndoExactly(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	item := f.renaming(0)
	item.Patch.Set["name"], item.Before.Set["name"] = "Renamed\u200b", "Renamed"
	undo, err := f.planUndo(f.applied(item))
	if err != nil || len(undo.Items) != 1 || undo.Items[0].Patch.Set["name"] != "Renamed" {
		t.Errorf("%+v, %v", undo, err)
	}
}

// TestUndoMasked plans a masked field whatever it holds: that another client wrote there tells about its value, and is
// looked at when it is sent.
func TestUndoMasked(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	f.words = plain{masked: []string{"name"}}
	c := f.applied(f.renaming(0))
	before := c.Items[0].Before.Set["name"]
	f.rename("Third", c.Items...)
	undo, err := f.planUndo(c)
	if err != nil || len(undo.Items) != 1 || undo.Items[0].Before.Set["name"] != "Renamed" || len(undo.Conflicts) > 0 {
		t.Fatalf("%+v, %v", undo, err)
	}
	for held, writes := range map[string]bool{"Third": false, "Renamed": true} {
		f.rename(held, c.Items...)
		a := f.applier(undo.Items...)
		a.change.Undoes = c.ID
		item := &a.change.Items[0]
		patch, err := a.notOverwritten(t.Context(), item, item.Patch)
		if err != nil || (patch.Set["name"] == before) != writes || item.Patch.Set["name"] != before {
			t.Errorf("%s is there: %+v, %v", held, patch, err)
		}
	}
	f.sandbox.AddFault(sandbox.Fault{Method: "GET", Path: "/contacts/*", Status: http.StatusForbidden})
	a := f.applier(undo.Items...)
	if _, err := a.notOverwritten(t.Context(), &a.change.Items[0], a.change.Items[0].Patch); err != nil {
		t.Errorf("no undo: %v", err)
	}
	a.change.Undoes = c.ID
	if _, err := a.notOverwritten(t.Context(), &a.change.Items[0], a.change.Items[0].Patch); err == nil {
		t.Error("it is sent though nobody can read what is there")
	}
}

// misname has Intercom give records of a name one that is no text.
func (f *fixture) misname(name string) {
	f.t.Helper()
	odd := &misnaming{next: f.sandbox}
	odd.name.Store(name)
	client, err := intercom.New(intercom.Config{Token: "test-token", BaseURL: "http://127.0.0.1", Transport: odd})
	if err != nil {
		f.t.Fatal(err)
	}
	f.client = client
	f.restart()
}

// TestUndoUnreadable leaves as it is what cannot be read, and says why.
func TestUndoUnreadable(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.renaming(0))
	f.misname("Renamed")
	c.Items[0].Label = "Ann"
	undo, err := f.planUndo(c)
	const want = "Ann: is left as it is, since it cannot be read ("
	if err != nil || len(undo.Items) > 0 || len(undo.Conflicts) != 1 || !strings.HasPrefix(undo.Conflicts[0], want) {
		t.Errorf("%+v, %v", undo, err)
	}
	long := cannotTell(&intercom.UnreadableError{Value: intercom.Unreadable{Record: "contact 5f", Key: "name",
		Reason: strings.Repeat("x", 500)}})
	if len(long) < 100 || len(long) > 200 || !strings.Contains(long, "contact 5f") {
		t.Error(long)
	}
	u := &undoing{client: f.client, words: f.words, planner: f.planner(), now: map[string]*intercom.Contact{
		c.Items[0].TargetID: {ID: c.Items[0].TargetID, Odd: map[string]string{"updated_at": "is no number"}}}}
	item := c.Items[0]
	item.Patch = change.Patch{Op: change.Unarchive}
	if err := (unarchive{}).undo(t.Context(), u, &item); err != nil || len(u.planner.Items) > 0 ||
		len(u.plan.Conflicts) != 1 || !strings.HasPrefix(u.plan.Conflicts[0], want) {
		t.Errorf("%+v, %v", u.plan, err)
	}
	u.now[item.TargetID].Odd = map[string]string{"name": "is no text"}
	for _, op := range []operation{updateContact{}, createContact{}} {
		u.plan = Undo{}
		if err := op.undo(t.Context(), u, &c.Items[0]); err != nil || len(u.planner.Items) > 0 ||
			len(u.plan.Conflicts) != 1 || !strings.HasPrefix(u.plan.Conflicts[0], want) {
			t.Errorf("%T: %+v, %v", op, u.plan, err)
		}
	}
}

// TestUndoBeside puts back what holds what was written, leaves alone what another client wrote beside it, and says
// both; of a contact and of a company.
func TestUndoBeside(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	contact := f.renaming(0)
	contact.Patch.Set["custom_attributes.plan"], contact.Before.Set["custom_attributes.plan"] = "pro", "trial"
	company := f.saving(map[string]any{"name": "Renamed", "industry": "Anvils"})
	c := f.applied(contact, company)
	f.rename("Third", contact)
	if _, err := f.client.Companies.Update(t.Context(), company.TargetID,
		intercom.CompanyWrite{Name: intercom.Value("Third")}); err != nil {
		t.Fatal(err)
	}
	undo, err := f.planUndo(c)
	if err != nil || len(undo.Items) != 2 || len(undo.Conflicts) != 2 {
		t.Fatalf("%+v, %v", undo, err)
	}
	for _, item := range undo.Items {
		if !slices.Equal(item.LeftAlone, []string{"name"}) || len(item.Patch.Set) != 1 {
			t.Errorf("%+v", item)
		}
	}
	f.misname("Third")
	undo, err = f.planUndo(change.Change{Items: c.Items[1:]})
	if err != nil || len(undo.Items) > 0 || len(undo.Conflicts) != 1 ||
		!strings.Contains(undo.Conflicts[0], "is left as it is, since it cannot be read (") {
		t.Errorf("a company that cannot be read: %+v, %v", undo, err)
	}
}

// TestUndoCreateOf leaves whom one field alone was given since.
func TestUndoCreateOf(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	c := f.applied(f.creating(map[string]any{"name": "New One", "external_id": "new-1"}))
	if _, err := f.client.Contacts.Update(t.Context(), c.Items[0].TargetID,
		intercom.ContactWrite{Phone: intercom.Value("+15550100")}); err != nil {
		t.Fatal(err)
	}
	if undo, err := f.planUndo(c); err != nil || len(undo.Items) > 0 || len(undo.Conflicts) != 1 {
		t.Errorf("%+v, %v", undo, err)
	}
}

// TestUndoApart writes one by one what an undo puts back of texts that Intercom may have escaped; nothing is looked at
// that is not masked.
func TestUndoApart(t *testing.T) {
	f := newFixture(t, sandboxOfFew)
	items := f.renamings(2)
	items[1].Patch.Set = map[string]any{"name": "R&amp;D"}
	a := f.applier(items...)
	for undoes, want := range map[string][]int{"": nil, "chg_1": {1}} {
		a.change.Undoes = undoes
		hiding, rest := a.judge.masking.apart([]int{0, 1})
		if !slices.Equal(hiding, want) || len(rest) != 2-len(want) {
			t.Errorf("undoes %q: %v, %v", undoes, hiding, rest)
		}
	}
	f.sandbox.ResetCalls()
	if _, err := a.notOverwritten(t.Context(), &a.change.Items[0], items[0].Patch); err != nil ||
		len(f.sandbox.Calls()) > 0 {
		t.Errorf("read in %d requests, %v", len(f.sandbox.Calls()), err)
	}
}
