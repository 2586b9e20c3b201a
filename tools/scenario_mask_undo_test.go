package tools

import (
	"encoding/json"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
)

// TestMaskedUndoTellsNothing undoes a masked write twice, between which another write is put back: the answers are the
// same whether the guess was right, and another client's edit stays.
func TestMaskedUndoTellsNothing(t *testing.T) {
	masked := func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		c.Policy().Masked = []string{"custom_attributes.tier"}
	}
	var answers [2][]string
	for i, held := range []string{"gold", "silver"} {
		w := newWorld(t, masked)
		ann := w.user(0).ID
		write := func(tier string) {
			if _, err := w.client.Contacts.Update(t.Context(), ann,
				intercom.ContactWrite{CustomAttributes: map[string]any{"tier": tier}}); err != nil {
				t.Fatal(err)
			}
		}
		write(held)
		do := func(tool string, args any) object {
			result := w.try(tool, args)
			text := string(result.JSON)
			if result.Err != nil {
				text = result.Err.Error()
			}
			var answer object
			_ = json.Unmarshal(result.JSON, &answer)
			answers[i] = append(answers[i], handlesTold.ReplaceAllString(text, "chg_…"))
			return answer
		}
		first := do("update_contact",
			object{"contact": ann, "set": object{"name": "Q1", "custom_attributes": object{"tier": "gold"}}})
		do("update_contact", object{"contact": ann, "set": object{"name": "Q2"}})
		do("undo_change", object{"change": first["change"]})
		do("undo_change", object{"change": first["change"]})
		if c, _ := w.sandbox.Contact(ann); c.CustomAttributes["tier"] != held {
			t.Errorf("after the undo it is %v, and was %s", c.CustomAttributes["tier"], held)
		}
		second := do("update_contact", object{"contact": ann, "set": object{"custom_attributes": object{"tier": "gold"}}})
		write("bronze")
		do("undo_change", object{"change": second["change"]})
		if c, _ := w.sandbox.Contact(ann); c.CustomAttributes["tier"] != "bronze" {
			t.Errorf("another client's edit was written over: %v", c.CustomAttributes["tier"])
		}
	}
	for n, price := range map[int]string{0: "masked fields are written over, whatever", 1: "",
		5: "put back only where they still hold what was written, and it is not told which"} {
		if answer := answers[0][n]; !strings.Contains(answer, price) || price == "" && strings.Contains(answer, "masked") {
			t.Errorf("answer %d does not tell %q: %s", n, price, answer)
		}
	}
	for n := range answers[0] {
		if answers[0][n] != answers[1][n] {
			t.Errorf("answer %d tells:\n%s\n%s", n, answers[0][n], answers[1][n])
		}
	}
}
