package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// desk is a folder with tables, beside a workspace.
type desk struct {
	*testing.T
	sandbox *sandbox.Sandbox
	folder  string
	env     func(string) (string, bool)
	inside  bool // the program reaches the workspace without a connection
}

func newDesk(t *testing.T, contacts int) *desk {
	d := newDeskInside(t, contacts)
	server := httptest.NewServer(d.sandbox)
	t.Cleanup(server.Close)
	d.inside, d.env = false, environment("INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_BASE_URL", server.URL,
		"INTERCOM_STATE", d.path("state.db"))
	return d
}

// newDeskInside is a desk for a bubble of time, in which there are no connections.
func newDeskInside(t *testing.T, contacts int) *desk {
	d := &desk{T: t, sandbox: sandbox.New(sandbox.Options{Contacts: contacts, RateLimit: 1_000_000}), folder: t.TempDir(),
		inside: true}
	d.env = environment("INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_STATE", d.path("state.db"))
	return d
}

// run runs the program, and returns its exit code and what it printed.
func (d *desk) run(args ...string) (code int, stdout, stderr string) {
	d.Helper()
	return d.runTo(d.Context(), args...)
}

func (d *desk) runTo(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	d.Helper()
	out, log := newTape(), newTape()
	h := &host{stdin: strings.NewReader(""), stdout: out, stderr: log, env: d.env}
	if d.inside {
		h.intercom = d.sandbox
	}
	code = h.execute(ctx, args)
	return code, out.String(), log.String()
}

// must runs what has to succeed.
func (d *desk) must(args ...string) (stdout, stderr string) {
	d.Helper()
	code, stdout, stderr := d.run(args...)
	if code != exitOK {
		d.Fatalf("%v exits with %d: %s%s", args, code, stdout, stderr)
	}
	return stdout, stderr
}

func (d *desk) path(name string) string { return filepath.Join(d.folder, name) }

// write writes a table.
func (d *desk) write(name string, rows ...[]string) string {
	d.Helper()
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(d.path(name), out.Bytes(), 0o600); err != nil {
		d.Fatal(err)
	}
	return d.path(name)
}

// read reads a table, which is beside the one that is named.
func (d *desk) read(name string) [][]string {
	d.Helper()
	file, err := os.Open(d.path(name))
	if err != nil {
		d.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		d.Fatal(err)
	}
	return rows
}

// users are plain users of the workspace.
func (d *desk) users() []sandbox.Contact {
	return slices.DeleteFunc(d.sandbox.Contacts(), func(c sandbox.Contact) bool {
		return c.Role != "user" || c.Archived || c.Blocked || c.MergedInto != "" || c.Email == ""
	})
}

// receipt is the answer of a write.
func (d *desk) receipt(stdout string) map[string]any {
	d.Helper()
	var receipt map[string]any
	if err := json.Unmarshal([]byte(stdout), &receipt); err != nil {
		d.Fatalf("%v: %s", err, stdout)
	}
	return receipt
}

// TestTableRoundTrip exports a workspace, edits some rows, and imports all: these rows change and no others, and undo
// brings back every byte.
func TestTableRoundTrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, exportEditAndImport) // which waits for no job
}

