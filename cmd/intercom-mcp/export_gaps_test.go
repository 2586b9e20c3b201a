package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// rewritten has the desk's Intercom answer GET and POST requests to a path as a test changes them.
func (d *desk) rewritten(path string, change func(answer map[string]any)) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != path {
			d.sandbox.ServeHTTP(w, r)
			return
		}
		recorded := httptest.NewRecorder()
		d.sandbox.ServeHTTP(recorded, r)
		var answer map[string]any
		if err := json.Unmarshal(recorded.Body.Bytes(), &answer); err != nil {
			d.Error(err)
		}
		change(answer)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(recorded.Code)
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			d.Error(err)
		}
	}))
	d.Cleanup(server.Close)
	d.env = environment("INTERCOM_ACCESS_TOKEN", "test", "INTERCOM_BASE_URL", server.URL, "INTERCOM_STATE",
		filepath.Join(d.folder, "state.db"))
}

func rowsOf(answer map[string]any) []any {
	rows, _ := answer["data"].([]any)
	return rows
}

// TestExportCutShort tells an export whose list ends early, at once or where an export goes on, from one that is whole.
func TestExportCutShort(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 500)
	whole, _ := d.must("export", "contacts")
	short := true
	var pages int
	d.rewritten("/contacts", func(answer map[string]any) {
		if pages++; short && pages%2 == 0 {
			delete(answer, "pages")
		}
	})
	file := d.path("cut.csv")
	for range 2 {
		pages = 0
		code, _, stderr := d.run("export", "contacts", "-o", file)
		if code != exitFailed || !strings.Contains(stderr, "cut off after") || !strings.Contains(stderr, "cut short") ||
			strings.Contains(stderr, "rows in ") {
			t.Errorf("exit %d: %s", code, stderr)
		}
	}
	short = false
	_, stderr := d.must("export", "contacts", "-o", file)
	if got, err := os.ReadFile(file); err != nil || string(got) != whole || !strings.Contains(stderr, "Going on after") {
		t.Errorf("%v: %d bytes, want %d: %s", err, len(got), len(whole), stderr)
	}
}

// TestExportGaps names the rows that an export leaves out, and the cells that it leaves empty, for what cannot be read:
// those of a part that was written before, too.
func TestExportGaps(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 500)
	odd := []any{5, map[string]any{"id": 7, "role": "user"}, map[string]any{"id": "a", "role": 5},
		map[string]any{"id": "../companies/1", "role": "user"}}
	first := 0
	d.rewritten("/contacts", func(answer map[string]any) {
		rows := rowsOf(answer)
		if len(rows) == 0 {
			return
		}
		rows[1].(map[string]any)["name"] = 7
		rows[0] = odd[first%len(odd)]
		first++
	})
	file := d.path("gaps.csv")
	fault := sandbox.Fault{Path: "/contacts", Status: 400, After: 2, Times: 1}
	d.sandbox.AddFault(fault)
	if code, _, stderr := d.run("export", "contacts", "-o", file); code != exitFailed {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	code, _, stderr := d.run("export", "contacts", "-o", file)
	for _, want := range []string{"4 rows left out", "contact: data[0] is no object", "data[0].id is no text",
		"contact a: role is", "data[0].id is not an id", "4 cells left empty", ": name is no text", " rows in "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not told: %s", want, stderr)
		}
	}
	got, err := os.ReadFile(file)
	if code != exitFailed || err != nil || len(got) == 0 || strings.Contains(string(got), "../companies") {
		t.Errorf("exit %d, %v, %d bytes", code, err, len(got))
	}
	first = 2
	if code, _, stderr := d.run("export", "contacts", "--where", "role = user"); code != 0 {
		t.Errorf("a search that is not rewritten: exit %d: %s", code, stderr)
	}
}

// TestExportCompaniesGaps does so for companies.
func TestExportCompaniesGaps(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 100)
	whole, _ := d.must("export", "companies")
	d.rewritten("/companies/scroll", func(answer map[string]any) {
		if rows := rowsOf(answer); len(rows) > 1 {
			rows[0] = 5
			rows[1].(map[string]any)["name"] = 7
		}
	})
	code, stdout, stderr := d.run("export", "companies")
	if code != exitFailed || !strings.Contains(stderr, "1 row left out") ||
		!strings.Contains(stderr, "1 cell left empty") ||
		strings.Count(stdout, "\n") != strings.Count(whole, "\n")-1 {
		t.Errorf("exit %d: %s\n%s", code, stderr, fmt.Sprint(strings.Count(stdout, "\n")))
	}
}
