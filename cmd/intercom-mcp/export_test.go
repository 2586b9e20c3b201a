package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// TestExportGoesOn cuts an export off, and the same command goes on: every contact once.
func TestExportGoesOn(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 500)
	whole, _ := d.must("export", "contacts")
	d.sandbox.AddFault(sandbox.Fault{Path: "/contacts", Status: 400, After: 2, Times: 1})
	file := d.path("cut.csv")
	const earlier = "of an earlier export"
	if err := os.WriteFile(file, []byte(earlier), 0o600); err != nil {
		t.Fatal(err)
	}
	part := file + ".partial"
	code, _, stderr := d.run("export", "contacts", "-o", file)
	if code != exitFailed || !strings.Contains(stderr, "the same command goes on after those in "+part) {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != earlier {
		t.Errorf("the earlier file holds %q, %v", kept, err)
	}
	if code, _, stderr := d.run("export", "contacts", "-o", file, "--fields", "name"); code != exitUsage ||
		!strings.Contains(stderr, "holds the beginning of another export") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	begun, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func() error{
		func() error { return os.WriteFile(part, begun[:len(begun)/2], 0o600) }, func() error { return os.Remove(part) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := d.run("export", "contacts", "-o", file); code != exitUsage ||
			!strings.Contains(stderr, "remove "+part+".json") {
			t.Errorf("exit %d: %s", code, stderr)
		}
	}
	if err := os.WriteFile(part, begun, 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr = d.must("export", "contacts", "-o", file)
	got, err := os.ReadFile(file)
	if err != nil || string(got) != whole || !strings.Contains(stderr, "Going on after 300 rows.") {
		t.Errorf("%v: %d bytes, want %d: %s", err, len(got), len(whole), stderr)
	}
	if left, err := filepath.Glob(part + "*"); len(left) > 0 || err != nil {
		t.Errorf("left: %q, %v", left, err)
	}
}

// TestExportWholeOrNot leaves an earlier file as it is when an export that cannot go on fails after its first rows,
// which it keeps in another, and writes through a link and to what is no file.
func TestExportWholeOrNot(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	file, link := d.path("companies.csv"), d.path("link.csv")
	companies, _ := d.must("export", "companies")
	const earlier = "of an earlier export, which is longer than the part that the later one had written before it failed"
	if err := os.WriteFile(file, []byte(earlier), 0o640); err != nil {
		t.Fatal(err)
	}
	d.sandbox.AddFault(sandbox.Fault{Path: "/companies/scroll", Status: 400, After: 1, Times: 1})
	code, _, stderr := d.run("export", "companies", "-o", file)
	part, err := os.ReadFile(file + ".partial")
	if code != exitFailed || !strings.Contains(stderr, "those are in "+file+".partial, and "+file+" is as it was") ||
		err != nil || len(part) == 0 || !strings.HasPrefix(companies, string(part)) {
		t.Errorf("exit %d: %s\nthe part, %v: %s", code, stderr, err, part)
	}
	if kept, err := os.ReadFile(file); err != nil || string(kept) != earlier {
		t.Errorf("the earlier file holds %q, %v", kept, err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Skip(err)
	}
	whole, _ := d.must("export", "contacts")
	d.must("export", "contacts", "-o", link)
	info, err := os.Lstat(link)
	if got, read := os.ReadFile(file); read != nil || string(got) != whole || err != nil ||
		info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%d bytes, want %d, %v; the link is %v, %v", len(got), len(whole), read, info, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is not what it was: %v, %v", info, err)
	}
	if left, err := filepath.Glob(d.path("*.partial*")); len(left) > 0 || err != nil {
		t.Errorf("left: %q, %v", left, err)
	}
	if _, err := os.Stat(os.DevNull); err == nil {
		d.must("export", "contacts", "-o", os.DevNull)
	}
}

// TestExportKeepsFile leaves an earlier export as it is when a later one fails before its first row.
func TestExportKeepsFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	file := d.path("people.csv")
	d.must("export", "contacts", "-o", file)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d.sandbox.AddFault(sandbox.Fault{Path: "/contacts", Status: 400})
	d.sandbox.AddFault(sandbox.Fault{Path: "/companies/scroll", Status: 400})
	for _, args := range [][]string{{"contacts", "--policy", d.path("none.yaml")}, {"contacts"}, {"companies"}} {
		code, _, stderr := d.run(append([]string{"export"}, append(args, "-o", file)...)...)
		after, err := os.ReadFile(file)
		if code == exitOK || strings.Contains(stderr, "Usage") || err != nil || string(after) != string(before) {
			t.Errorf("%q exits with %d and leaves %d of %d bytes, %v: %s", args, code, len(after), len(before), err, stderr)
		}
	}
}

