package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNames(t *testing.T) {
	for _, name := range []string{"read", "write", "full"} {
		if m, err := ParseMode(name); err != nil || string(m) != name {
			t.Errorf("mode %q: %v %v", name, m, err)
		}
	}
	if _, err := ParseMode("admin"); err == nil {
		t.Error("mode admin is accepted")
	}
	for level := LevelNone; level <= LevelApprover; level++ {
		text, err := level.MarshalText()
		var back Level
		if err != nil || back.UnmarshalText(text) != nil || back != level {
			t.Errorf("level %v does not survive as %q", level, text)
		}
	}
	var level Level
	if level.UnmarshalText([]byte("root")) == nil || Level(9).String() != "level(9)" {
		t.Error("an unknown level has a name")
	}
	got := []string{Deny.String(), Confirm.String(), Allow.String(), Verdict(9).String()}
	if diff := cmp.Diff([]string{"deny", "confirm", "allow", "verdict(9)"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestAllows offers the effects of a mode and of those before it, and nothing in or of what has no name.
func TestAllows(t *testing.T) {
	for mode, want := range map[Mode]int{"": 0, "all": 0, ModeRead: 1, ModeWrite: 2, ModeFull: 3} {
		for i, effect := range []Effect{Read, Write, Destroy, "erase", ""} {
			if got := mode.Allows(effect); got != (i < want) {
				t.Errorf("mode %q allows %q: %t", mode, effect, got)
			}
		}
	}
}
