package tools

import (
	"strings"
	"testing"

	"intercom-mcp/intercom"
)

// TestUndoLeftAlone undoes what somebody else has changed in part: whoever asked
// is told what was left alone, with a preview or without.
func TestUndoLeftAlone(t *testing.T) {
	for name, many := range map[string]int{"unasked": 3, "confirmed": 12} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			people := w.people(0, many)
			receipt := w.agreed("bulk_update_contacts", rename(people, "Renamed"))
			if _, err := w.client.Contacts.Update(t.Context(), people[1], intercom.ContactWrite{Name: intercom.Value("By Somebody")}); err != nil {
				t.Fatal(err)
			}
			undone := w.do("undo_change", object{"change": receipt["change"]})
			if undone["status"] == "awaiting" {
				if preview := undone["preview"].(string); !strings.Contains(preview, `Left alone: `) || !strings.Contains(preview, `name was changed to "By Somebody" since`) {
					t.Error(preview)
				}
				undone = w.do("confirm_change", object{"change": undone["change"]})
			}
			if note, _ := undone["note"].(string); !strings.Contains(note, "left alone: ") || !strings.Contains(note, `name was changed to "By Somebody" since`) {
				t.Errorf("receipt: %v", undone)
			}
			if undone["changed"] != float64(many-1) {
				t.Errorf("receipt: %v", undone)
			}
		})
	}
}