func exportEditAndImport(t *testing.T) {
	contacts, edited := 10_000, 300
	if testing.Short() {
		contacts, edited = 400, 120
	}
	d := newDeskInside(t, contacts)
	d.must("export", "contacts", "-o", d.path("all.csv"))
	before, err := os.ReadFile(d.path("all.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := d.read("all.csv")
	tier := slices.Index(rows[0], "custom_attributes.tier")
	phone, role := slices.Index(rows[0], "phone"), slices.Index(rows[0], "role")
	var touched []string
	for i := 1; len(touched) < edited; i += len(rows) / edited {
		rows[i][tier] = map[string]string{"gold": "silver"}[rows[i][tier]]
		if rows[i][tier] == "" {
			rows[i][tier] = "gold"
		}
		if rows[i][role] == "user" {
			rows[i][phone] = fmt.Sprintf("'+1555%07d", i)
		}
		touched = append(touched, rows[i][0])
	}
	d.write("edited.csv", rows...)
	stdout, _ := d.must("import", d.path("edited.csv"), "--match", "id", "--yes")
	receipt := d.receipt(stdout)
	if receipt["changed"] != float64(edited) || receipt["unchanged"] != float64(len(rows)-1-edited) {
		t.Errorf("%v, edited %d of %d", receipt, edited, len(rows)-1)
	}
	changed := make(map[string]bool)
	for _, row := range d.read("edited.receipt.csv") {
		if row[5] == "changed" {
			changed[row[0]] = true
		}
	}
	if len(changed) != edited {
		t.Errorf("the receipt has %d changed lines, edited %d", len(changed), edited)
	}
	d.must("call", "undo_change", fmt.Sprintf(`{"change":%q}`, receipt["change"]), "--yes")
	after, _ := d.must("export", "contacts")
	if !bytes.Equal(sorted(before), sorted([]byte(after))) {
		t.Error("undo does not bring the table back")
	}
}

// sorted puts lines in order, since the list of contacts begins with those who were written to last.
func sorted(table []byte) []byte {
	lines := bytes.Split(table, []byte("\n"))
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, []byte("\n"))
}

// TestImportBadRows names every bad row by its line and column, and writes none, or the others.
func TestImportBadRows(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 60)
	people := d.users()
	titles := []string{"E-Mail", "Seats", "tier", "Phone", "Unsubscribed from emails", "custom_attributes.renewal_date",
		"Tags",
		"Owner", "Role"}
	good := func(i int) []string { return []string{people[i].Email, "3", "gold", "", "", "", "", "", ""} }
	rows := [][]string{titles, good(0)}
	var want []string
	bad := func(column, text, cell string, of int) {
		row := good(len(rows) % 20)
		row[of] = cell
		rows = append(rows, row)
		want = append(want, fmt.Sprintf(`line %d, column %q: %s`, len(rows), column, text))
	}
	bad("Seats", `"1.234,50" can be read in two ways`, "1.234,50", 1)
	bad("Seats", `must be a whole number, not "many"`, "many", 1)
	bad("tier", `"sliver" is none of its options; nearest: "silver"`, "sliver", 2)
	bad("Phone", `"4.41E+11" was damaged by a spreadsheet`, "4.41E+11", 3)
	bad("Unsubscribed from emails", `"perhaps" is neither TRUE nor FALSE`, "perhaps", 4)
	bad("custom_attributes.renewal_date", `"31/12/2027" can be read in two ways: day or month first`, "31/12/2027", 5)
	bad("Tags", `There is no tag "VIPP"; nearest: "VIP"`, "VIPP", 6)
	bad("Owner", `There is no teammate "nobody@x.example"`, "nobody@x.example", 7)
	bad("Role", `"boss" is no role`, "boss", 8)
	bad("E-Mail", `No contact has the email "nobody@x.example"`, "nobody@x.example", 0)
	bad("E-Mail", `"nobody" is no e-mail address`, "nobody", 0)
	bad("E-Mail", `The cell is blank`, " ", 0)
	rows = append(rows, good(30), good(30))
	want = append(want, fmt.Sprintf("line %d: It is about the same contact as line %d", len(rows)-1, len(rows)),
		fmt.Sprintf("line %d: It is about the same contact as line %d", len(rows), len(rows)-1))
	rows = append(rows, []string{people[31].Email, "4"})
	want = append(want, fmt.Sprintf("line %d: the row has 2 cells, the header 9", len(rows)))
	file := d.write("people.csv", rows...)
	code, _, stderr := d.run("import", file, "--yes")
	if code != exitFailed || !strings.Contains(stderr, fmt.Sprintf("%d of %d rows are wrong; nothing was written",
		len(want),
		len(rows)-1)) {
		t.Errorf("exit %d: %s", code, stderr)
	}
	for _, line := range want {
		if !strings.Contains(stderr, line) {
			t.Errorf("not said: %s", line)
		}
	}
	if got := strings.Count(stderr, "\n"); got != len(want)+1 {
		t.Errorf("%d lines, want %d: %s", got, len(want)+1, stderr)
	}
	stdout, _ := d.must("import", file, "--yes", "--skip-bad")
	if receipt := d.receipt(stdout); receipt["changed"] != 1.0 {
		t.Errorf("%v", receipt)
	}
	rejected, err := os.ReadFile(d.path("people.rejected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if got := bytes.Count(rejected, []byte("\n")); got != len(want)+1 {
		t.Errorf("%d rejected lines, want %d and the header: %s", got, len(want), rejected)
	}
	outcomes := make(map[string]int)
	for _, row := range d.read("people.receipt.csv")[1:] {
		outcomes[row[5]]++
	}
	if outcomes["rejected"] != len(want) || outcomes["changed"] == 0 {
		t.Errorf("receipt: %v", outcomes)
	}
}

// TestImportCreates makes those who are missing, by their e-mail, with what the row says, and takes them back.
func TestImportCreates(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 30)
	known := d.users()[0]
	file := d.write("new.csv", []string{"email", "name", "First seen", "Joined", "Plan"},
		[]string{known.Email, "", "2020-01-01", "31/12/2025", "pro"},
		[]string{"New.One@x.example", "New One", "", "01/02/2026", "trial"},
		[]string{"new.two@x.example", "=cmd", "", "", ""})
	stdout, stderr := d.must("import", file, "--yes", "--create-missing", "--dates", "dmy", "--map", "Joined=signed_up_at",
		"--add-tag", "VIP")
	if receipt := d.receipt(stdout); receipt["changed"] != 3.0 ||
		!strings.Contains(stderr, "2 contacts of them will be created.") ||
		!strings.Contains(stderr, "Not written, since Intercom keeps these itself: First seen.") {
		t.Errorf("%v %s", receipt, stderr)
	}
	made := make(map[string]sandbox.Contact)
	for _, c := range d.sandbox.Contacts() {
		made[c.Email] = c
	}
	if c := made["new.one@x.example"]; c.Name != "New One" || c.CustomAttributes["plan"] != "trial" || c.Role != "user" ||
		len(c.TagIDs) != 1 || c.SignedUpAt != time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).Unix() {
		t.Errorf("%+v", c)
	}
	if c := made["new.two@x.example"]; c.Name != "=cmd" {
		t.Errorf("%+v", c)
	}
	exported, _ := d.must("export", "contacts", "--where", "email = new.two@x.example", "--fields", "name,tags")
	if exported != "name,tags\n'=cmd,VIP\n" {
		t.Errorf("exported %q", exported)
	}
}

