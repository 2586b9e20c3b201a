package terminal

import "testing"

// TestPage lays out each part of a page for a narrow terminal.
func TestPage(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"a paragraph, of lines that were wrapped elsewhere": {
			"one two three four five\nsix seven\n\neight\n", "one two three four\nfive six seven\n\neight\n"},
		"lists, one in the other": {
			"- one two three four five\n  six\n  1. seven eight nine ten\n- last\n",
			"- one two three four\n  five six\n  1. seven eight\n     nine ten\n- last\n"},
		"code": {"```sh\nintercom-mcp tools --mode read\n\n- no item\n```\n",
			"  intercom-mcp tools --mode read\n\n  - no item\n"},
		"code in a list":               {"1. one\n   ```\n   {\n   ```\n2. two\n", "1. one\n     {\n2. two\n"},
		"headings":                     {"# Longer than the line is\ntext\n", "# Longer than the line is\ntext\n"},
		"a table that fits":            {"| a | b |\n|---|---|\n| `one` | 2 |\n", "a      b\n`one`  2\n"},
		"a table with an empty corner": {"| | b |\n|---|---|\n| one | 2 |\n", "     b\none  2\n"},
		"a table of two columns that is too wide": {
			"| a | b |\n|---|---|\n| one | two three four five |\n", "one\n    two three four\n    five\n"},
		"one of three": {
			"| a | b | c |\n|---|---|---|\n| one | two three four | |\n| six | | seven |\n",
			"one\n    b: two three\n    four\n    c:\nsix\n    b:\n    c: seven\n"},
		"comments, which only generators read": {"<!-- a -->\n| a | b |\n|---|---|\n<!-- /a -->\nend\n", "a  b\nend\n"},
		"a quote":                              {"> as it is, however long\n", "> as it is, however long\n"},
		"bold text stays marked":               {"**one** two\n", "**one** two\n"},
		"a word that is too long":              {"a https://example.com/a/long b\n", "a\nhttps://example.com/a/long\nb\n"},
	} {
		if got := Page(test.text, 20, Style{}); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
	}
}

// TestPageStyle marks headings, code and bold text on terminals with colours.
func TestPageStyle(t *testing.T) {
	got := Page("# Title\n\n**one\ntwo** three\n\n```\ncode\n```\n", 80, Style{Coloured: true})
	want := "\x1b[1m# Title\x1b[0m\n\n\x1b[1mone two\x1b[0m three\n\n\x1b[36m  code\x1b[0m\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWrap counts characters, and leaves text as it is where the width is not known.
func TestWrap(t *testing.T) {
	if got := Wrap("a  b\nc", 0); got != "a  b\nc" {
		t.Errorf("%q", got)
	}
	if got := Wrap("  ü… ü… ü… ü…", 7); got != "  ü… ü…\n  ü… ü…" {
		t.Errorf("%q", got)
	}
}
