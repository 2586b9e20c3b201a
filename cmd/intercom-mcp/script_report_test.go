package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestScriptReport goes on after a script that cannot be read and after one that fails, whose other steps are skipped,
// and tells all of it to people, to programs and to a server of continuous integration.
func TestScriptReport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	broken := write("broken.yaml", "steps:\n- call: list_tags\n  expct: {}\n")
	failing := write("failing.yaml",
		"name: sizes\nsteps:\n- call: list_tags\n  expect: {rows: {$size: 3}}\n- call: list_tags\n- call: list_tags\n")
	good := write("good.yaml", "name: tags\nsteps:\n- call: list_tags\n")
	junit := filepath.Join(dir, "junit.xml")
	code, stdout, stderr := output(t, "script", broken, failing, good, "--junit", junit)
	if code != exitFailed {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{`broken.yaml:3:3: unknown field "expct"; nearest: "expect"`, `"$size": 3`,
		"good.yaml: tags",
		"skip   5  list_tags", "3 scripts, 2 steps, 1 failed, 2 skipped, 1 script not read"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("not said: %s in\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "begins") {
		t.Errorf("a size is told with what was counted:\n%s", stdout)
	}
	raw, err := os.ReadFile(junit)
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &suites); err != nil || len(suites.Suites) != 3 || suites.Suites[1].Tests != 3 ||
		suites.Suites[1].Failures != 1 || suites.Suites[1].Skipped != 2 || suites.Suites[0].Failures != 1 {
		t.Errorf("%v: %s", err, raw)
	}
	_, stdout, _ = output(t, "script", broken, failing, good, "--json", "--run", "tags|sizes")
	outcomes := make(map[string]int)
	for line := range strings.Lines(stdout) {
		var step struct{ Outcome string }
		if err := json.Unmarshal([]byte(line), &step); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		outcomes[step.Outcome]++
	}
	if outcomes["ok"] != 1 || outcomes["failed"] != 1 || outcomes["skipped"] != 2 {
		t.Errorf("%v: %s", outcomes, stdout)
	}
	if code, _, stderr := output(t, "script", good, "--run", "("); code != exitUsage ||
		!strings.Contains(stderr, "--run") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if code, stdout, stderr := output(t, "script", good, failing, "--run", "tgas"); code != exitUsage || stdout != "" ||
		!strings.Contains(stderr, `--run "tgas" matches neither`) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
}
