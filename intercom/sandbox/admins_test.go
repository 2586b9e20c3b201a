package sandbox

import (
	"testing"
)

// TestAdmins holds what differs between versions, and being away.
func TestAdmins(t *testing.T) {
	c := newCaller(t, Options{Contacts: -1, Region: "EU", Timezone: "Europe/Dublin"})
	id, name, email := c.Admin()
	me := c.ok("GET", "/me", "")
	if me.text("id") != id || me.text("name") != name || me.text("email") != email ||
		me.text("app.region") != "EU" || me.text("app.timezone") != "Europe/Dublin" {
		t.Errorf("me: %s", me.body)
	}
	for version, keys := range map[string][2]bool{"2.10": {false, false}, "2.14": {true, false}, "2.16": {true, true}} {
		admin, _ := c.in(version).ok("GET", "/admins", "").at("admins.0").(map[string]any)
		_, reason := admin["away_status_reason_id"]
		_, role := admin["role"]
		if keys != [2]bool{reason, role} {
			t.Errorf("in %s: away reason %v, role %v", version, reason, role)
		}
	}
	away := c.ok("PUT", "/admins/"+id+"/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`)
	if away.at("away_mode_reassign") != true {
		t.Errorf("away: %s", away.body)
	}
	c.refused("PUT", "/admins/1/away", `{}`, 404, "admin_not_found", "Admin for admin_id not found")
	c.refused("GET", "/admins/1", "", 404, "admin_not_found", "Admin not found")
}
