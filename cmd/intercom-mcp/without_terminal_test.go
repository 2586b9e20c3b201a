package main

import (
	"os"
	"strings"
	"testing"
)

// TestWithoutTerminal runs what needs a yes where nobody can be asked: each says that a yes is needed, and how to give
// it. What the policy denies is told as its word, whether somebody says yes or not.
func TestWithoutTerminal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 40)
	rows := [][]string{{"email", "name"}}
	var ids []string
	for _, c := range d.users()[:3] {
		rows = append(rows, []string{c.Email, "Renamed"})
		ids = append(ids, `"`+c.ID+`"`)
	}
	file, three := d.write("three.csv", rows...), `"contacts":[`+strings.Join(ids, ",")+`]`
	rename := `{` + three + `,"set":{"name":"B"}}`
	stdout, _ := d.must("call", "bulk_update_contacts", `{`+three+`,"set":{"name":"A"}}`)
	done, _ := d.receipt(stdout)["change"].(string)
	const needs = "approval_unavailable: This needs your yes"
	const bounding = "rules: []\nlimits: {contacts_per_10m: 2}\n"
	const asking = "confirm: {fallback: none}\nrules:\n  - {name: all, then: confirm, by: user}\n"
	const says = "Nothing was changed: run it again with --yes, or in a terminal"
	for policy, more := range map[string]string{
		bounding: ": 3 contacts, companies and tags within 10 minutes, the limit is 2",
		asking:   ", which cannot be asked for",
	} {
		flags := []string{"--policy", d.policy(policy)}
		for _, args := range [][]string{
			{"import", file}, {"call", "bulk_update_contacts", rename}, {"changes", "undo", done},
			{"call", "tag_contacts", `{` + three + `,"tag":"VIP"}`}, {"call", "archive_contacts", `{` + three + `}`},
		} {
			code, stdout, stderr := d.run(append(args, flags...)...)
			if code != exitFailed || !strings.HasPrefix(strings.TrimPrefix(stderr, done+": "), needs+more) ||
				!strings.Contains(stderr, says) || strings.Contains(stderr, "--dry-run") != (args[0] == "import") {
				t.Errorf("%v exits with %d: %s%s", args, code, stdout, stderr)
			}
		}
	}
	denying := d.policy("rules:\n  - {name: none, when: contacts > 2, then: deny, why: the desk lead does that}\n")
	for _, yes := range [][]string{nil, {"--yes"}} {
		for _, args := range [][]string{
			{"import", file}, {"call", "bulk_update_contacts", rename}, {"changes", "undo", done},
		} {
			code, _, stderr := d.run(append(append(args, "--policy", denying), yes...)...)
			if code != exitFailed || strings.Contains(stderr, "--yes") ||
				!strings.Contains(stderr, "policy_denied: The policy forbids this: the desk lead does that.") {
				t.Errorf("%v exits with %d: %s", args, code, stderr)
			}
		}
	}
}

// policy writes a policy file.
func (d *desk) policy(text string) string {
	d.Helper()
	file, err := os.CreateTemp(d.folder, "policy*.yaml")
	if err == nil {
		_, err = file.WriteString(text)
	}
	if err != nil {
		d.Fatal(err)
	}
	_ = file.Close()
	return file.Name()
}

// TestImportWaysOn says what can be done about bad rows: only what helps.
func TestImportWaysOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	known := d.users()[0]
	title, good := []string{"email", "name"}, []string{known.Email, "A"}
	nobody, wrong := []string{"nobody@x.example", "B"}, []string{"nobody", "C"}
	const create, skip = "create who is not found with --create-missing", "write the others with --skip-bad"
	for want, rows := range map[string][][]string{
		"Fix them.\n": {wrong}, "Fix them, or " + skip + ".\n": {good, wrong}, "Fix them, or " + create + ".\n": {nobody},
		"Fix them, " + create + ", or " + skip + ".\n": {nobody, good, wrong},
	} {
		file := d.write("ways.csv", append([][]string{title}, rows...)...)
		if code, _, stderr := d.run("import", file, "--yes"); code != exitFailed || !strings.HasSuffix(stderr, want) {
			t.Errorf("%v exits with %d: %s, want %s", rows, code, stderr, want)
		}
	}
	file := d.write("one.csv", title, good)
	for want, args := range map[string][]string{
		`The column "name" is mapped to "custom_attributes.plam", which is no field of contacts; nearest: ` +
			`"plan". 'intercom-mcp call list_attributes' shows the fields.`: {file, "--map",
			"name=custom_attributes.plam"},
		`There is no column "nam" to map; nearest: "name". The columns are "email", "name".`: {file, "--map", "nam=name"},
		`--add-tag: There is no tag "Nope".`:                                                 {file, "--add-tag", "Nope"},
		`"VIP" is both added and removed.`:                                                   {file, "--add-tag", "VIP", "--remove-tag", "VIP"},
		d.folder + " is a folder":                                                            {d.folder},
		"standard input: the file is empty":                                                  {"-"},
	} {
		if code, _, stderr := d.run(append([]string{"import", "--yes"}, args...)...); code == exitOK ||
			!strings.Contains(stderr, ": "+want) {
			t.Errorf("%v exits with %d: %s, want %s", args, code, stderr, want)
		}
	}
}

// TestCallWithWrongArguments says what a person does about arguments that are wrong: by commands, not by tools.
func TestCallWithWrongArguments(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for want, args := range map[string][]string{
		"the arguments are empty, and have to be a JSON object\nTry: intercom-mcp tools get_contact": {"-"},
		`missing argument "contact". Nothing was sent; 'intercom-mcp tools get_contact' shows its`:   {},
		"the contact's URL; 'intercom-mcp call search_contacts' finds people by name.":               {`{"contact":"Mia Weber"}`},
	} {
		if code, _, stderr := d.run(append([]string{"call", "get_contact"}, args...)...); code == exitOK ||
			!strings.Contains(stderr, want) {
			t.Errorf("%v exits with %d: %s, want %s", args, code, stderr, want)
		}
	}
}
