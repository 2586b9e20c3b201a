package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// TestImportNamesAllBadRows names each of 30 wrong rows among 300 edited ones of an export, and writes nothing; a dry
// run does, too, and fails as well.
func TestImportNamesAllBadRows(t *testing.T) {
	t.Parallel()
	contacts := 10_000
	if testing.Short() {
		contacts = 400
	}
	d := newDesk(t, contacts)
	d.must("export", "contacts", "--fields", "id,custom_attributes.tier,custom_attributes.seats", "-o", d.path("all.csv"))
	rows := d.read("all.csv")
	var want []string
	for i := 1; i <= 300; i++ {
		if rows[i][1] = "gold"; i%10 == 0 {
			rows[i][2] = "many"
			want = append(want, fmt.Sprintf(`line %d, column "custom_attributes.seats"`, i+1))
		}
	}
	file := d.write("edited.csv", rows...)
	before := d.sandbox.Snapshot()
	for _, way := range []string{"--yes", "--dry-run"} {
		code, _, stderr := d.run("import", file, "--match", "id", way)
		var named []string
		for line := range strings.Lines(stderr) {
			if place, text, ok := strings.Cut(line, `: must be a whole number, not "many"`); ok && text != "" {
				named = append(named, place)
			}
		}
		if code != exitFailed || !slices.Equal(named, want) || !slices.Equal(before, d.sandbox.Snapshot()) {
			t.Errorf("%s exits with %d and names %d of %d: %s", way, code, len(named), len(want), stderr)
		}
	}
	d.must("import", file, "--match", "id", "--dry-run", "--skip-bad")
}

// TestImportNamesAllColumns names every column that is no field, and the first line where it holds no titles.
func TestImportNamesAllColumns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	email := d.users()[0].Email
	for want, titles := range map[string][]string{
		`The columns "Palm", "Plann" (nearest: "plan") are no fields of contacts.`: {"email", "Palm", "Plann"},
		`The columns "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9" and 1 more are no fields`: {"email", "c0",
			"c1",
			"c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"},
		`The first line of the table has to hold the titles of the columns`: {email, "Ann"},
		`The column "email|plan" is no field of contacts`:                   {"email|plan"},
	} {
		code, _, stderr := d.run("import", d.write("columns.csv", titles, slices.Repeat([]string{"x"}, len(titles))), "--yes")
		if code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("exit %d, want %q: %s", code, want, stderr)
		}
	}
	if code, _, stderr := d.run("import", d.write("titles.csv", []string{"email", "name"}), "--yes"); code != exitUsage ||
		!strings.Contains(stderr, "titles.csv has titles and no rows") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestImportOfNew says that contacts are created, where all are.
func TestImportOfNew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	file := d.write("new.csv", []string{"email"}, []string{"a@x.example"}, []string{"b@x.example"})
	if stdout, _ := d.must("import", file, "--create-missing", "--dry-run"); !strings.HasPrefix(stdout,
		"Create 2 contacts.\n") {
		t.Error(stdout)
	}
	if _, stderr := d.must("import", file, "--create-missing", "--yes"); !strings.Contains(stderr,
		"What became of each line (2 changed): ") {
		t.Error(stderr)
	}
}

// TestImportReceiptRefused writes nothing where the receipt could not be written, and shows what it did where the disk
// is full afterwards.
func TestImportReceiptRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	before := d.sandbox.Snapshot()
	file := d.write("one.csv", []string{"email", "name"}, []string{d.users()[0].Email, "Ann"})
	code, stdout, stderr := d.run("import", file, "--yes", "--receipt", d.path("none/there.csv"))
	if code != exitUsage || !strings.Contains(stderr, "there.csv: no such file") ||
		!slices.Equal(before, d.sandbox.Snapshot()) {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = d.run("import", file, "--yes", "--receipt", "/dev/full")
	if code != exitFailed || !strings.Contains(stdout, `"status":"applied"`) ||
		!strings.Contains(stderr, "no space left") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
}

// TestImportStoppedGoesOn tells what an import wrote that a person stopped, and that the same command writes the rest.
func TestImportStoppedGoesOn(t *testing.T) {
	t.Parallel()
	awaitSignals()
	synctest.Test(t, func(t *testing.T) { // in which no wait is too late to stop it
		d := newDeskInside(t, 200)
		rows := [][]string{{"id", "signed_up_at"}} // which a bulk job cannot write
		for _, c := range d.users()[:60] {
			rows = append(rows, []string{c.ID, "2001-02-03"})
		}
		file := d.write("many.csv", rows...)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		d.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Latency: 20 * time.Millisecond})
		go func() {
			for ctx.Err() == nil && !strings.Contains(fmt.Sprint(d.sandbox.Calls()), "PUT") {
				time.Sleep(time.Millisecond)
			}
			stop()
		}()
		code, stdout, stderr := d.runTo(ctx, "import", file, "--match", "id", "--yes")
		if code != exitFailed || !strings.Contains(stderr, "The import was stopped: ") ||
			!strings.Contains(stderr, "not_sent") || strings.Contains(stdout+stderr, "outcome_unknown") {
			t.Errorf("exit %d: %s%s", code, stdout, stderr)
		}
		if stdout, _ := d.must("import", file, "--match", "id", "--yes"); !strings.Contains(stdout, `"status":"applied"`) {
			t.Error(stdout)
		}
		if _, err := os.Stat(d.path("many.receipt.csv")); err != nil {
			t.Error(err)
		}
	})
}

