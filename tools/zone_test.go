package tools

import (
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy/change"
)

// inZone is a world of a server that is set to a zone, in a workspace that is set to another one.
func inZone(zone, workspace string) worldOption {
	return func(so *sandbox.Options, _ *intercom.Config, c *Config) { c.Zone, so.Timezone = zone, workspace }
}

// A day without a zone is one of UTC, or of the zone that the operator chose; answer and preview tell which.
func TestZone(t *testing.T) {
	for name, test := range map[string]struct {
		zone, workspace, written, told, shown string
	}{
		"UTC":         {"", "Europe/Brussels", "2026-10-01", "of UTC", "2026-10-01T00:00:00Z"},
		"named":       {"America/New_York", "", "2026-10-01", "of America/New_York", "2026-10-01T04:00:00Z"},
		"workspace's": {WorkspaceZone, "Europe/Brussels", "2026-10-01", "of Europe/Brussels", "2026-09-30T22:00:00Z"},
		"a time":      {WorkspaceZone, "Europe/Brussels", "2026-10-01T09:30", "of Europe/Brussels", "2026-10-01T07:30:00Z"},
		"with a zone": {WorkspaceZone, "Europe/Brussels", "2026-10-01T09:30:00+05:30", "", "2026-10-01T04:00:00Z"},
		"in UTC":      {WorkspaceZone, "Europe/Brussels", "2026-10-01T09:30:00Z", "", "2026-10-01T09:30:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, inZone(test.zone, test.workspace))
			id := w.people(0, 1)[0]
			receipt := w.do("update_contact", object{"contact": id, "set": object{"signed_up_at": test.written,
				"custom_attributes": object{"renewal_date": test.written}}})
			items, _ := receipt["items"].([]any)
			note, _ := receipt["note"].(string)
			if len(items) != 1 || !strings.Contains(items[0].(string), "→ "+test.shown) ||
				strings.Count(note, "without a zone are taken as "+test.told) != min(1, len(test.told)) {
				t.Errorf("receipt %v", receipt)
			}
			result := w.try("update_contact", object{"contact": id, "set": object{"phone": "+32444123456",
				"last_seen_at": test.written}}, func(c *Call) { c.CanAsk = true })
			if result.Ask == nil || strings.Contains(result.Ask.Message,
				"Days and times without a zone are taken as "+test.told+".") != (test.told != "") {
				t.Errorf("asks %+v %v", result.Ask, result.Err)
			}
		})
	}
}

// A search takes a day for one of the same zone.
func TestZoneOfSearch(t *testing.T) {
	w := newWorld(t, inZone("Asia/Tokyo", ""))
	id := w.people(0, 1)[0]
	w.do("update_contact", object{"contact": id, "set": object{"signed_up_at": "2026-10-01"}})
	for day, found := range map[string]int{"2026-10-01": 1, "2026-09-30": 0} {
		where := []object{{"field": "signed_up_at", "operator": "=", "value": day},
			{"field": "id", "operator": "=", "value": id}}
		if rows := w.do("search_contacts", object{"where": where})["rows"].([]any); len(rows) != found {
			t.Errorf("%s: %v", day, rows)
		}
	}
}

// An operator's zone that is not known is refused at once.
func TestZoneUnknown(t *testing.T) {
	w := newWorld(t)
	for _, zone := range []string{"Mars", "Local", "Pacific Time (US & Canada)"} {
		if _, err := New(Config{Client: w.client, Policy: w.current, Store: change.NewMemory(1), Zone: zone}); err == nil {
			t.Errorf("%s is taken for a zone", zone)
		}
	}
}
