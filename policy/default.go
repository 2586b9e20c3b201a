package policy

import (
	"fmt"
	"sync"

	"github.com/goccy/go-yaml/ast"

	"intercom-mcp/policy/internal/builtin"
)

// BuiltIn is the File of the embedded policy.
const BuiltIn = "built-in"

// builtIn reads the embedded policy, whose conditions are compiled when they are first evaluated: a program that
// decides nothing does not pay for them.
var builtIn = sync.OnceValue(func() *Policy {
	parsed := func([]byte) (*ast.File, error) { return builtin.Parsed() }
	p, err := read(BuiltIn, builtin.Text, &Policy{}, nil, parsed)
	if err != nil {
		panic(fmt.Sprintf("policy: %v", err)) // the binary itself is broken
	}
	return p
})

// Default returns the built-in policy, written in default.yaml, for mode. Each call returns a policy of its own.
func Default(mode Mode) *Policy { return builtIn().withMode(mode) }
