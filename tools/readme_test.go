package tools

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// namedFiles are the paths that the page names: words in capitals stand for any name.
	namedFiles = regexp.MustCompile("`([\\w./-]*\\.(?:go|json|yaml|md)|internal/\\w+)`|\\]\\(([^)#:]+)\\)")
	standIns   = regexp.MustCompile(`[A-Z]{4,}`)
	// testRuns are the packages of a line that runs tests, and which tests.
	testRuns  = regexp.MustCompile(`(?m)^go test ([^'#\n]*?)-run '?([\w|]+)`)
	testNames = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// TestREADMENamesFiles finds each file that the page for those who work here names, in this folder or from the top.
func TestREADMENamesFiles(t *testing.T) {
	page := readPage(t)
	names := namedFiles.FindAllStringSubmatch(page, -1)
	if len(names) < 10 {
		t.Fatalf("only %d files are named", len(names))
	}
	for _, match := range names {
		name := match[1] + match[2]
		pattern := standIns.ReplaceAllString(name, "*")
		if strings.HasPrefix(filepath.Base(name), "README") {
			pattern = name
		}
		here, _ := filepath.Glob(pattern)
		top, _ := filepath.Glob(filepath.Join("..", pattern))
		if len(here)+len(top) == 0 {
			t.Errorf("there is no %s", name)
		}
	}
}

// TestREADMERunsTests finds a test for each part of each pattern that the page runs tests by.
func TestREADMERunsTests(t *testing.T) {
	runs := testRuns.FindAllStringSubmatch(readPage(t), -1)
	if len(runs) < 5 {
		t.Fatalf("only %d lines run tests", len(runs))
	}
	for _, run := range runs {
		var names []string
		for _, word := range strings.Fields(run[1]) {
			if strings.HasPrefix(word, "./") {
				names = append(names, testsOf(t, word)...)
			}
		}
		for _, pattern := range strings.Split(run[2], "|") {
			if all := strings.Join(names, "\n"); !regexp.MustCompile(pattern).MatchString(all) {
				t.Errorf("no test of %s matches %s", strings.TrimSpace(run[1]), pattern)
			}
		}
	}
}

// testsOf lists the tests of the packages that a pattern of the go command names.
func testsOf(t *testing.T, packages string) (names []string) {
	t.Helper()
	folder, deep := strings.CutSuffix(packages, "/...")
	folder = filepath.Join("..", folder)
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != folder && !deep {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		for _, match := range testNames.FindAllStringSubmatch(string(content), -1) {
			names = append(names, match[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}
