package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"intercom-mcp/intercom/sandbox"
)

// cutOffDesk is a desk whose export of contacts to cut.csv was cut off after its first page, and its beginning. The
// server has the workspace that answers in it.
func cutOffDesk(t *testing.T) (d *desk, server *atomic.Pointer[sandbox.Sandbox], file string, part []byte) {
	d = newDesk(t, 500)
	server = new(atomic.Pointer[sandbox.Sandbox])
	server.Store(d.sandbox)
	d.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.Load().ServeHTTP(w, r) }))
	file = d.path("cut.csv")
	d.cutOff("/contacts", "export", "contacts", "-o", file)
	part, err := os.ReadFile(file + ".partial")
	if err != nil || len(part) == 0 {
		t.Fatal(err)
	}
	return d, server, file, part
}

// cutOff runs an export whose second page fails.
func (d *desk) cutOff(path string, args ...string) {
	d.Helper()
	d.sandbox.AddFault(sandbox.Fault{Path: path, Status: 400, After: 1, Times: 1})
	if code, _, stderr := d.run(args...); code != exitFailed || !strings.Contains(stderr, "cut off after") {
		d.Fatalf("exit %d: %s", code, stderr)
	}
}

// serve has the desk reach its workspace by a server of its own.
func (d *desk) serve(handler http.Handler) {
	server := httptest.NewServer(handler)
	d.Cleanup(server.Close)
	d.env = environment("INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_BASE_URL", server.URL, "INTERCOM_STATE",
		d.path("state.db"))
}