// TestImportUnconfirmed keeps no receipt of an import that nobody confirmed, and says how to confirm it.
func TestImportUnconfirmed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	file := d.write("one.csv", []string{"email", "owner"}, []string{d.users()[0].Email, "tomas@sandbox.example"})
	code, stdout, stderr := d.run("import", file)
	change, _ := d.receipt(stdout)["change"].(string)
	confirm := `{"change":"` + change + `"}`
	if code != exitFailed || !strings.Contains(stderr, "intercom-mcp call confirm_change '"+confirm+"'") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	if got := d.read("one.preview.csv"); len(got) != 2 || got[1][5] != "pending" {
		t.Errorf("the preview is %q", got)
	}
	if _, err := os.Stat(d.path("one.receipt.csv")); err == nil {
		t.Error("there is a receipt of what was not written")
	}
	if stdout, _ := d.must("call", "confirm_change", confirm); !strings.Contains(stdout, `"status":"applied"`) {
		t.Error(stdout)
	}
}

// TestImportInterrupted stops in the middle: the receipt has what was done, and the rest as not sent.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 200)
	rows := [][]string{{"id", "signed_up_at"}} // which a bulk job cannot write
	for _, c := range d.users()[:120] {
		rows = append(rows, []string{c.ID, "2001-02-03"})
	}
	file := d.write("many.csv", rows...)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	d.sandbox.AddFault(sandbox.Fault{Method: "PUT", Path: "/contacts/*", Latency: 20 * time.Millisecond})
	written := func() int {
		n := 0
		for _, c := range d.sandbox.Contacts() {
			if c.SignedUpAt == time.Date(2001, 2, 3, 0, 0, 0, 0, time.UTC).Unix() {
				n++
			}
		}
		return n
	}
	var watch sync.WaitGroup
	watch.Go(func() {
		for written() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		stop()
	})
	_, _, stderr := d.runTo(ctx, "import", file, "--match", "id", "--yes")
	stop()
	watch.Wait()
	outcomes := make(map[string]int)
	for _, row := range d.read("many.receipt.csv")[1:] {
		outcomes[row[5]]++
	}
	if outcomes["changed"] != written() || outcomes["not_sent"] != 120-written() || outcomes["changed"] == 0 {
		t.Errorf("%v, written %d: %s", outcomes, written(), stderr)
	}
}

// TestImportKeepsReceipts writes over no receipt, neither by a dry run nor by another import of the same file, nor over
// rejected rows that somebody has edited.
func TestImportKeepsReceipts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	email := d.users()[0].Email
	file := d.write("one.csv", []string{"email", "name"}, []string{email, "Ann"}, []string{"nobody", "Bob"})
	d.must("import", file, "--yes", "--skip-bad")
	first := d.read("one.receipt.csv")
	for _, again := range []string{"--dry-run", "--yes", "--dry-run"} {
		d.must("import", file, "--skip-bad", again)
	}
	d.write("one.rejected.csv", []string{"email", "name"}, []string{email, "Edited"})
	d.write("one.csv", []string{"email", "name"}, []string{email, "Eve"}, []string{"nobody", "Bob"})
	d.must("import", file, "--yes", "--skip-bad")
	for name, want := range map[string]string{"one.receipt.csv": "changed", "one.preview.csv": "rejected",
		"one.receipt.2.csv": "rejected", "one.receipt.3.csv": "changed", "one.rejected.csv": "Edited",
		"one.rejected.2.csv": "Bob"} {
		if got := fmt.Sprint(d.read(name)); !strings.Contains(got, want) || name == "one.receipt.csv" &&
			got != fmt.Sprint(first) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, way := range []string{"--dry-run", "--yes"} {
		code, _, stderr := d.run("import", file, way, "--skip-bad", "--receipt", d.path("one.receipt.csv"))
		if code != exitUsage || !strings.Contains(stderr, "one.receipt.csv is there already") {
			t.Errorf("%s: exit %d: %s", way, code, stderr)
		}
	}
	if got := d.read("one.receipt.csv"); fmt.Sprint(got) != fmt.Sprint(first) {
		t.Errorf("the first receipt is now %q", got)
	}
}

// TestImportBeyondWindowWithoutYes shows what an import would do that is larger than what goes unconfirmed within 10
// minutes, and says how to go on, where nobody can be asked.
func TestImportBeyondWindowWithoutYes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 20)
	policy := d.path("policy.yaml")
	if err := os.WriteFile(policy, []byte("rules: []\nlimits: {contacts_per_10m: 2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"email", "name"}}
	for i, c := range d.users()[:3] {
		rows = append(rows, []string{c.Email, fmt.Sprintf("Renamed %d", i)})
	}
	file := d.write("wide.csv", rows...)
	if stdout, _ := d.must("import", file, "--policy", policy, "--dry-run"); !strings.HasPrefix(stdout,
		"Update 3 contacts.") {
		t.Error(stdout)
	}
	code, _, stderr := d.run("import", file, "--policy", policy)
	if code != exitFailed || !strings.Contains(stderr, "the limit is 2 without a user's confirmation. "+
		"Nothing was changed: run it again with --yes, or in a terminal; --dry-run shows what it would do.") {
		t.Errorf("exit %d: %s", code, stderr)
	}
	d.must("import", file, "--policy", policy, "--yes")
}
