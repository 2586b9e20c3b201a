package policy

import "fmt"

// Level is who has to say yes to a change, weakest first.
//
// A level is only what it proves: [LevelAgent] stops mistakes, not a hijacked agent; [LevelUser] proves that the MCP
// client said yes; [LevelApprover] proves a yes on a channel that the agent does not hold.
type Level int

// The levels. LevelNone means that nobody is asked.
const (
	LevelNone Level = iota
	LevelAgent
	LevelUser
	LevelApprover
)

var levelNames = [...]string{"none", "agent", "user", "approver"}

// String gives the level's name.
func (l Level) String() string {
	if l < LevelNone || l > LevelApprover {
		return fmt.Sprintf("level(%d)", int(l))
	}
	return levelNames[l]
}

// MarshalText writes the level's name.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a level's name.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("level %q is none of none, agent, user, approver", text)
}

// Verdict is the outcome of a decision. The zero Verdict is Deny, so that a forgotten decision permits nothing.
type Verdict int

// The verdicts, in the order in which they win: Deny beats Confirm beats Allow.
const (
	Deny Verdict = iota
	Confirm
	Allow
)

// String gives the verdict's name.
func (v Verdict) String() string {
	switch v {
	case Deny:
		return "deny"
	case Confirm:
		return "confirm"
	case Allow:
		return "allow"
	}
	return fmt.Sprintf("verdict(%d)", int(v))
}
