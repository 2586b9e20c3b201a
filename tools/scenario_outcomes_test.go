package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/tools/toolerr"
)

// unwilling is a client whose user declines everything; it keeps the receipts of what nobody was asked about.
type unwilling struct {
	*world
	questions int
	unasked   []object
}

// call makes a call, and declines if asked. It reports whether the call was carried out unasked.
func (u *unwilling) call(tool string, args any) bool {
	u.t.Helper()
	result := u.try(tool, args, canAsk)
	if result.Ask != nil {
		u.questions++
		u.try(tool, args, answering(result.Ask.Change, result.Ask.Binding, Decline))
		return false
	}
	switch {
	case result.Err == nil:
		u.unasked = append(u.unasked, decoded(u.t, result))
	case result.Err.Code == toolerr.OutcomeUnknown:
		u.unasked = append(u.unasked, object{"change": result.Err.Data["change"]})
	default:
		u.t.Fatalf("%s: %v", tool, result.Err)
	}
	return true
}

// count holds how often the user was asked, and how many calls went through unasked.
func (u *unwilling) count(questions, unasked int) {
	u.t.Helper()
	if u.questions != questions || len(u.unasked) != unasked {
		u.t.Errorf("the user was asked %d times and %d calls went through, want %d and %d",
			u.questions, len(u.unasked), questions, unasked)
	}
}

// undoAll undoes what went through unasked, the last first, with the user's consent.
func (u *unwilling) undoAll() {
	u.t.Helper()
	for _, receipt := range slices.Backward(u.unasked) {
		u.agreed("undo_change", object{"change": receipt["change"]})
	}
}

// restored holds that the workspace is as it was.
func (w *world) restored(before []byte) {
	w.t.Helper()
	if diff := cmp.Diff(string(before), string(w.sandbox.Snapshot())); diff != "" {
		w.t.Errorf("after undoing (-before +now):\n%.2000s", diff)
	}
}

// outcomes reads the rows of a change by their contact: what became of each, and why.
func (w *world) outcomes(receipt object) map[string][]string {
	w.t.Helper()
	detail := w.do("get_change", object{"change": receipt["change"], "limit": 50})
	columns, rows := detail["columns"].([]any), detail["rows"].([]any)
	outcomes := make(map[string][]string, len(rows))
	for _, row := range rows {
		cells := make(map[string]string)
		for i, cell := range row.([]any) {
			cells[columns[i].(string)] = cell.(string)
		}
		outcomes[cells["id"]] = []string{cells["outcome"], cells["reason"]}
	}
	return outcomes
}

// hasTag reports whether a contact has a tag.
func (w *world) hasTag(c sandbox.Contact, name string) bool {
	return slices.ContainsFunc(w.sandbox.Tags(), func(tag sandbox.Tag) bool {
		return tag.Name == name && slices.Contains(c.TagIDs, tag.ID)
	})
}

// TestEpochOneByOne renames 400 contacts, one by one, along with a time that Intercom shows as none: the 26th is asked
// for, what is told of the others is what Intercom shows, and undo puts it back.
func TestEpochOneByOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, anyNumber, withSandbox(func(o *sandbox.Options) { o.Contacts = 560 }))
		u := &unwilling{world: w}
		people := w.people(0, 400)
		never := people[3] // never signed up
		w.direct("PUT", "/contacts/"+never, `{"signed_up_at":null}`)
		before := w.sandbox.Snapshot()
		for i, id := range people {
			went := u.call("update_contact", object{"contact": id, "set": object{"signed_up_at": "1970-01-01", "name": "X",
				"custom_attributes": object{"plan": "Y"}, "add_tags": []string{"Do not contact"}}})
			if went != (i < 25) {
				t.Fatalf("the %dth write goes through unasked: %v", i+1, went)
			}
		}
		u.count(375, 25)
		for i, id := range people {
			c, _ := w.sandbox.Contact(id)
			written := c.Name == "X" && c.CustomAttributes["plan"] == "Y" && w.hasTag(c, "Do not contact") && c.SignedUpAt == 0
			if written != (i < 25) {
				t.Fatalf("contact %d is written: %v", i, written)
			}
		}
		for i, receipt := range u.unasked {
			outcome := w.outcomes(receipt)[people[i]]
			want := "changed"
			if people[i] == never { // whether it is the epoch now does not show
				want = "partly"
			}
			if outcome[0] != want || want == "partly" && !strings.Contains(outcome[1], "signed_up_at") {
				t.Errorf("contact %d: %v, want %s", i, outcome, want)
			}
		}
		u.undoAll()
		w.restored(before)
	})
}

// TestEpochOfNew creates 100 contacts who signed up at a time that Intercom shows as none.
func TestEpochOfNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, anyNumber)
		u := &unwilling{world: w}
		for i := range 100 {
			set := object{"email": fmt.Sprintf("eve%d@example.com", i), "signed_up_at": "1970-01-01"}
			if went := u.call("create_contact", object{"set": set}); went != (i < 25) {
				t.Fatalf("the %dth write goes through unasked: %v", i+1, went)
			}
		}
		u.count(75, 25)
		for _, receipt := range u.unasked {
			c, ok := w.sandbox.Contact(receipt["created"].(string))
			if !ok || receipt["status"] != "partial" || receipt["partly"] != 1.0 || c.SignedUpAt != 0 {
				t.Errorf("%v of %+v", receipt, c)
			}
		}
		u.undoAll()
		for _, c := range w.sandbox.Contacts() {
			if strings.HasPrefix(c.Email, "eve") && !c.Archived {
				t.Errorf("%s is not archived", c.Email)
			}
		}
	})
}

