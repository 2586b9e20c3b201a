package serve

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tiktoken-go/tokenizer"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
	"intercom-mcp/tools"
)

// crowded is a workspace where everything is long: names of ideographs, and ninety
// attributes.
type crowded struct {
	t       *testing.T
	call    func(tool string, args map[string]any, canAsk bool) tools.Result
	client  *intercom.Client
	sandbox *sandbox.Sandbox
	users   []string // ids
	custom  map[string]any
}

func newCrowded(t *testing.T, masked ...string) *crowded {
	pipeline, client, sb := budgetPipeline(t, policy.ModeFull, masked...)
	w := &crowded{t: t, client: client, sandbox: sb, custom: make(map[string]any)}
	w.call = func(tool string, args map[string]any, canAsk bool) tools.Result {
		t.Helper()
		encoded, err := json.Marshal(args)
		if err != nil {
			t.Fatal(err)
		}
		result, err := pipeline.Call(t.Context(), tools.Call{Tool: tool, Args: encoded, Principal: "local", CanAsk: canAsk})
		if err != nil {
			t.Fatal(tool, err)
		}
		return result
	}
	for _, c := range sb.Contacts() {
		if !c.Archived && c.MergedInto == "" && !c.Blocked && c.Role == "user" {
			w.users = append(w.users, c.ID)
		}
	}
	for i := range 90 {
		name := fmt.Sprintf("顧客属性番号%02d", i)
		sb.AddAttribute("contact", name, "string")
		w.custom[name] = strings.Repeat("値", 50)
	}
	return w
}