// TestExportGoesOnWithTheSame goes on with an export only where its rows and columns are the same, says what differs,
// and keeps what there is.
func TestExportGoesOnWithTheSame(t *testing.T) {
	t.Parallel()
	d, server, file, part := cutOffDesk(t)
	mask := d.path("mask.yaml")
	if err := os.WriteFile(mask, []byte("masked: [name, phone]\nrules: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := sandbox.New(sandbox.Options{Contacts: 500, RateLimit: 1_000_000, WorkspaceID: "other01"})
	elsewhere := httptest.NewServer(d.sandbox)
	t.Cleanup(elsewhere.Close)
	contacts := []string{"contacts"}
	with := func(args ...string) []string { return append(slices.Clone(contacts), args...) }
	for name, test := range map[string]struct {
		args []string
		in   *sandbox.Sandbox
		want string
	}{
		"workspace": {contacts, other, `its workspace is "sandbox01", and now "other01"`},
		"region":    {with("--base-url", elsewhere.URL), nil, fmt.Sprintf("and now %q", elsewhere.URL)},
		"query":     {with("--query", "ann"), nil, `its query is nothing, and now "ann"`},
		"where":     {with("--where", "role = user"), nil, `its where is nothing, and now "role = user"`},
		"sort":      {with("--sort", "name"), nil, `its sort is nothing, and now "name"`},
		"fields":    {with("--fields", "name"), nil, "now without"},
		"masks":     {with("--policy", mask), nil, `its columns are now without "name", "phone"`},
		"format":    {with("--format", "jsonl"), nil, `its format is "csv", and now "jsonl"`},
		"raw":       {with("--raw"), nil, `its format is "csv", and now "csv, raw"`},
		"zone":      {with("--time-zone", "Europe/Dublin"), nil, `and now "Europe/Dublin"`},
		"version":   {with("--api-version", "2.11"), nil, `and now "2.11"`},
		"companies": {[]string{"companies"}, nil, `its table is "contacts", and now "companies"`},
	} {
		if server.Store(d.sandbox); test.in != nil {
			server.Store(test.in)
		}
		args := append(append([]string{"export"}, test.args...), "-o", file)
		if test.in != nil {
			args = append(args, "--state", d.path("other.db"))
		}
		code, _, stderr := d.run(args...)
		if code != exitUsage || !strings.Contains(stderr, test.want) ||
			!strings.Contains(stderr, "Try: another --output, or remove "+file+".partial.json to begin anew") {
			t.Errorf("%s: exit %d, want %q: %s", name, code, test.want, stderr)
		}
		if kept, err := os.ReadFile(file + ".partial"); err != nil || string(kept) != string(part) {
			t.Fatalf("%s: %d bytes are kept of %d, %v", name, len(kept), len(part), err)
		}
	}
	server.Store(d.sandbox)
	whole, _ := d.must("export", "contacts")
	if d.must("export", "contacts", "-o", file); whole != string(d.bytes(file)) {
		t.Error("the same export does not go on")
	}
}

func (d *desk) bytes(path string) []byte {
	d.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		d.Fatal(err)
	}
	return body
}

// TestExportOtherAttributes does not go on with an export whose columns are others since an attribute was made.
func TestExportOtherAttributes(t *testing.T) {
	t.Parallel()
	d, _, file, part := cutOffDesk(t)
	d.sandbox.AddAttribute("contact", "palm", "string")
	code, _, stderr := d.run("export", "contacts", "-o", file)
	if code != exitUsage || !strings.Contains(stderr, `its columns have now also "custom_attributes.palm"`) ||
		string(d.bytes(file+".partial")) != string(part) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// TestExportSpoilt does not go on in a file that is not what was exported to it, nor by notes that cannot be read.
func TestExportSpoilt(t *testing.T) {
	t.Parallel()
	d, _, file, part := cutOffDesk(t)
	partial, notes := file+".partial", file+".partial.json"
	noted := d.bytes(notes)
	for name, spoil := range map[string]struct {
		path, body, want string
	}{
		"shortened":   {partial, string(part[:len(part)/2]), "no longer holds the"},
		"saved again": {partial, strings.ReplaceAll(string(part), "\n", "\r\n"), "no longer holds the"},
		"emptied":     {notes, "", "cannot be read"},
		"damaged":     {notes, string(noted[:len(noted)/2]), "cannot be read"},
		"of another version": {notes, `{"export":"ab12","next":"50 WzE3","rows":50,"bytes":9,"gaps":{}}`,
			"does not say of what export"},
	} {
		if err := os.WriteFile(spoil.path, []byte(spoil.body), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, stderr := d.run("export", "contacts", "-o", file)
		if code != exitUsage || !strings.Contains(stderr, spoil.want) || !strings.Contains(stderr, "remove "+notes) ||
			string(d.bytes(spoil.path)) != spoil.body {
			t.Errorf("%s: exit %d: %s", name, code, stderr)
		}
		for path, body := range map[string][]byte{partial: part, notes: noted} {
			if err := os.WriteFile(path, body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestExportGoesOnAsOfItsBeginning reads a condition such as -1d as of when the export began.
func TestExportGoesOnAsOfItsBeginning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeskInside(t, 1000)
		args := []string{"export", "contacts", "--where", "last_seen_at < -20d"}
		whole, _ := d.must(args...)
		d.cutOff("/contacts/search", append(args, "-o", d.path("seen.csv"))...)
		time.Sleep(15 * 24 * time.Hour)
		if d.must(append(args, "-o", d.path("seen.csv"))...); string(d.bytes(d.path("seen.csv"))) != whole {
			t.Errorf("%d bytes, want %d", len(d.bytes(d.path("seen.csv"))), len(whole))
		}
	})
}

// TestExportTwice lets no two exports write one file at the same time: the later takes it over.
func TestExportTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 500)
	file := d.path("twice.csv")
	whole, _ := d.must("export", "contacts")
	var asked atomic.Int32
	var second int
	d.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/contacts" && asked.Add(1) == 3 {
			second, _, _ = d.run("export", "contacts", "-o", file)
			if err := os.Remove(file); err != nil {
				t.Error(err)
			}
		}
		d.sandbox.ServeHTTP(w, r)
	}))
	code, _, stderr := d.run("export", "contacts", "-o", file)
	if code != exitFailed || !strings.Contains(stderr, "another export writes to") || second != exitOK {
		t.Errorf("exit %d and %d: %s", code, second, stderr)
	}
	if got, err := filepath.Glob(file + "*"); err != nil || len(got) > 0 {
		t.Errorf("left %v, %v; whole: %d bytes", got, err, len(whole))
	}
}

// TestExportWrittenOver does not take a file for whole in which another export has written over rows, be it as long.
func TestExportWrittenOver(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 500)
	file := d.path("over.csv")
	if err := os.WriteFile(file, []byte("earlier"), 0o600); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	d.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/contacts" && asked.Add(1) == 4 {
			other, err := os.OpenFile(file+".partial", os.O_WRONLY, 0)
			if err == nil {
				_, err = other.WriteAt([]byte("other"), 100)
				err = errors.Join(err, other.Close())
			}
			if err != nil {
				t.Error(err)
			}
		}
		d.sandbox.ServeHTTP(w, r)
	}))
	for range 2 { // neither at once nor where it goes on
		code, _, stderr := d.run("export", "contacts", "-o", file)
		if code == exitOK || string(d.bytes(file)) != "earlier" || !strings.Contains(stderr, "another export writes to") &&
			!strings.Contains(stderr, "no longer holds") {
			t.Errorf("exit %d: %s", code, stderr)
		}
	}
}
