package tools

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/change"
)

// TestPolicyVocabulary holds the names of policies to what can be set.
func TestPolicyVocabulary(t *testing.T) {
	known := PolicyVocabulary()
	ref := []change.Ref{{ID: "1"}}
	want := change.Patch{AddTags: ref, AddCompanies: ref, Note: &change.Note{}}.Fields() // set by other means
	for _, op := range []change.Operation{change.Archive, change.Unarchive, change.Delete, change.Block, change.Merge} {
		want = append(want, change.Patch{Op: op}.Fields()...)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[ContactFields](), reflect.TypeFor[ContactDates]()} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			switch name {
			case "owner":
				name = "owner_id"
			case "custom_attributes":
				continue
			}
			want = append(want, name)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	slices.Sort(known.Protected)
	if diff := cmp.Diff(want, known.Protected); diff != "" {
		t.Errorf("fields that can be written (-want +got):\n%s", diff)
	}
	for _, name := range policy.Default(policy.ModeWrite).Protected {
		if !slices.Contains(known.Protected, name) {
			t.Errorf("the built-in policy protects %s, which cannot be written", name)
		}
	}
	for i := range reflect.TypeFor[CompanySet]().NumField() {
		name, _, _ := strings.Cut(reflect.TypeFor[CompanySet]().Field(i).Tag.Get("json"), ",")
		if name == "custom_attributes" {
			name += ".<name>"
		}
		if !slices.Contains(known.Fields, "company."+name) {
			t.Errorf("company.%s can be written and is no field of conditions", name)
		}
	}
	text, err := os.ReadFile("../policy/internal/builtin/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := policy.Parse("default.yaml", text, known); err != nil {
		t.Errorf("the built-in policy as a file: %v", err)
	}
	if slices.Contains(known.Masked, "id") || !slices.Contains(known.Masked, "owner_id") ||
		!slices.Contains(known.Masked, "email") {
		t.Errorf("masked may be %q", known.Masked)
	}
	if known.Tools["tag_contacts"] != policy.Write || known.Tools["list_tags"] != policy.Read {
		t.Errorf("tools %v", known.Tools)
	}
	if diff := cmp.Diff([]string{"confirm_change", "cancel_change"}, known.Controls); diff != "" {
		t.Errorf("tools that no rule applies to (-want +got):\n%s", diff)
	}
}

// TestPolicyRuleThatNeverFires refuses rules that are about no call on which the policy decides.
func TestPolicyRuleThatNeverFires(t *testing.T) {
	for rule, want := range map[string]string{
		"tools: [confirm_change]":                                     "name the tool whose change it is",
		"tools: [undo_change, cancel_change]":                         "name the tool whose change it is",
		"when: tool == 'confirm_change'":                              "name the tool whose change it is",
		"when: tool in ['undo_change']":                               "",
		"tools: [undo_change]":                                        "",
		"when: tool != 'cancel_change'":                               "",
		"when: tool.startsWith('confirm_')":                           "no tool that rules are asked about starts with",
		"when: tool.startsWith('delte')":                              "no tool that rules are asked about starts with",
		"when: tool.endsWith('_change')":                              "",
		"when: tool.matches('^updat_')":                               "no tool that rules are asked about matches",
		"when: tool.matches('^(un)?archive_')":                        "",
		"when: fields.exists(f, f.startsWith('cust'))":                "",
		"when: fields.exists(f, f.startsWith('custom_atribute'))":     "no field starts with",
		"when: fields.exists(f, f.startsWith('custom_attributes.x'))": "",
		"when: fields.exists(f, f.endsWith('.tierr'))":                "",
	} {
		file := "rules:\n  - name: never\n    then: deny\n    " + rule + "\n"
		_, err := policy.Parse("policy.yaml", []byte(file), PolicyVocabulary())
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", rule, err, want)
		}
	}
}
