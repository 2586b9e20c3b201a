package render

import (
	"strings"
	"testing"
)

// TestHandle alters a handle in each character, and swaps neighbours: every time it is told.
func TestHandle(t *testing.T) {
	handle := Handle("local", "eyJwIjoiYSJ9")
	if len(handle) > 24 || handle != Handle("local", "eyJwIjoiYSJ9") || handle == Handle("bob", "eyJwIjoiYSJ9") ||
		handle == Handle("local", "eyJwIjoiYiJ9") {
		t.Errorf("%q is too long, or not one of its own", handle)
	}
	if is, err := IsHandle(handle); !is || err != nil {
		t.Errorf("%q: %t, %v", handle, is, err)
	}
	altered := []string{handlePrefix, handle + "0", handle[:len(handle)-1], strings.ToUpper(handle[4:])}
	for i := len(handlePrefix); i < len(handle); i++ {
		for _, c := range "0123456789abcdefghijklmnopqrstuvwxyz é\x00" {
			if string(c) != handle[i:i+1] {
				altered = append(altered, handle[:i]+string(c)+handle[i+1:])
			}
		}
		if i+1 < len(handle) && handle[i] != handle[i+1] {
			altered = append(altered, handle[:i]+handle[i+1:i+2]+handle[i:i+1]+handle[i+2:])
		}
	}
	for _, text := range altered {
		if is, err := IsHandle(text); is && err == nil {
			t.Errorf("%q passes for %q", text, handle)
		}
	}
	for _, text := range []string{"", "eyJwIjoiYSJ9", "Cur_0", "chg_0"} {
		if is, err := IsHandle(text); is || err != nil {
			t.Errorf("%q: %t, %v", text, is, err)
		}
	}
}