// TestImportColumns reads titles as people write them, and refuses those that say nothing.
func TestImportColumns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	email := d.users()[0].Email
	for name, test := range map[string]struct {
		titles, flags []string
		want          string
	}{
		"unknown":                    {[]string{"email", "Palm"}, nil, `The column "Palm" is no field of contacts`},
		"unknown, with what is near": {[]string{"email", "Plann"}, nil, `nearest: "plan"`},
		"two for one field":          {[]string{"email", "Name", "name"}, nil, `The columns "Name" and "name" are both name`},
		"one title twice": {[]string{"email", "name", "name"}, nil,
			`The columns "name" and "name" are both name. Remove one of them from the table, or give it another title.`},
		"none to match by": {[]string{"name", "Plan"}, nil, "No column holds the email that contacts are found by"},
		"mapped and not there": {[]string{"email", "Plan"}, []string{"--map", "Pln=name"},
			`There is no column "Pln" to map`},
		"mapped to nothing known": {[]string{"email", "X"}, []string{"--map", "X=custom_attributes.plam"},
			"which is no field of contacts; nearest: \"plan\"."},
		"created by id": {[]string{"id", "name"}, []string{"--match", "id", "--create-missing"},
			"found by its id cannot be created"},
		"an unknown tag": {[]string{"email", "name"}, []string{"--add-tag", "Nope"}, `There is no tag "Nope"`},
	} {
		t.Run(name, func(t *testing.T) {
			row := make([]string, len(test.titles))
			row[0] = email
			file := d.write("columns.csv", test.titles, row)
			code, _, stderr := d.run(append([]string{"import", file, "--yes"}, test.flags...)...)
			if code != exitFailed || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d: %s", code, stderr)
			}
		})
	}
	file := d.write("columns.csv", []string{" E-mail ", "FULL NAME", "custom attributes.PLAN", "Notes"},
		[]string{strings.ToUpper(email), "Ann", "pro", "x"})
	if stdout, _ := d.must("import", file, "--yes", "--map", "Notes="); d.receipt(stdout)["changed"] != 1.0 {
		t.Error(stdout)
	}
}

