package main

import (
	"os"
	"testing"
)

// TestColoured allows colours on terminals alone, which a file is not.
func TestColoured(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	h := &host{env: environment("TERM", "xterm")}
	if h.coloured(file) || h.coloured(newTape()) {
		t.Error("colours where there is no terminal")
	}
}
