package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAttributes finds the attributes that a policy names, wherever it does, each once.
func TestAttributes(t *testing.T) {
	p, err := Parse("policy.yaml", []byte(`
masked: [email, custom_attributes.tier]
protected: [custom_attributes.plan, custom_attributes.tier]
rules:
  - name: some
    when: "fields.exists(f, f in ['custom_attributes.seats', 'name']) || 'company.custom_attributes.tier' in fields"
    then: deny
  - name: parts
    when: fields.exists(f, f.startsWith('custom_attributes.pla') || f != 'custom_attributes.x')
    then: deny
  - {name: spelled, when: '"custom\x5fattributes.y" in fields', then: deny}
  - {name: joined, when: '"custom_" + ("attributes." + "z") in fields', then: deny}
  - {name: index, when: 'set["custom_attributes.i"] == "gold" || set["custom_" + "attributes.j"] == 1', then: deny}
  - {name: always, then: deny}
`), Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Attribute{
		{"tier", false, "masked"}, {"plan", false, "protected"}, {"seats", false, `rule "some", line 5`},
		{"tier", true, `rule "some", line 5`}, {"x", false, `rule "parts", line 8`},
		{"y", false, `rule "spelled", line 11`}, {"z", false, `rule "joined", line 12`},
		{"i", false, `rule "index", line 13`}, {"j", false, `rule "index", line 13`},
	}
	if diff := cmp.Diff(want, p.Attributes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Default(ModeFull).Attributes(); got != nil {
		t.Errorf("of the built-in policy: %v", got)
	}
}

// TestTags finds the tags that conditions name, wherever they do, each once.
func TestTags(t *testing.T) {
	p, err := Parse("policy.yaml", []byte(`
rules:
  - {name: held, when: "'VIP' in targets.tags || targets.tags.exists(t, t == 'Gold' || t.startsWith('Ol'))", then: deny}
  - {name: none, when: contacts > 1, then: deny}
  - {name: put on, when: "'VIP' in set.tags || set.name == 'Nobody'", then: deny}
  - {name: put, when: "has(set.tags) && set.tags.exists(t, t == 'New')", then: deny}
  - {name: by key, when: "'Silver' in set['tags'] || set['name'] == 'Nobody'", then: deny}
  - {name: always, then: deny}
`), Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	want := []Tag{
		{"VIP", `rule "held", line 3`}, {"Gold", `rule "held", line 3`}, {"New", `rule "put", line 6`},
		{"Silver", `rule "by key", line 7`},
	}
	if diff := cmp.Diff(want, p.Tags()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
