package tools

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"intercom-mcp/intercom"
	"intercom-mcp/intercom/sandbox"
	"intercom-mcp/policy"
)

// long is a value of n characters that begins in a way to be seen.
func long(start string, n int) string { return start + strings.Repeat("x", n-len(start)) }

// asking has every change of contacts confirmed.
func asking(t *testing.T) worldOption {
	return func(_ *sandbox.Options, _ *intercom.Config, c *Config) {
		p, err := policy.Parse("policy.yaml",
			[]byte("rules: [{name: all, effects: [write], when: contacts > 0, then: confirm, by: user}]"), PolicyVocabulary())
		if err != nil {
			t.Fatal(err)
		}
		c.Policy = policy.Always(p)
	}
}

// TestPreviewDropsNoValue gives one contact values that have no room: each is shown by how it begins, and where there
// is room for that, with how much is missing.
func TestPreviewDropsNoValue(t *testing.T) {
	w := newWorld(t, asking(t))
	for i := range 40 {
		w.withAttributes("string", fmt.Sprintf("long_%02d", i))
	}
	attributes := func(n, length int) object {
		custom := object{}
		for i := range n {
			custom[fmt.Sprintf("long_%02d", i)] = long(fmt.Sprintf("v%02d", i), length)
		}
		return custom
	}
	starts := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf(`long_%02d: "v%02d`, i, i))
		}
		return list
	}
	owner := "tomas@sandbox.example"
	ann := w.user(0).ID
	for what, c := range map[string]struct {
		tool string
		set  object
		want []string
	}{
		"1,481 letters": {"update_contact", object{"owner": owner, "name": long("Eve", 1481)},
			[]string{owner, `→ "` + long("Eve", 1481) + `"`}},
		"3,000 letters": {"update_contact", object{"owner": owner, "name": long("Eve", 3000)},
			[]string{owner, `→ "` + long("Eve", 3000)[:400], "characters not shown)"}},
		"short attributes": {"update_contact", object{"owner": owner, "custom_attributes": attributes(20, 40)}, starts(20)},
		"long attributes": {"update_contact", object{"owner": owner, "custom_attributes": attributes(40, 255)},
			append(starts(40), " characters missing in all)")},
		"long protected fields": {"update_contact", object{"owner": owner, "email": long("eve", 200) + "@evil.example",
			"external_id": long("ext", 255), "phone": "+15550100", "name": long("Eve", 255),
			"custom_attributes": attributes(40, 255)},
			append(starts(40), owner, `"eve`, `@evil.example"`, `"ext`, `"+15550100"`, `name: "Eve`)},
		"a created one": {"create_contact", object{"email": "x@evil.example", "name": long("Eve", 3000)},
			[]string{`"x@evil.example"`, `name: "Eve`, "characters not shown)"}},
		"several values": {"create_contact", object{"email": "x@evil.example", "name": long("Eve", 600),
			"avatar": "https://" + long("evil", 600), "external_id": long("ext", 600)},
			[]string{`name: "Eve`, `avatar: "https://evil`, `external_id: "ext`, "characters not shown)"}},
		"tags and attributes": {"update_contact", object{"owner": owner, "name": long("Eve", 255),
			"add_tags": []string{"VIP"}, "custom_attributes": attributes(30, 255)}, append(starts(30), `+tag "VIP"`, "Eve")},
	} {
		args := object{"set": c.set}
		if c.tool == "update_contact" {
			args["contact"] = ann
		}
		preview := w.question(c.tool, args).Message
		if strings.Contains(strings.ReplaceAll(preview, ": (none) → ", ": "), " more") || len(preview) > 4800 {
			t.Errorf("%s: %d bytes, or not all:\n%s", what, len(preview), preview)
		}
		for _, want := range c.want {
			if !strings.Contains(strings.ReplaceAll(preview, ": (none) → ", ": "), want) {
				t.Errorf("%s lacks %q:\n%s", what, want, preview)
			}
		}
	}
}

// TestPreviewDropsNoValueOfMany gives several contacts the same long values, and more attributes than each row has room
// for: one row shows them all.
func TestPreviewDropsNoValueOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	custom := object{}
	for i := range 90 {
		name := fmt.Sprintf("long_%02d", i)
		w.withAttributes("string", name)
		if i < 30 {
			custom[name] = long(fmt.Sprintf("v%02d", i), 255)
		}
	}
	set := object{"owner": "tomas@sandbox.example", "name": long("Eve", 3000)}
	preview := w.question("bulk_update_contacts", w.eachWith(12, func(int) object { return set })).Message
	if n := strings.Count(preview, `→ "Eve`); n != 10 {
		t.Errorf("%d rows show the name:\n%s", n, preview)
	}
	set = maps.Clone(set)
	set["custom_attributes"] = custom
	preview = w.question("bulk_update_contacts", w.eachWith(12, func(int) object { return set })).Message
	for name, value := range custom {
		holds(t, preview, name+`: "`+value.(string)[:3])
	}
	if len(preview) > 4800 || strings.Count(preview, "owner_id:") < 2 {
		t.Errorf("%d bytes:\n%s", len(preview), preview)
	}
	for i := range 90 { // which have no room in a row
		custom[fmt.Sprintf("long_%02d", i)] = long("v", 255)
	}
	preview = w.question("bulk_update_contacts", w.eachWith(12, func(int) object { return set })).Message
	if rows := strings.Count(preview, "owner_id:"); rows < 2 || strings.Count(preview, `name: "Eve`) != rows ||
		len(preview) > 4800 {
		t.Errorf("%d bytes, or not each row shows the name:\n%s", len(preview), preview)
	}
}

// TestPreviewNamesWhoHides puts the id beside a name that holds a direction override.
func TestPreviewNamesWhoHides(t *testing.T) {
	w := newWorld(t)
	ann := w.user(0)
	if _, err := w.client.Contacts.Update(t.Context(), ann.ID, intercom.ContactWrite{
		Name: intercom.Value("\u202eevil"), Email: intercom.Value("")}); err != nil {
		t.Fatal(err)
	}
	preview := w.question("update_contact", object{"contact": ann.ID, "set": object{"phone": "+15550100"}}).Message
	holds(t, preview, `"<U+202E>evil" `+ann.ID+"  phone")
}
