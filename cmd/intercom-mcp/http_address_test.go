package main

import (
	"slices"
	"testing"
)

// TestHostsToAccept allows the name of the address to listen on; bare addresses need no entry.
func TestHostsToAccept(t *testing.T) {
	for addr, want := range map[string][]string{
		"mcp.internal:8080": {"proxy.example", "mcp.internal"},
		"127.0.0.1:8080":    {"proxy.example"},
		"[::]:8080":         {"proxy.example"},
		":8080":             {"proxy.example"},
	} {
		if got := (&httpCmd{Addr: addr, AllowHost: []string{" proxy.example", ""}}).hosts(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
}