// TestExportNowhere says before it begins that there is no folder for the file.
func TestExportNowhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 5)
	code, _, stderr := d.run("export", "contacts", "--output", d.path("none/people.csv"))
	if code != exitUsage || strings.Contains(stderr, "cut off") || !strings.Contains(stderr, "cannot be written") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestExportOthers exports companies, a change and the trail.
func TestExportOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 100)
	stdout, _ := d.must("call", "update_contact", fmt.Sprintf(`{"contact":%q,"set":{"name":"A,\"B\"","add_tags":["VIP"]}}`,
		d.users()[0].Email))
	change, _ := d.receipt(stdout)["change"].(string)
	stdout, _ = d.must("export", "change", change)
	if !strings.Contains(stdout, `,"A,""B""",changed,`) || !strings.Contains(stdout, ",tags,,VIP,changed,") {
		t.Error(stdout)
	}
	stdout, _ = d.must("export", "companies", "--format", "jsonl")
	if lines := strings.Count(stdout, "\n"); lines < 5 || !strings.Contains(stdout, `"company_id":`) {
		t.Errorf("%d lines: %s", lines, stdout)
	}
	stdout, _ = d.must("export", "trail")
	if !strings.Contains(stdout, change) || !strings.HasPrefix(stdout, "seq,time,kind,change,principal,facts,hash\n") {
		t.Error(stdout)
	}
}

// TestExportWhere takes conditions as people write them, those without a value among them.
func TestExportWhere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 100)
	rows := func(where string) int {
		stdout, _ := d.must("export", "contacts", "--fields", "id", "--where", where)
		return strings.Count(stdout, "\n") - 1
	}
	if all, without, with := rows("created_at > 2000-01-01"), rows("phone empty"), rows("phone  present"); without == 0 ||
		with == 0 || without+with != all || rows("name = empty") != 0 {
		t.Errorf("%d of %d have no phone, %d have one", without, all, with)
	}
	if code, _, stderr := d.run("export", "contacts", "--where", "phone emptyish"); code != exitUsage ||
		!strings.Contains(stderr, "'phone empty'") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if code, _, stderr := d.run("export", "contacts", "--where", "role == user"); code != exitFailed ||
		!strings.Contains(stderr, `"==" is not one of =, `) || !strings.Contains(stderr, `nearest "=".`) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestExportChangeOfOthers exports what anyone did, as whoever has the state file may see it.
func TestExportChangeOfOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 40)
	url, _ := d.env("INTERCOM_BASE_URL")
	handles := writeAs(t, "ann", url, d.path("state.db"), `{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`)
	if stdout, _ := d.must("export", "change", handles[0]); !strings.Contains(stdout, ",Wrong,changed,") {
		t.Error(stdout)
	}
}

// TestSandboxLeavesNothing makes no file of a sandbox beside a state file that is refused.
func TestSandboxLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := output(t, "call", "list_tags", "--sandbox", "--state", filepath.Join(folder, "state.db"))
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 || code != exitUsage && runtime.GOOS != "windows" {
		t.Errorf("exit %d: %s, left %v, %v", code, stderr, left, err)
	}
}

// TestExportFields refuses to export nothing, as all is masked, or one field twice.
func TestExportFields(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	policy := d.path("policy.yaml")
	body := []byte("masked: [name, phone, custom_attributes.plan]\nrules: []\n")
	if err := os.WriteFile(policy, body, 0o600); err != nil {
		t.Fatal(err)
	}
	for fields, want := range map[string]string{
		"name,phone": "policy_denied: The policy masks all of these fields.", "id,name,id": `"id" is there twice`,
		"custom_attributes.tier,custom_attributes.tier": `"custom_attributes.tier" is there twice`,
	} {
		code, stdout, stderr := d.run("export", "contacts", "--fields", fields, "--policy", policy)
		if code != exitFailed || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d: %q %s", fields, code, stdout, stderr)
		}
	}
	stdout, stderr := d.must("export", "contacts", "--fields", "custom_attributes.plan,id,name", "--policy", policy)
	if !strings.HasPrefix(stdout, "id\n") || !strings.Contains(stderr, fmt.Sprintf("masks them: %s.",
		"custom_attributes.plan, name")) {
		t.Errorf("%s%s", stdout, stderr)
	}
}
