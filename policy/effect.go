package policy

import (
	"fmt"
	"slices"
)

// Effect says what a tool can do to the workspace. The MCP hints, the modes and the default rules all follow from it.
type Effect string

// The three effects.
const (
	Read    Effect = "read"    // changes nothing
	Write   Effect = "write"   // changes something that can be put back
	Destroy Effect = "destroy" // changes something that can not be put back
)

// Mode is the widest effect the operator lets a server offer. The zero Mode offers nothing.
type Mode string

// The three modes, each containing the one before it.
const (
	ModeRead  Mode = "read"
	ModeWrite Mode = "write"
	ModeFull  Mode = "full"
)

// ParseMode reads a mode's name.
func ParseMode(s string) (Mode, error) {
	switch m := Mode(s); m {
	case ModeRead, ModeWrite, ModeFull:
		return m, nil
	}
	return "", fmt.Errorf("mode %q is none of read, write, full", s)
}

// width orders the modes from 0; it is -1 for one that is not known, which offers nothing.
func (m Mode) width() int { return slices.Index([]Mode{ModeRead, ModeWrite, ModeFull}, m) }

// Allows reports whether tools of effect e are offered in mode m.
func (m Mode) Allows(e Effect) bool {
	needed := slices.Index([]Effect{Read, Write, Destroy}, e)
	return needed >= 0 && m.width() >= needed
}
