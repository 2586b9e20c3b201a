package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"intercom-mcp/cmd/intercom-mcp/internal/terminal"
	"intercom-mcp/schemas"
	"intercom-mcp/tools"
)

// TestToolHelp shows each tool with all its arguments, and an example that it takes.
func TestToolHelp(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.Catalogue() {
		for _, args := range [][]string{{"tools", tool.Name}, {"call", tool.Name, "--help"}, {"call", "--help", tool.Name},
			{"help", "call", tool.Name}} {
			code, stdout, stderr := output(t, args...)
			if code != exitOK || !strings.Contains(stdout, tool.Doc) {
				t.Errorf("%v exits with %d: %s%s", args, code, stdout, stderr)
			}
			input, err := inputOf(tool.Name)
			if err != nil {
				t.Fatal(err)
			}
			for name := range input.Properties {
				if !strings.Contains(stdout, name) {
					t.Errorf("%v does not tell of %s: %s", args, name, stdout)
				}
			}
		}
		input, err := inputOf(tool.Name)
		if err != nil {
			t.Fatal(err)
		}
		example, err := exampleOf(tool.Name, input)
		if err != nil {
			t.Fatal(err)
		}
		if tool.Set.Name != "changes" { // whose example names no change that there is
			_, help, _ := output(t, "tools", tool.Name)
			args := []string{"call", tool.Name, string(example), "--sandbox", "--yes"}
			if strings.HasSuffix(help, "' --sandbox --mode full\n") {
				args = append(args, "--mode", "full")
			}
			code, stdout, stderr := outputAtOnce(t, args...)
			if code != exitOK {
				t.Errorf("%s: the example %s: %s%s", tool.Name, example, stdout, stderr)
			}
		}
		_, problems, err := schemas.ValidateInput(tool.Name, example)
		if err != nil || len(problems) > 0 || strings.Contains(string(example), "…") {
			t.Errorf("%s: the example %s: %v %v", tool.Name, example, problems, err)
		}
	}
	if code, _, stderr := output(t, "tools", "serch_contacts"); code != exitUsage ||
		!strings.Contains(stderr, "search_contacts") {
		t.Errorf("%d %s", code, stderr)
	}
	if code, stdout, _ := output(t, "help"); code != exitOK || !strings.Contains(stdout, "Usage: intercom-mcp") {
		t.Errorf("%d %s", code, stdout)
	}
}

// TestBrokenArguments shows where the JSON of a call is broken.
func TestBrokenArguments(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		`{"limit": 3,}`:                 "line 1, column 13: invalid character '}' looking for beginning of object key string\n  {\"limit\": 3,}\n              ^",
		"{\"query\":\n  \"ann\" \"b\"}": "line 2, column 9:",
		`{"query":"é" x}`:               "line 1, column 14:",
		`{"query":`:                     "line 1, column 9: unexpected end of JSON input",
		strings.Repeat(" ", 90) + "x":   "line 1, column 91:",
	} {
		code, _, stderr := output(t, "call", "search_contacts", args, "--sandbox")
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: %d %s", args, code, stderr)
		}
	}
}

// TestToolHelpWidth fits the help of each tool into a terminal, but for the example, which is to be copied.
func TestToolHelpWidth(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.Catalogue() {
		for _, columns := range []int{60, 80, 200} {
			var out strings.Builder
			if err := helpTool(&out, terminal.Style{}, columns, &tool); err != nil {
				t.Fatal(err)
			}
			help, _, _ := strings.Cut(out.String(), "\nExample:")
			for line := range strings.Lines(help) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, " \n")); n > columns {
					t.Errorf("%s: %d characters for %d columns: %s", tool.Name, n, columns, line)
				}
			}
		}
	}
}
