package policy

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected errors of the corpus")

// known is the vocabulary of the corpus.
var known = Vocabulary{
	Tools: map[string]Effect{
		"list_tags": Read, "tag_contacts": Write, "untag_contacts": Write, "update_contact": Write, "add_note": Write,
		"delete_tag": Destroy, "confirm_change": Write,
	},
	Controls: []string{"confirm_change"},
	Fields: []string{
		"name", "email", "phone", "owner_id", "tags", "notes", "archived", "company.name", "company.custom_attributes.<name>",
	},
	Protected: []string{"email", "phone", "tags"},
	Masked:    []string{"email", "phone"},
	Toolsets:  []string{"tags", "notes", "bulk"},
}

// asked is a request of the corpus with the decision that it expects. Rules
// are the names of all that matched, in order.
type asked struct {
	Name         string
	Tool         string
	Effect       Effect
	Irreversible bool
	Principal    string
	Contacts     int
	Window       int
	Confirmed    int // of others, in the window besides
	Notes        int
	Fields       []string
	ManyFields   int `yaml:"many_fields"` // as many fields with made-up names
	Reach        string
	Approvers    bool
	Declined     bool
	Contested    bool
	Given        string
	Person       Person
	Roles        []string
	Client       string
	Workspace    string
	Now          time.Time
	Targets      []Target
	TokenMode    Mode `yaml:"token_mode"`
	Toolset      string
	Unread       string // why the workspace and the targets could not be read

	Verdict     string
	Level       string
	Fallback    bool
	Unreachable bool
	Rules       []string
	Needs       []string // nil: not compared, where there is one
}

// TestCorpus replays testdata/decisions: each archive is a policy, the
// built-in one where there is no policy.yaml, with either requests.yaml or the
// error of reading it.
func TestCorpus(t *testing.T) {
	paths, err := filepath.Glob("testdata/decisions/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			cases += replay(t, path, archive)
		})
	}
	if cases < 60 {
		t.Errorf("%d cases, want at least 60", cases)
	}
}

// replay checks one archive and returns how many cases it held.
func replay(t *testing.T, path string, archive *txtar.Archive) int {
	p, failed := Default(ModeWrite), ""
	var requests []asked
	for i := range archive.Files {
		file := &archive.Files[i]
		switch file.Name {
		case "policy.yaml":
			parsed, err := Parse(file.Name, file.Data, known)
			if p = parsed; err != nil {
				failed = err.Error() + "\n"
			}
		case "requests.yaml":
			if err := yaml.UnmarshalWithOptions(file.Data, &requests, yaml.Strict()); err != nil {
				t.Fatal(err)
			}
		case "error":
			if *update {
				file.Data = []byte(failed)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(file.Data), failed); diff != "" || failed == "" {
				t.Errorf("the error of reading the policy (-want +got):\n%s", diff)
			}
			return 1
		default:
			t.Fatalf("section %s", file.Name)
		}
	}
	if failed != "" {
		t.Fatal(failed)
	}
	for _, want := range requests {
		t.Run(want.Name, func(t *testing.T) { decide(t, p, want) })
	}
	return len(requests)
}