// TestImportPolicy holds an import against the rules about what it does: bulk_update_contacts, and create_contact where
// it makes contacts.
func TestImportPolicy(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 30)
	policy := d.path("policy.yaml")
	if err := os.WriteFile(policy, []byte("mode: write\nmasked: [name]\nrules:\n"+
		"  - {name: nobody is made, tools: [create_contact], then: deny}\n"+
		"  - {name: no tiers in bulk, tools: [bulk_update_contacts], when: \"'custom_attributes.tier' in fields\", then: "+
		"deny}\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	known := d.users()[0]
	old := d.write("old.csv", []string{"email", "plan"}, []string{known.Email, "pro"})
	made := d.write("made.csv", []string{"email", "plan"}, []string{known.Email, "pro"}, []string{"new@x.example", "pro"})
	tier := d.write("tier.csv", []string{"email", "tier"}, []string{known.Email, "gold"})
	for _, file := range []string{made, tier} {
		code, stdout, stderr := d.run("import", file, "--yes", "--create-missing", "--policy", policy)
		if code != exitFailed || !strings.Contains(stderr, "policy_denied") {
			t.Errorf("%s exits with %d: %s%s", file, code, stdout, stderr)
		}
		if left, err := filepath.Glob(strings.TrimSuffix(file, ".csv") + ".receipt*"); err != nil || left != nil {
			t.Errorf("an import that was refused leaves %q, %v", left, err)
		}
	}
	if stdout, _ := d.must("import", old, "--yes", "--create-missing", "--policy",
		policy); d.receipt(stdout)["status"] != "applied" {
		t.Error(stdout)
	}
	stdout, stderr := d.must("export", "contacts", "--policy", policy)
	if !strings.Contains(stderr, "Left out, as the policy masks them: name.") || strings.Contains(stdout, known.Name) {
		t.Errorf("a masked field is exported: %s", stderr)
	}
	if code, _, stderr := d.run("export", "contacts", "--where", "name ~ a", "--policy", policy); code == exitOK {
		t.Errorf("a masked field is filtered by: %s", stderr)
	}
}

// TestImportWithoutYes says how to go on where nobody can be asked.
func TestImportWithoutYes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskInside(t, 60)
		rows := [][]string{{"email", "name"}}
		for i, c := range d.users()[:20] {
			rows = append(rows, []string{c.Email, fmt.Sprintf("Renamed %d", i)})
		}
		file := d.write("many.csv", rows...)
		code, stdout, stderr := d.run("import", file)
		if code != exitFailed || d.receipt(stdout)["status"] != "awaiting" || !strings.Contains(stderr, "--yes") {
			t.Errorf("exit %d: %s%s", code, stdout, stderr)
		}
		stdout, _ = d.must("import", file, "--dry-run")
		if !strings.HasPrefix(stdout, "Update 20 contacts.") || len(d.read("many.preview.csv")) != 21 {
			t.Error(stdout)
		}
		if code, _, stderr := d.run("import", file, "--yes", "--receipt", "/dev/full"); code != exitFailed ||
			!regexp.MustCompile(`the change was made; 'intercom-mcp export change chg_\w+' shows it`).MatchString(stderr) {
			t.Errorf("exit %d: %s", code, stderr)
		}
	})
}
