package main

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestDocs lists the pages and prints each; the flags and pages that they name exist.
func TestDocs(t *testing.T) {
	_, list, _ := output(t, "docs")
	files, err := fs.Glob(pages, "docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	known := map[string]bool{"--rm": true, "--use": true, "--skip": true} // of Docker, and of GoReleaser
	parser, err := (&host{}).parser(t.Context(), &cli{}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, leaf := range parser.Model.Leaves(false) {
		for _, group := range leaf.AllFlags(false) {
			for _, flag := range group {
				known["--"+flag.Name] = true
			}
		}
	}
	flag, page := regexp.MustCompile("--[a-z][a-z-]+"), regexp.MustCompile("`docs ([a-z-]+)`")
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".md")
		code, text, stderr := output(t, "docs", name)
		if code != exitOK || !strings.HasPrefix(text, "# ") || !strings.Contains(list, name) {
			t.Errorf("%s exits with %d: %s", name, code, stderr)
		}
		for _, named := range flag.FindAllString(text, -1) {
			if !known[named] {
				t.Errorf("%s names %s, which no command has", name, named)
			}
		}
		for _, named := range page.FindAllStringSubmatch(text, -1) {
			if code, _, _ := output(t, "docs", named[1]); code != exitOK {
				t.Errorf("%s names the page %s, which is not there", name, named[1])
			}
		}
	}
	if code, _, stderr := output(t, "docs", "sign-in-entr"); code != exitUsage ||
		!strings.Contains(stderr, "Try: intercom-mcp docs sign-in-entra") {
		t.Errorf("%d %s", code, stderr)
	}
}
