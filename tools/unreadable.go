package tools

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"intercom-mcp/intercom"
	"intercom-mcp/tools/toolerr"
)

// maxUnreadable is how many unreadable values one call reports.
const maxUnreadable = 5

// unreadable collects what a call could not read of Intercom's answers. It may be used concurrently: requests are made
// in parallel.
type unreadable struct {
	mu    sync.Mutex
	lines []string
	more  int
}

// add takes a value, each once.
func (u *unreadable) add(value intercom.Unreadable) {
	u.mu.Lock()
	defer u.mu.Unlock()
	line := value.String()
	switch {
	case slices.Contains(u.lines, line):
	case len(u.lines) == maxUnreadable:
		u.more++
	default:
		u.lines = append(u.lines, line)
	}
}

// about says in an error that something is not there what could not be read: it may be that.
func (u *unreadable) about(e *toolerr.Error) *toolerr.Error {
	switch e.Code {
	case toolerr.NotFound, toolerr.UnknownTag, toolerr.UnknownAttribute:
		if notes := u.notes(); notes != nil {
			told := *e
			told.Message += " " + strings.Join(notes, "; ") + "."
			return &told
		}
	}
	return e
}

// notes words them for the agent.
func (u *unreadable) notes() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.lines) == 0 {
		return nil
	}
	notes := slices.Clone(u.lines)
	notes[0] = "Intercom's answer cannot be read whole: " + notes[0]
	if u.more > 0 {
		notes = append(notes, fmt.Sprintf("and %d more of the kind", u.more))
	}
	return notes
}