// decide compares one decision.
func decide(t *testing.T, p *Policy, want asked) {
	request := Request{
		Tool: want.Tool, Effect: want.Effect, Reversible: !want.Irreversible, Principal: want.Principal,
		Contacts: want.Contacts, Fields: want.Fields, Window: Window{want.Window, want.Notes, want.Window + want.Confirmed},
		Declined: want.Declined, Contested: want.Contested,
		Person: want.Person, Roles: want.Roles, Client: want.Client, Workspace: want.Workspace, Now: want.Now,
		Targets: want.Targets, Toolset: want.Toolset, Approvers: want.Approvers,
	}
	p = p.For(Who{Roles: want.Roles, Mode: want.TokenMode})
	if want.Unread != "" {
		request.WorkspaceErr, request.TargetsErr = errors.New(want.Unread), errors.New(want.Unread)
	}
	for i := range want.ManyFields {
		request.Fields = append(request.Fields, fmt.Sprintf("custom_attributes.n%d", i))
	}
	if want.Reach != "" {
		if err := request.Reach.UnmarshalText([]byte(want.Reach)); err != nil {
			t.Fatal(err)
		}
	}
	if want.Given != "" {
		if err := request.Given.UnmarshalText([]byte(want.Given)); err != nil {
			t.Fatal(err)
		}
	}
	if want.Level == "" {
		want.Level = LevelNone.String()
	}
	d := p.Decide(request)
	got := want
	got.Verdict, got.Level = d.Verdict.String(), d.Level.String()
	got.Fallback, got.Unreachable = d.Fallback, d.Unreachable
	got.Rules = nil
	for _, reason := range d.Reasons {
		got.Rules = append(got.Rules, reason.Rule)
		if reason.Text == "" {
			t.Errorf("%s gives no reason", reason.Rule)
		}
	}
	if want.Needs != nil || d.Level != LevelApprover {
		got.Needs = nil
		for _, need := range d.Needs {
			text := fmt.Sprintf("%s: %d", need.Rule, need.Needed)
			if need.Approvers != nil {
				text += " of " + strings.Join(need.Approvers, " ")
			}
			got.Needs = append(got.Needs, text)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decision (-want +got):\n%s", diff)
	}
	decisive := ""
	if i := slices.IndexFunc(d.Reasons, func(r Reason) bool { return r.Verdict == d.Verdict }); i >= 0 {
		decisive = d.Reasons[i].Rule
	}
	if d.Rule() != decisive {
		t.Errorf("decided by %q of %+v", d.Rule(), d.Reasons)
	}
	if !cmp.Equal(d, p.Decide(request)) {
		t.Error("the same request is decided differently the second time")
	}
}

// TestDecideUnprepared holds what cannot happen to a policy of a file to the
// safe side.
func TestDecideUnprepared(t *testing.T) {
	if (Decision{}).Verdict != Deny {
		t.Error("the zero decision permits")
	}
	p := Default(ModeWrite)
	p.Rules = []Rule{{Name: "broken", When: newCondition("contacts >"), Then: Allow}}
	if d := Always(p)().Decide(Request{Effect: Write}); d.Verdict != Deny || d.Rule() != "broken" {
		t.Errorf("a condition that does not compile: %+v", d)
	}
	for _, effect := range []Effect{Read, Write, Destroy} {
		if d := (&Policy{}).Decide(Request{Effect: effect}); d.Verdict != Deny || d.Rule() != "mode" {
			t.Errorf("the zero policy of a %s: %+v", effect, d)
		}
	}
}

// TestReason says why in the words of the rule, of its name where it has none, and of what failed.
func TestReason(t *testing.T) {
	for _, test := range []struct {
		rule   Rule
		want   Reason
		detail string // beside the rule's name
	}{
		{
			Rule{Name: "r", Line: 3, Then: Confirm, By: LevelAgent, Why: "because"},
			Reason{"r", 3, Confirm, LevelAgent, "because"}, "because",
		},
		{Rule{Name: "r", Then: Deny}, Reason{"r", 0, Deny, LevelNone, "rule r"}, ""},
		{
			Rule{Name: "r", When: newCondition("1/contacts == 1"), Then: Confirm, By: LevelUser, Why: "because"},
			Reason{"r", 0, Deny, LevelNone, "the condition of rule r failed: division by zero"},
			"its condition failed: division by zero",
		},
	} {
		d := (&Policy{Mode: ModeWrite, Rules: []Rule{test.rule}}).Decide(Request{Effect: Write, Reach: LevelUser})
		if diff := cmp.Diff([]Reason{test.want}, d.Reasons); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.rule, diff)
		} else if detail := d.Reasons[0].Detail(); detail != test.detail {
			t.Errorf("%+v: %q, want %q", test.rule, detail, test.detail)
		}
	}
}

// TestCovers finds the rules that ask or forbid by the name of an effect, or of a tool.
func TestCovers(t *testing.T) {
	for _, test := range []struct {
		rule Rule
		want bool
	}{
		{Rule{Then: Confirm, Effects: []Effect{Write, Destroy}}, true},
		{Rule{Then: Deny, Effects: []Effect{Destroy}}, true},
		{Rule{Then: Allow, Effects: []Effect{Destroy}}, false},
		{Rule{Then: Deny, Effects: []Effect{Write}}, false},
		{Rule{Then: Deny}, false},
		{Rule{Then: Confirm, Tools: []string{"delete_contacts"}}, true},
		{Rule{Then: Confirm, Tools: []string{"merge_contacts"}}, false},
		{Rule{Then: Confirm, Tools: []string{"delete_contacts"}, Effects: []Effect{Write}}, false},
	} {
		if got := test.rule.Covers(Destroy, "delete_contacts"); got != test.want {
			t.Errorf("%+v covers destroy: %t", test.rule, got)
		}
	}
}

// TestGranted holds a yes against what a decision asks for.
func TestGranted(t *testing.T) {
	for _, test := range []struct {
		decision Decision
		least    Level // that grants it; beyond LevelApprover: none does
	}{
		{Decision{Verdict: Allow}, LevelNone},
		{Decision{Verdict: Confirm, Level: LevelAgent, Fallback: true}, LevelAgent},
		{Decision{Verdict: Confirm, Level: LevelUser}, LevelUser},
		{Decision{Verdict: Confirm, Level: LevelUser, Unreachable: true}, LevelApprover + 1},
		{Decision{}, LevelApprover + 1},
	} {
		for given := LevelNone; given <= LevelApprover; given++ {
			if got := test.decision.Granted(given); got != (given >= test.least) {
				t.Errorf("%+v is granted by %v: %t", test.decision, given, got)
			}
		}
	}
}
