package main

import (
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// documented are the commands in the code blocks of a page, each on one line, without what is said of it behind a #.
func documented(t *testing.T, page string) (commands []string) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(content), -1) {
		open := ""
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "  #")
			open += line
			if strings.Count(open, "'")%2 == 1 { // JSON over several lines
				open += "\n"
				continue
			}
			if open = strings.TrimSpace(open); open != "" {
				commands = append(commands, open)
			}
			open = ""
		}
	}
	return commands
}

// TestDocumentedCommands runs every command of the README and the pages as a reader would: one after the other, in a
// directory of their own. None may be one that the program does not understand. Commands that serve are ended after a
// moment.
func TestDocumentedCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, readme) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			t.Parallel()
			runDocumented(t, documented(t, page))
		})
	}
}

func runDocumented(t *testing.T, commands []string) {
	server := httptest.NewServer(sandbox.New(sandbox.Options{Contacts: 60}))
	defer server.Close()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, link := range []string{"intercom-mcp", "bin/intercom-mcp"} {
		path := filepath.Join(dir, link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(own, path)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, ".cursor"), 0o700); err != nil { // an assistant to connect
		t.Fatal(err)
	}
	policy, err := os.ReadFile("../../testdata/policies/support_and_ops.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "team.yaml"), policy, 0o600); err != nil {
		t.Fatal(err)
	}
	handle := writeAs(t, "ann", server.URL, filepath.Join(dir, "team.db"),
		`{"contact":"external_id:u-10001","set":{"name":"Wrong"}}`)[0]
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		switch program, rest, _ := strings.Cut(command, " "); program {
		case "make":
			target, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if !strings.Contains(string(makefile), "\n"+target+":") {
				t.Errorf("there is no target of %s", command)
			}
			continue
		case "curl":
			continue // of a server that the page has had started, at an address of the reader's
		}
		shell := exec.CommandContext(t.Context(), "timeout", "-k", "1", "3", "bash", "-c",
			strings.ReplaceAll(command, "chg_…", handle))
		shell.Dir = dir
		shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir, "XDG_STATE_HOME=",
			"XDG_CONFIG_HOME=",
			"INTERCOM_ACCESS_TOKEN=test", "INTERCOM_BASE_URL="+server.URL)
		out, err := shell.CombinedOutput()
		var exit *exec.ExitError
		misunderstood := errors.As(err, &exit) && exit.ExitCode() == exitUsage &&
			!strings.Contains(string(out), "no such file or directory") && !strings.Contains(string(out), "or in a terminal")
		if misunderstood || err != nil && (exit == nil || exit.ExitCode() > exitUsage && exit.ExitCode() != 124) {
			t.Errorf("%s\n%v: %s", command, err, out)
		}
		if listed := regexp.MustCompile(`chg_\w{26}`).Find(out); listed != nil {
			handle = string(listed)
		}
	}
}