// rename gives contacts a name, past the server.
func (w *crowded) rename(ids []string, name string) {
	w.t.Helper()
	for i, id := range ids {
		if _, err := w.client.Contacts.Update(w.t.Context(), id,
			intercom.ContactWrite{Name: intercom.Value(fmt.Sprint(name, i))}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// applied makes a change of contacts and has it confirmed.
func (w *crowded) applied(ids []string) (handle string, receipt tools.Result) {
	w.t.Helper()
	planned := w.call("bulk_update_contacts", map[string]any{"contacts": ids, "set": map[string]any{"name": "Renamed"}},
		false)
	var c struct{ Change, Status string }
	if planned.Err != nil {
		return "", planned
	}
	if err := json.Unmarshal(planned.JSON, &c); err != nil {
		w.t.Fatal(err, planned.Err)
	}
	if c.Status == "awaiting" {
		planned = w.call("confirm_change", map[string]any{"change": c.Change}, false)
	}
	return c.Change, planned
}

// merge asks to merge a lead that has all that there is to have into a user.
func (w *crowded) merge() tools.Result {
	w.t.Helper()
	for _, c := range w.sandbox.Contacts() {
		if c.Role != "lead" || c.Archived || c.MergedInto != "" || c.Blocked {
			continue
		}
		for _, id := range []string{c.ID, w.users[90]} {
			write := intercom.ContactWrite{Email: intercom.Value("both@example.com"), CustomAttributes: make(map[string]any)}
			for name := range w.custom {
				write.CustomAttributes[name] = strings.Repeat("値", 40) + id
			}
			if _, err := w.client.Contacts.Update(w.t.Context(), id, write); err != nil {
				w.t.Fatal(err)
			}
		}
		return w.call("merge_contacts", map[string]any{"contact": c.ID, "into": w.users[90]}, true)
	}
	w.t.Fatal("there is no lead")
	return tools.Result{}
}

// handles are those of changes, whose random letters take 14 to 24 tokens; usualHandle takes 18, as most do.
var handles = regexp.MustCompile(`chg_[0-9a-z]{26}`)

const usualHandle = "chg_9vgp4cn93f80cet38mwd1vdhf8"

// TestBudgetsAtWorst holds what the answers about changes may cost where everything
// is long, and all goes wrong in different ways.
func TestBudgetsAtWorst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, holdBudgetsAtWorst) // which waits for no job
}

func holdBudgetsAtWorst(t *testing.T) {
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	w := newCrowded(t)
	within := func(what, text string, most int) {
		t.Helper()
		n, err := codec.Count(handles.ReplaceAllString(text, usualHandle))
		if err != nil || text == "" {
			t.Fatal(what, err)
		}
		t.Logf("%s: %d of %d", what, n, most)
		if n > most {
			t.Errorf("%s: %d tokens, at most %d\n%s", what, n, most, text)
		}
	}
	confirmation := func(r tools.Result) string {
		if r.Ask == nil {
			t.Fatalf("nothing is asked: %s, %v", r.JSON, r.Err)
		}
		return r.Ask.Message
	}
	refusal := func(r tools.Result) string {
		if r.Err == nil {
			t.Fatalf("it is not refused: %s", r.JSON)
		}
		return r.Err.Error()
	}

	w.rename(w.users[:30], strings.Repeat("漢字", 25))
	var updates []map[string]any
	for i, id := range w.users[:30] {
		updates = append(updates, map[string]any{"contact": id, "set": map[string]any{
			"name": strings.Repeat("名前", 60) + fmt.Sprint(i), "email": fmt.Sprintf("x%d@例え.example", i),
			"phone":       fmt.Sprintf("+1555%06d", i),
			"external_id": strings.Repeat("識", 100) + fmt.Sprint(i), "custom_attributes": w.custom,
		}})
	}
	within("preview of thirty contacts",
		confirmation(w.call("bulk_update_contacts", map[string]any{"updates": updates}, true)), 1_200)
	within("preview of one contact", confirmation(w.call("update_contact", updates[0], true)), 1_200)
	within("preview of a deletion", confirmation(w.call("delete_contacts", map[string]any{"contacts": w.users[100:300]},
		true)), 1_200)
	within("preview of a merge", confirmation(w.merge()), 1_200)

	for i, id := range w.users[:20] {
		w.sandbox.FailContact(id, "parameter_invalid",
			fmt.Sprintf("Attribute number %d is not to be written in this way, since rule %d of the workspace forbids it to "+
				"everybody", i, i))
	}
	handle, receipt := w.applied(append(w.users[20:40:40], w.users[:20]...))
	within("receipt, every item failed for another reason, which names 10", string(receipt.JSON), 80+25*10)
	w.rename(w.users[20:40], "By somebody else, with a long name")
	within("error, nothing to undo", refusal(w.call("undo_change", map[string]any{"change": handle}, false)), 60)
	_, receipt = w.applied(append(w.users[41:50:50], w.users[0]))
	within("receipt, one item failed", string(receipt.JSON), 80)
	handle, _ = w.applied(w.users[50:58])
	w.rename(w.users[50:55], "By somebody else, with a long name")
	within("receipt, undone in part, which names 3",
		string(w.call("undo_change", map[string]any{"change": handle}, false).JSON), 80+25*3)
	_, receipt = w.applied(w.users[1:2])
	within("error, one item failed", refusal(receipt), 60)

	for _, n := range []int{1, 3} {
		planned := w.call("bulk_update_contacts", map[string]any{"updates": updates[30-n : 30]}, false)
		var c struct{ Change string }
		if err := json.Unmarshal(planned.JSON, &c); err != nil {
			t.Fatal(err, planned.Err)
		}
		receipt = w.call("confirm_change", map[string]any{"change": c.Change}, false)
		within(fmt.Sprintf("receipt that names %d", n), string(receipt.JSON), 80+25*n)
	}
	tag := "タグの長い名前" + strings.Repeat("長", 20)
	inPart := func(tool string, args map[string]any) string {
		if _, err := w.client.Tags.Create(t.Context(), tag); err != nil {
			t.Fatal(err)
		}
		w.call("list_tags", map[string]any{}, false)
		w.sandbox.DeleteTag(tag)
		return string(w.call(tool, args, false).JSON)
	}
	within("receipt that names 3 in part", inPart("bulk_update_contacts", map[string]any{"contacts": w.users[60:63],
		"set": map[string]any{"name": strings.Repeat("名前", 60), "custom_attributes": w.custom, "add_tags": []string{tag}}}),
		80+25*3)
	within("receipt of one in part", inPart("update_contact", map[string]any{"contact": w.users[63],
		"set": map[string]any{"custom_attributes": w.custom, "add_tags": []string{tag}}}), 80+25)

	updates = nil
	for i, id := range w.users[200:230] {
		name := intercom.Value(strings.Repeat("Аnn שרה", 8) + fmt.Sprint(i)) // with a Cyrillic А
		if _, err := w.client.Contacts.Update(t.Context(), id,
			intercom.ContactWrite{Name: name, Email: intercom.Value("")}); err != nil {
			t.Fatal(err)
		}
		updates = append(updates, map[string]any{"contact": id, "set": map[string]any{
			"name": strings.Repeat("שרה лев", 8) + fmt.Sprint(i), "email": fmt.Sprintf("x%d@%d%s.example", i, i,
				strings.Repeat("аb", 12)),
			"external_id": strings.Repeat("id", 40) + fmt.Sprint(i), "add_tags": []string{w.sandbox.Tags()[i%5].Name},
			"custom_attributes": w.custom,
		}})
	}
	within("preview of thirty misleading contacts",
		confirmation(w.call("bulk_update_contacts", map[string]any{"updates": updates}, true)), 1_200)
}

// TestBudgetsOfMasked holds the receipts of changes that touch a masked field, and say what that means.
func TestBudgetsOfMasked(t *testing.T) {
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	w := newCrowded(t, "name")
	for _, n := range []int{1, 3, 10} {
		handle, receipt := w.applied(w.users[n*20 : n*20+n])
		for _, r := range []tools.Result{receipt, w.call("undo_change", map[string]any{"change": handle}, false)} {
			tokens, err := codec.Count(handles.ReplaceAllString(string(r.JSON), usualHandle))
			if err != nil || !strings.Contains(string(r.JSON), "masked fields") {
				t.Fatal(n, err, r.Err, string(r.JSON))
			}
			if tokens > 80 {
				t.Errorf("receipt of %d: %d tokens\n%s", n, tokens, r.JSON)
			}
		}
	}
}
