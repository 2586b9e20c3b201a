//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// SIGHUP has a server read its policy again; a broken file leaves the one in
// force, and the log says why.
func TestReloadPolicy(t *testing.T) {
	tests := map[string][]string{
		"stdio": {"stdio", "--sandbox", "--log-format", "text"},
		"http":  {"http", "--sandbox", "--log-format", "text", "--addr", "127.0.0.1:0"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "policy.yaml")
			write := func(text string) {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("mode: write\n")
			cmd, stdin, stdout := child(t, append(args, "--policy", file)...)
			defer stdin.Close()
			log := cmd.Stderr.(*tape)
			log.await(t, `(policy in force)`)
			hangup := func() {
				if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
					t.Fatal(err)
				}
			}
			write("mode: wrote\n")
			hangup()
			log.await(t, `(policy not reloaded.*policy.yaml:1:7: mode)`)
			write("mode: read\n")
			hangup()
			log.await(t, `(policy reloaded)`)
			terminate(t, cmd, stdout)
		})
	}
}

// A policy that cannot be read again stays as it was.
func TestPoliciesKeepTheLastRightOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "policy.yaml")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("mode: full\n")
	p, err := policyFlags{Policy: file, Mode: "write"}.load()
	if err != nil {
		t.Fatal(err)
	}
	first := p.current.Load()
	if first.Mode != "write" {
		t.Errorf("mode %q", first.Mode)
	}
	write("mode: fool\n")
	if err := p.reload(); err == nil || p.current.Load() != first {
		t.Errorf("error %v, policy %+v", err, p.current.Load())
	}
	write("mode: read\n")
	if err := p.reload(); err != nil || p.current.Load().Mode != "read" {
		t.Errorf("error %v, mode %q", err, p.current.Load().Mode)
	}
}
