package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestImportNames names the files beside a table after it, whatever its own name ends in.
func TestImportNames(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	for name, want := range map[string]string{"plain": "plain", "up.CSV": "up", "t.tsv": "t.tsv",
		"a.csv.txt": "a.csv.txt"} {
		file := d.write(name, []string{"email", "name"}, []string{d.users()[0].Email, "Ann"}, []string{"nobody", "Bob"})
		d.must("import", file, "--yes", "--skip-bad")
		d.must("import", file, "--dry-run", "--skip-bad")
		for _, kind := range []string{"receipt", "rejected", "preview"} {
			if _, err := os.Stat(d.path(want + "." + kind + ".csv")); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestImportFollowsNoLink writes no table beside a file to where a link in its place leads.
func TestImportFollowsNoLink(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	const precious = "precious"
	file := d.write("one.csv", []string{"email", "name"}, []string{d.users()[0].Email, "Ann"}, []string{"nobody", "Bob"})
	for _, kind := range []string{"receipt", "rejected", "preview"} {
		there, link := d.path(kind), d.path("one."+kind+".csv")
		if err := os.WriteFile(there, []byte(precious), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(there, link); err != nil {
			t.Skip(err)
		}
	}
	for _, gone := range []bool{false, true} {
		if gone {
			for _, kind := range []string{"receipt", "rejected", "preview"} {
				if err := os.Remove(d.path(kind)); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.must("import", file, "--yes", "--skip-bad")
		d.must("import", file, "--dry-run", "--skip-bad")
		for _, kind := range []string{"receipt", "rejected", "preview"} {
			if got, err := os.ReadFile(d.path(kind)); (err == nil) == gone || !gone && string(got) != precious {
				t.Errorf("%s: %q, %v", kind, got, err)
			}
		}
	}
	if got := d.read("one.preview.csv"); len(got) != 3 || len(d.read("one.rejected.2.csv")) != 2 {
		t.Errorf("%q", got)
	}
}

// TestImportUnwritable says what to do where the folder of the table cannot be written to, before anything is sent.
func TestImportUnwritable(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	before := d.sandbox.Snapshot()
	file := d.write("one.csv", []string{"email", "name"}, []string{d.users()[0].Email, "Ann"}, []string{"nobody", "Bob"})
	for _, kind := range []string{"receipt", "preview"} { // a folder, which root may not write a file over either
		if err := os.MkdirAll(filepath.Join(d.path("one."+kind+".csv"), "full"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	code, _, stderr := d.run("import", file, "--dry-run")
	if code != exitUsage || !strings.Contains(stderr, "Try: another FILE for it by --receipt") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if !slices.Equal(before, d.sandbox.Snapshot()) {
		t.Error("something was written")
	}
}

// TestImportTitlesMapped maps a title that has blanks around it, given as it stands in the file or without them.
func TestImportTitlesMapped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	file := d.write("one.csv", []string{"email", " Nick "}, []string{d.users()[0].Email, "Annie"})
	for _, way := range []string{" Nick =name", "Nick=name"} {
		if stdout, _ := d.must("import", file, "--dry-run", "--map", way); !strings.Contains(stdout, `→ "Annie"`) {
			t.Errorf("%q: %s", way, stdout)
		}
	}
}

// TestImportRejectedAsTheyWere writes the rows that are wrong as they were, those with a ' before a formula too,
// whether a cell is wrong or the row as a whole.
func TestImportRejectedAsTheyWere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	email := d.users()[0].Email
	rows := [][]string{{"email", "'-Nick", "phone"}, {"nobody", "'=x", "'+15550100"}, {email, "'=short"},
		{email, "'@long", "''+15550100", "more"}, {email, strings.Repeat("x", 1<<17), "'-1"}}
	d.must("import", d.write("odd.csv", rows...), "--dry-run", "--skip-bad", "--map=-Nick=name")
	file, err := os.Open(d.path("odd.rejected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	if got, err := reader.ReadAll(); err != nil || !slices.EqualFunc(got, rows, slices.Equal) {
		t.Errorf("%.400q, %v", got, err)
	}
}