// TestZeroOfCompanies writes zeros to companies, of which Intercom leaves out the size: the 26th is asked for, what is
// told is what Intercom shows, and undo puts it back.
func TestZeroOfCompanies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		field  string
		before int64
		want   string // outcome
	}{
		"a spend that was set":       {"monthly_spend", 99, "changed"},
		"a size that was set":        {"size", 85, "changed"},
		"a size that was not set":    {"size", 0, "unknown"}, // Intercom shows nothing either way
		"a size, and something else": {"size", 0, "partly"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				u := &unwilling{world: w}
				var firms []string
				for _, c := range w.sandbox.Companies()[:30] {
					firms = append(firms, c.ID)
					w.direct("PUT", "/companies/"+c.ID, fmt.Sprintf(`{%q:%d,"name":%q}`, test.field, test.before, c.ID))
				}
				before := w.sandbox.Snapshot()
				for i, id := range firms {
					set := object{test.field: 0}
					if test.want == "partly" {
						set["name"] = "Zero"
					}
					if went := u.call("save_company", object{"company": id, "set": set}); went != (i < 25) {
						t.Fatalf("the %dth write goes through unasked: %v", i+1, went)
					}
					c := w.company(id)
					zero := map[string]int64{"size": c.Size, "monthly_spend": c.MonthlySpend}[test.field] == 0
					if i < 25 && !zero || test.before > 0 && i >= 25 && zero {
						t.Errorf("company %d holds %+v", i, c)
					}
				}
				u.count(5, 25)
				for i, receipt := range u.unasked {
					if outcome := w.outcomes(receipt)[firms[i]]; outcome[0] != test.want {
						t.Errorf("company %d: %v, want %s", i, outcome, test.want)
					}
				}
				if test.want == "unknown" {
					return // nothing shows that could be put back
				}
				u.undoAll()
				w.restored(before)
			})
		})
	}
}

// company returns a stored company.
func (w *world) company(id string) sandbox.Company {
	for _, c := range w.sandbox.Companies() {
		if c.ID == id {
			return c
		}
	}
	return sandbox.Company{}
}

// TestZeroShown shows a company's zeros, and leaves out what Intercom has no value for.
func TestZeroShown(t *testing.T) {
	w := newWorld(t)
	id := w.sandbox.Companies()[0].ID
	w.direct("PUT", "/companies/"+id, `{"size":0,"monthly_spend":0}`)
	got := w.do("get_company", object{"company": id})
	if _, ok := got["size"]; ok || got["monthly_spend"] != 0.0 {
		t.Errorf("a company of no size, and a spend of 0: %v", got)
	}
	ann := w.user(0).ID
	w.agreed("update_contact", object{"contact": ann, "set": object{"custom_attributes": object{
		"seats": 0, "newsletter": false, "renewal_date": "1970-01-01"}}})
	attributes, _ := json.Marshal(w.do("get_contact", object{"contact": ann})["custom_attributes"])
	for _, want := range []string{`"seats":0`, `"newsletter":false`, `"renewal_date":"1970-01-01T00:00:00Z"`} {
		if !strings.Contains(string(attributes), want) {
			t.Errorf("%s are shown, without %s", attributes, want)
		}
	}
}

// TestUndoUnderLag undoes a change of many contacts at once, of which Intercom's search shows nothing yet.
func TestUndoUnderLag(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withSandbox(func(o *sandbox.Options) { o.SearchLag = 10 * time.Minute }))
		before, people := w.sandbox.Snapshot(), w.people(0, 150)
		receipt := w.agreed("bulk_update_contacts", object{"contacts": people,
			"set": object{"name": "X", "add_tags": []string{"Do not contact"}}})
		undone := w.consented("undo_change", object{"change": receipt["change"]})
		if undone["changed"] != 150.0 || w.status(receipt["change"].(string)) != "undone" {
			t.Errorf("receipt: %v", undone)
		}
		w.restored(before)
	})
}

// TestUndoOfZero puts back over a zero that Intercom shows as nothing, and writes the zero again. The receipts say so.
func TestUndoOfZero(t *testing.T) {
	const acme = "company_id:acme"
	for name, test := range map[string]struct {
		tool      string
		args      object
		zero, was string // how receipts show the write, and its undo
	}{
		"size": {"save_company", object{"company": acme, "set": object{"size": 0}},
			"size: 1865 → 0", "size: 0 → 1865"},
		"signed_up_at": {"update_contact", object{"contact": "external_id:u-10001",
			"set": object{"signed_up_at": "1970-01-01"}},
			"signed_up_at: 2023-05-19T18:55:14Z → 1970-01-01T00:00:00Z",
			"signed_up_at: 1970-01-01T00:00:00Z → 2023-05-19T18:55:14Z"},
		"seats": {"update_contact", object{"contact": "external_id:u-10001",
			"set": object{"custom_attributes": object{"seats": 0}}}, "seats: 42 → 0", "seats: 0 → 42"},
		"cleared": {"update_contact", object{"contact": "external_id:u-10001",
			"set": object{"custom_attributes": object{"seats": nil}}}, "seats: 42 → (none)", "seats: (none) → 42"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				receipt := w.consented(test.tool, test.args)
				for i, want := range []string{test.zero, test.was, test.zero, test.was} {
					if items, _ := receipt["items"].([]any); len(items) != 1 || items[0] != want {
						t.Errorf("write %d: %v, want %q", i, receipt, want)
					}
					receipt = w.consented("undo_change", object{"change": receipt["change"]})
				}
			})
		})
	}
}
