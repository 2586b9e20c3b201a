package script

import (
	"sync/atomic"
	"time"

	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/tools"
)

// Caller is who makes the call of a step, where that is not the user of the command.
type Caller struct {
	Principal string   `yaml:"principal"` // empty: as for all steps
	Roles     []string `yaml:"roles"`
	Email     string   `yaml:"email"` // of the person
	Client    string   `yaml:"client"`
}

// UnmarshalYAML decodes a caller, and refuses keys that it does not have.
func (c *Caller) UnmarshalYAML(node ast.Node) error {
	type plain Caller
	return decodeStrictly(node, (*plain)(c))
}

// make has a call be the caller's.
func (c *Caller) make(call *tools.Call) {
	if c == nil {
		return
	}
	if c.Principal != "" {
		call.Principal = c.Principal
	}
	call.Roles, call.Client, call.Person.Email = c.Roles, c.Client, c.Email
}

// Clock is what the policy of a script takes for the time: that of the machine, until a step sets another, which then
// stands still. It is safe for concurrent use.
type Clock struct{ at atomic.Pointer[time.Time] }

// Now returns the time.
func (c *Clock) Now() time.Time {
	if at := c.at.Load(); at != nil {
		return *at
	}
	return time.Now()
}
