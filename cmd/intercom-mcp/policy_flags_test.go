package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPoliciesReload keeps the policy in force where its file cannot be read again.
func TestPoliciesReload(t *testing.T) {
	t.Parallel()
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
