package policy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy/internal/builtin"
)

var builtInConfirm = Confirmation{Fallback: LevelAgent, TTL: 15 * time.Minute, ApproveWithin: 24 * time.Hour,
	ExecuteWithin: time.Hour, Views: LevelAgent}

func TestDefault(t *testing.T) {
	p := Default(ModeFull)
	if p.Mode != ModeFull || p.File != BuiltIn || p.Confirm != builtInConfirm ||
		p.Limits != (Limits{10_000, 200, 500, StopAfter{10, 20, 50}, 20, 20, 10}) || len(p.Rules) != 5 || len(p.Masked) != 0 {
		t.Errorf("%+v", p)
	}
	for _, rule := range p.Rules {
		if rule.When != nil && rule.When.verify(&Vocabulary{}) != nil {
			t.Errorf("rule %s: %v", rule.Name, rule.When.verify(&Vocabulary{}))
		}
		if rule.Line == 0 || rule.Why == "" {
			t.Errorf("rule %s: line %d, why %q", rule.Name, rule.Line, rule.Why)
		}
	}
	p.Rules[0].Then, p.Protected[0] = Allow, "name"
	if other := Default(ModeFull); other.Rules[0].Then == Allow || other.Protected[0] == "name" {
		t.Error("two callers share one built-in policy")
	}
}

