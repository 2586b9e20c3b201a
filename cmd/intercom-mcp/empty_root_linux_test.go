package main

import (
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"intercom-mcp/intercom/sandbox"
)

// imageUser is who the image runs the program as.
const imageUser = 65532

// TestEmptyRoot runs a released program where there is nothing else, as the image of a release does: as its user, with
// its environment, in a root with a folder for the state.
func TestEmptyRoot(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to change the root")
	}
	root := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(root, "intercom-mcp"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	state := filepath.Join(root, "state")
	if err := errors.Join(os.Mkdir(state, 0o755), os.Chown(state, imageUser, imageUser),
		os.Chmod(root, 0o755)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(sandbox.New(sandbox.Options{Contacts: 60}))
	defer server.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	policy, err := os.ReadFile("../../testdata/policies/office_hours.yaml") // by the clock of Europe/Dublin
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"ca.pem": authority, "policy.yaml": policy} {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	environment := append(imageEnvironment(t), "INTERCOM_ACCESS_TOKEN=test")
	over := "--base-url=" + server.URL
	for _, test := range []struct {
		args   []string
		trusts string // the file of the certificates that are trusted besides
		code   int
		want   string
	}{
		{[]string{"doctor", "--sandbox"}, "", exitOK, "ok    token"},
		{[]string{"doctor", over}, "/ca.pem", exitOK, "ok    token"},
		{[]string{"doctor", over}, "", exitFailed, "certificate"},
		{[]string{"doctor", over, "--state=/elsewhere/state.db"}, "/ca.pem", exitFailed, "BAD   state"},
		{[]string{"policy", "explain", "update_contact", "--contacts=11", "--sandbox"}, "", exitOK,
			"more than 10 contacts at once"},
		{[]string{"policy", "explain", "update_contact", "--policy=/policy.yaml", "--sandbox",
			"--at=2026-11-28T22:00:00Z"}, "", exitOK,
			"Dublin time"},
		{[]string{"call", "search_contacts", `{"query":"ann","limit":1}`, over, "--time-zone=Europe/Dublin"}, "/ca.pem",
			exitOK, "ann"},
		{[]string{"call", "update_contact", `{"contact":"external_id:u-10001","set":{"name":"Ann"}}`, over}, "/ca.pem",
			exitOK, "chg_"},
		{[]string{"changes", "list"}, "", exitOK, "chg_"},
	} {
		program := exec.CommandContext(t.Context(), "/intercom-mcp", test.args...)
		program.Dir, program.Env = "/state", environment
		if test.trusts != "" {
			program.Env = append(program.Env, "SSL_CERT_FILE="+test.trusts)
		}
		program.SysProcAttr = &syscall.SysProcAttr{
			Chroot: root, Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser},
		}
		out, err := program.CombinedOutput()
		if program.ProcessState.ExitCode() != test.code || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: %v, want exit %d and %q in\n%s", strings.Join(test.args, " "), err, test.code, test.want, out)
		}
	}
}

// imageEnvironment is the environment that the image of a release sets.
func imageEnvironment(t *testing.T) (environment []string) {
	t.Helper()
	content, err := os.ReadFile("../../testdata/release/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range regexp.MustCompile(`(?m)^ENV (\S+)$`).FindAllSubmatch(content, -1) {
		environment = append(environment, string(variable[1]))
	}
	if len(environment) == 0 || !strings.Contains(string(content), "\nUSER 65532:65532\n") {
		t.Errorf("the image has the environment %q, or another user than %d", environment, imageUser)
	}
	return environment
}
