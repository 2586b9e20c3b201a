package tools

import (
	"fmt"
	"strings"
	"testing"

	"intercom-mcp/policy"
)

// hiding is a long text with a word in its middle that a person has to see.
func hiding(n int) string { return strings.Repeat("a", n) + "EVIL" + strings.Repeat("z", n) }

// TestPreviewShowsGivenInFull shows what the caller gave to the last letter, as long as there is room.
func TestPreviewShowsGivenInFull(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	w.withAttributes("string", "motto")
	ann := w.user(0)
	tag := hiding(40)
	if _, err := w.client.Tags.Create(t.Context(), tag); err != nil {
		t.Fatal(err)
	}
	url := "https://example.com/" + hiding(200) + ".png"
	for _, c := range []struct {
		tool string
		args object
		want string
	}{
		{"update_contact", object{"contact": ann.ID, "set": object{"name": hiding(100), "phone": "+15550100"}}, hiding(100)},
		{"update_contact", object{"contact": ann.ID, "set": object{"custom_attributes": object{"motto": hiding(100)},
			"external_id": hiding(90)}}, hiding(100)},
		{"update_contact", object{"contact": ann.ID, "set": object{"avatar": url, "phone": "+15550100"}}, url},
		{"update_contact", object{"contact": ann.ID, "set": object{"add_tags": []string{tag}, "phone": "+15550100"}}, tag},
		{"create_tag", object{"name": hiding(100)}, hiding(100)},
		{"save_company", object{"company": "company_id:new-one", "set": object{"name": hiding(100)}}, hiding(100)},
		{"bulk_update_contacts",
			w.eachWith(3, func(i int) object { return object{"name": hiding(100) + fmt.Sprint(i), "phone": "+15550100"} }),
			hiding(100) + "2"},
	} {
		preview := w.question(c.tool, c.args).Message
		holds(t, preview, `"`+c.want+`"`)
	}
}

// TestPreviewCountsWhatIsMissing cuts what has no room, and tells how much of it.
func TestPreviewCountsWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	preview := w.question("bulk_update_contacts",
		w.eachWith(10,
			func(i int) object { return object{"name": hiding(120) + fmt.Sprint(i), "phone": "+15550100"} })).Message
	if strings.Contains(preview, "EVIL") || strings.Count(preview, " characters not shown)") != 10 || len(preview) > 4800 {
		t.Errorf("%d bytes:\n%s", len(preview), preview)
	}
}

// TestPreviewMarksLookalikes names the script and the letters by which a new value looks like another one.
func TestPreviewMarksLookalikes(t *testing.T) {
	w := newWorld(t, inMode(policy.ModeFull))
	for _, c := range []struct {
		tool string
		args object
		want []string
	}{
		{"update_contact", object{"contact": w.user(0).ID, "set": object{"email": "ann@аcme.example"}},
			[]string{`"ann@аcme.example" (mixes Latin and Cyrillic: U+0430)`}},
		{"create_tag", object{"name": "VIР"}, []string{`name: "VIР" (mixes Latin and Cyrillic: U+0420)`}},
		{"create_tag", object{"name": "сосо"}, []string{`name: "сосо" (Cyrillic that looks Latin: U+0441, U+043E)`}},
		{"save_company", object{"company": "company_id:new-one", "set": object{"name": "Асme Inc"}},
			[]string{`"Асme Inc" (mixes Latin and Cyrillic: U+0410, U+0441)`}},
		{"bulk_update_contacts",
			w.eachWith(3, func(i int) object { return object{"email": fmt.Sprintf("ann%d@аcme.example", i)} }),
			[]string{`email on 3 (3 "аcme.example" (mixes Latin and Cyrillic: U+0430); 3 with lookalike letters)`}},
		{"bulk_update_contacts",
			w.eachWith(3, func(i int) object { return object{"name": []string{"Ann", "Аnn", "Ann"}[i], "phone": "+15550100"} }),
			[]string{`"Аnn" (mixes Latin and Cyrillic: U+0410)`, `name on 3 (2 values; 1 with lookalike letters)`}},
	} {
		holds(t, w.question(c.tool, c.args).Message, c.want...)
	}
}

// TestPreviewShowsTheMostFrequent gives fifty contacts an address elsewhere, and ten, which have rare values besides,
// one at home.
func TestPreviewShowsTheMostFrequent(t *testing.T) {
	for _, protected := range []bool{true, false} {
		w := newWorld(t)
		w.withAttributes("string", "a", "b")
		preview := w.question("bulk_update_contacts", w.eachWith(60, func(i int) object {
			if i >= 50 {
				set := object{"email": fmt.Sprintf("new%d@acme.example", i), "custom_attributes": object{"a": fmt.Sprint(i),
					"b": fmt.Sprint(i)}}
				if protected {
					set["phone"], set["external_id"] = fmt.Sprintf("+155502%02d", i), fmt.Sprintf("new%d", i)
				}
				return set
			}
			return object{"email": fmt.Sprintf("new%d@evil.example", i)}
		})).Message
		rows := strings.Join(strings.Split(preview, "\n")[1:3], "\n") // which are shown however little room there is
		holds(t, rows, `@evil.example"`, `@acme.example"`)
	}
}

// TestPreviewSpendsItsRoom writes more attributes than there is room for: it shows several, and in full.
func TestPreviewSpendsItsRoom(t *testing.T) {
	w := newWorld(t)
	custom := object{}
	for i := range 30 {
		name := fmt.Sprintf("long_%02d", i)
		w.withAttributes("string", name)
		custom[name] = hiding(60) + fmt.Sprint(i)
	}
	preview := w.question("update_contact",
		object{"contact": w.user(0).ID, "set": object{"phone": "+15550100", "custom_attributes": custom}}).Message
	if shown := strings.Count(preview, "EVIL"); shown < 4 {
		t.Errorf("%d shown:\n%s", shown, preview)
	}
	holds(t, preview, "long_29")
}