// An editor's byte order mark is no part of a policy, nor of its first key.
func TestParseByteOrderMark(t *testing.T) {
	p, err := Parse("policy.yaml", []byte("\ufeffmode: read\r\n"), Vocabulary{})
	if err != nil || p.Mode != ModeRead {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestParse reads every key to another value than the built-in one.
func TestParse(t *testing.T) {
	text := []byte(`timezone: Europe/Dublin
mode: read
protected: [phone]
masked: [email, custom_attributes.iban]
limits: {bulk_contacts: 1, inline_updates: 2, contacts_per_10m: 0, stop_after: {percent: 3, of_at_least: 4, items: 5}, waiting_changes: 6, waiting_megabytes: 7, unanswered_per_10m: 8}
confirm: {fallback: none, ttl: 2h, approve_within: 168h, execute_within: 1m, self_approval: true, views: user}
audit: {values: true}
notify: {events: [frozen, waiting]}
retention: {values: 30d, records: {age: 31d, folder: /var/exports}}
rules:

  - name: all
    effects: [destroy, write]
    tools: [delete_tag]
    when: "true"
    then: confirm
    by: approver
    approvers: [leads, "team: desk"]
    needed: 2
    why: because
`)
	p, err := Parse("dir/team.yaml", text, known)
	if err != nil {
		t.Fatal(err)
	}
	rule := p.Rules[0]
	if rule.When.String() != "true" {
		t.Errorf("when %v", rule.When)
	}
	rule.When = nil
	want := Policy{
		File: "dir/team.yaml", Revision: p.Revision, Mode: ModeRead, Notify: Notify{[]string{"frozen", "waiting"}},
		Protected: []string{"phone"}, Masked: []string{"email", "custom_attributes.iban"},
		Limits: Limits{1, 2, 0, StopAfter{3, 4, 5}, 6, 7, 8}, Confirm: Confirmation{LevelNone, 2 * time.Hour,
			7 * 24 * time.Hour,
			time.Minute, true, LevelUser},
		Audit:     Audit{Values: true},
		Retention: Retention{30 * 24 * time.Hour, 31 * 24 * time.Hour, "/var/exports"},
		Rules: []Rule{{
			Name: "all", Line: 12, Effects: []Effect{Destroy, Write}, Tools: []string{"delete_tag"},
			Then: Confirm, By: LevelApprover, Approvers: []string{"leads", "team: desk"}, Needed: 2, Why: "because",
		}},
	}
	got := *p
	if got.Zone.String() != "Europe/Dublin" {
		t.Errorf("time zone %v", got.Zone)
	}
	got.Rules, got.Zone = []Rule{rule}, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	if _, err := Parse("dir/team.yaml", text, Vocabulary{}); err != nil {
		t.Errorf("without a vocabulary: %v", err)
	}
	other, err := Parse("dir/team.yaml", append(text, '\n'), known)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.HasPrefix(p.Revision, "sha256:") && strings.HasSuffix(p.Revision, " team.yaml")
	if !named || other.Revision == p.Revision {
		t.Errorf("revisions %q and %q", p.Revision, other.Revision)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.yaml")
	if _, err := Load(path, known); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Load(filepath.Dir(path), known); err == nil {
		t.Error("a directory is read as a policy")
	}
	for text, want := range map[string]string{
		"mode: read\n":                      "",
		"mode: red\n":                       path + `:1:7: mode "red" is none of read, write, full`,
		strings.Repeat("# 3456\n", maxFile): path + ":1:1: the file is longer than 256 KiB",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path, known)
		if got := errorText(err); got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestNarrow(t *testing.T) {
	p := Default(ModeWrite)
	for mode, want := range map[Mode]Mode{
		ModeFull: ModeWrite, ModeWrite: ModeWrite, ModeRead: ModeRead, "": "", "all": "all",
	} {
		got := p.Narrow(mode)
		if got.Mode != want || (got == p) != (want == ModeWrite) {
			t.Errorf("write narrowed by %q is %q", mode, got.Mode)
		}
		if got != p && got.Revision == p.Revision {
			t.Errorf("%q: two policies have the revision %q", mode, p.Revision)
		}
	}
	if p.Narrow("all").Mode.Allows(Read) {
		t.Error("an unknown mode offers reads")
	}
}

// FuzzParse looks for texts that the reader does not survive.
func FuzzParse(f *testing.F) {
	f.Add(builtin.Text)
	f.Add([]byte("rules: [{name: a, when: \"(\", then: deny}]"))
	f.Add([]byte("mode: &a [*a]\n"))
	f.Add([]byte("rules:\n- when: |\n   x\n   &&\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := Parse("fuzz.yaml", text, known)
		if (p == nil) == (err == nil) {
			t.Errorf("policy %v, error %v", p, err)
		}
	})
}

// What YAML takes another way than its author meant says how to write it, or shows what it came to.
func TestQuoting(t *testing.T) {
	const quoted = "put the whole condition in single quotes, "
	rule := func(when string) string { return "rules:\n  - name: x\n    then: deny\n    when: " + when + "\n" }
	for text, want := range map[string]string{
		rule(`"email" in fields`): `p.yaml:4:19: YAML does not take this for one text; ` + quoted +
			`when: '"email" in fields'`,
		rule(`'email' in fields`): `p.yaml:4:19: YAML does not take this for one text; ` + quoted +
			`when: '''email'' in fields'`,
		rule(`tool == "a" ? b : c`): `p.yaml:4:11: YAML does not take this for one text; ` + quoted +
			`when: 'tool == "a" ? b : c'`,
		"rules:\n  - when: @x\n": `p.yaml:2:11: YAML does not take this for one text; ` + quoted + `when: '@x'`,
		rule(`!reversible`):      `p.yaml:4:11: when is text, not an anchor, alias or tag; ` + quoted + `when: '!reversible'`,
		"rules:\n  - when: !reversible\n    name: x\n    then: deny\n": `p.yaml:2:11: when is text, not an anchor, alias or tag; ` +
			quoted + `when: '!reversible'`,
		rule(`["email"]`): `p.yaml:4:11: when is text, not a list; ` + quoted + `when: '["email"]'`,
		rule(`true`):      `p.yaml:4:11: when is text, not true or false; ` + quoted + `when: 'true'`,
		"rules: [{name: x, then: deny, when: true}]": `p.yaml:1:37: when is text, not true or false; ` +
			`put the whole condition in single quotes`,
		"limits: {bulk_contacts: 010}":  `p.yaml:1:25: bulk_contacts: 010 is 8 to some and 10 to others; leave out the zeros before it`,
		"limits: {bulk_contacts: 0_10}": `p.yaml:1:25: bulk_contacts: 0_10 is 8 to some and 10 to others; leave out the zeros before it`,
		"limits: {bulk_contacts: 0o10}": "",
		"rules:\n  - name: \"no\" notes\n": `p.yaml:2:16: YAML does not take this for one text; ` +
			`put the whole text in single quotes, name: '"no" notes'`,
	} {
		_, err := Parse("p.yaml", []byte(text), known)
		if got := errorText(err); got != want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", text, got, want)
		}
	}
}

// The built-in rules of a file that has none of its own have no line in it, and a decision by one names none.
func TestParseInheritedRules(t *testing.T) {
	p, err := Parse("policy.yaml", []byte("mode: full\n"), known)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range p.Rules {
		if rule.Line != 0 {
			t.Errorf("rule %s is in line %d of a file of one line", rule.Name, rule.Line)
		}
	}
	d := p.Decide(Request{Tool: "tag_contacts", Effect: Write, Reversible: true, Contacts: 11,
		Window: Window{Unconfirmed: 11, All: 11}, Reach: LevelUser})
	if len(d.Reasons) != 1 || d.Reasons[0].Line != 0 || d.Reasons[0].Rule != "more than 10 contacts at once" {
		t.Errorf("reasons %+v", d.Reasons)
	}
	if first := Default(ModeFull).Rules[0]; first.Line == 0 {
		t.Error("the built-in policy lost its lines")
	}
}

// A comment behind a condition is told of: it may have been meant to be part of it.
func TestCutCondition(t *testing.T) {
	for when, want := range map[string]string{
		"contacts > 10 # && reversible":         "# && reversible",
		"contacts > 10 &&\n      true # many":   "# many",
		"contacts > 10":                         "",
		"'contacts > 10' # many":                "",
		"contacts > 10\n    # many":             "",
		"|\n      contacts > 10 && 'a #' != ''": "",
	} {
		p, err := Parse("p.yaml", []byte("rules:\n  - name: x\n    when: "+when+"\n    then: deny\n"), known)
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		if got := p.Rules[0].When.Comment; got != want {
			t.Errorf("%s: comment %q, want %q", when, got, want)
		}
	}
	_, err := Parse("p.yaml", []byte("rules:\n  - name: x\n    when: tool.matches(\"a #b\")\n    then: deny\n"), known)
	if got := errorText(err); !strings.Contains(got, "YAML takes what follows # for a comment") {
		t.Errorf("error %s", got)
	}
}

// TestOddFiles names what an editor made of a file.
func TestOddFiles(t *testing.T) {
	for text, want := range map[string]string{
		"\xff\xfem\x00o\x00":                    "1:1: the file is text in UTF-16; save it in UTF-8",
		"rules:\n  - name: a\n\tthen: deny\n":   "3:1: the line begins with a tab; YAML is indented by blanks alone",
		"rules:\n  - name: a\n  \tname: [b\n":   "a tab",
		"rules:\n\t- name: a\n    then: deny\n": "2:1: the line begins with a tab",
	} {
		if _, err := Parse("p.yaml", []byte(text), Vocabulary{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestSyntaxError places an error of YAML that says nothing of a place at the beginning.
func TestSyntaxError(t *testing.T) {
	for _, err := range []error{errors.New("odd"), &yaml.SyntaxError{Message: "odd"}} {
		if line, column, what := (&reader{}).syntaxError(err); line != 1 || column != 1 || what != "odd" {
			t.Errorf("%T: %d:%d: %s", err, line, column, what)
		}
	}
}

// TestVocabulary holds names against those that are known, and none where none are.
func TestVocabulary(t *testing.T) {
	one := Vocabulary{Tools: map[string]Effect{"tag_contacts": Write}, Fields: []string{"email"},
		Toolsets: []string{"tags"}}
	rule := func(text string) string { return "rules: [{name: n, then: deny, " + text + "}]" }
	for text, want := range map[string]string{
		"roles: {a: {toolsets: [notes]}}": `p.yaml:1:24: there is no toolset "notes"; there are tags`,
		rule("when: \"fields.exists(f, f.startsWith('na'))\""): `p.yaml:1:37: when: no field starts with "na"; ` +
			`there are email, custom_attributes.<name>`,
		rule("tools: [x]"): `p.yaml:1:39: there is no tool "x"`,
	} {
		if _, err := Parse("p.yaml", []byte(text), Vocabulary{}); err != nil {
			t.Errorf("%s: where nothing is known: %v", text, err)
		}
		if _, err := Parse("p.yaml", []byte(text), one); errorText(err) != want {
			t.Errorf("%s\ngot:\n%v\nwant:\n%s", text, err, want)
		}
	}
}
