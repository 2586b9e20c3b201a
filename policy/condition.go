package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"

	"intercom-mcp/policy/internal/expression"
)

const (
	// maxCondition bounds a condition's text, in characters.
	maxCondition = 2000
	// maxDepth bounds how deep its expressions nest, and the parser with them.
	maxDepth = 50
	// maxNesting bounds how deep its loops over lists nest.
	maxNesting = 2
	// maxCost bounds one evaluation, in CEL's units of about one operation each: some milliseconds. Looking up 300 fields
	// among 10 costs 4,000.
	maxCost = 100_000
)

// Condition is the `when` of a rule: an expression in CEL, type-checked to be a bool, over the [Facts] of a request and
// its policy. Its evaluation is bounded in cost. It is safe for concurrent use.
// https://github.com/cel-expr/cel-spec/blob/master/doc/langdef.md
type Condition struct {
	// Comment is the comment behind the condition in the policy's file, from its # on. In text without quotes YAML begins
	// one where its author may have meant the condition to go on.
	Comment string
	source  string
	checked func() (*ast.AST, error)
	program func() (*expression.Program, error)
	partial func() (*expression.Program, error) // which may be told of some facts that they are not known
	names   func() (map[string]bool, error)     // the facts in it
}

// newCondition makes a condition of a CEL expression, which is compiled when it is first needed.
func newCondition(source string) *Condition {
	c := &Condition{source: source, checked: sync.OnceValues(func() (*ast.AST, error) { return check(source) })}
	c.program = sync.OnceValues(func() (*expression.Program, error) { return c.plan((*expression.Environment).Program) })
	c.partial = sync.OnceValues(func() (*expression.Program, error) { return c.plan((*expression.Environment).Partial) })
	c.names = sync.OnceValues(func() (map[string]bool, error) {
		checked, err := c.checked()
		if err != nil {
			return nil, err
		}
		names := make(map[string]bool)
		for _, reference := range checked.ReferenceMap() {
			names[reference.Name] = true
		}
		return names, nil
	})
	return c
}

// planner is what plans how a checked expression is evaluated.
type planner func(*expression.Environment, *ast.AST) (*expression.Program, error)

// plan plans the evaluation of the condition.
func (c *Condition) plan(by planner) (*expression.Program, error) {
	checked, err := c.checked()
	if err != nil {
		return nil, err
	}
	env, err := environment()
	if err != nil {
		return nil, err
	}
	return by(env, checked)
}

// String returns the expression.
func (c *Condition) String() string { return c.source }

// verify compiles the condition, and checks the text in it against the names that there are.
func (c *Condition) verify(known *Vocabulary) error {
	checked, err := c.checked()
	if err != nil {
		return err
	}
	if found := checkLiterals(checked, known); found != nil {
		return found
	}
	_, err = c.program()
	return err
}

// holds evaluates the condition for the facts of a request.
func (c *Condition) holds(facts map[string]any) (bool, error) {
	program, err := c.program()
	if err != nil {
		return false, err
	}
	value, err := program.Eval(facts)
	if err != nil {
		return false, err
	}
	return value.Value() == true, nil
}

// environment declares the facts, and bounds what is written about them.
var environment = sync.OnceValues(func() (*expression.Environment, error) {
	variables := make([]*decls.VariableDecl, len(facts))
	for i := range facts {
		variables[i] = decls.NewVariable(facts[i].name, facts[i].is)
	}
	limits := expression.Limits{Size: maxCondition, Depth: maxDepth, Nesting: maxNesting, Cost: maxCost}
	return expression.New(limits, variables...)
})

// mistake is one thing wrong with a condition: the line, from 1, and the column, from 0, are within the expression.
type mistake struct {
	line, column int
	text         string
}

// mistakes is the error of a condition that does not compile.
type mistakes []mistake

// Error implements error with the first mistake.
func (m mistakes) Error() string { return m[0].text }

// check parses an expression and checks its types.
func check(source string) (*ast.AST, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("preparing CEL: %w", err)
	}
	checked, errs := env.Compile(source)
	if errs != nil {
		var found mistakes
		for _, err := range errs {
			text := err.Message
			if rest, undeclared := strings.CutPrefix(text, "undeclared reference to '"); undeclared {
				name, _, _ := strings.Cut(rest, "'")
				text += whichFacts(name)
			}
			found = append(found, mistake{err.Location.Line(), err.Location.Column(), text})
		}
		return nil, found
	}
	if got := checked.GetType(checked.Expr().ID()); !got.IsExactType(types.BoolType) {
		return nil, mistakes{{1, 0, fmt.Sprintf("the condition gives %s, not bool", got)}}
	}
	return checked, nil
}

// whichFacts lists the facts, those nearest to a name first; CEL asks by itself whether the nearest was meant.
func whichFacts(name string) string {
	names := make([]string, len(facts))
	for i := range facts {
		names[i] = facts[i].name
	}
	near := nearest(name, names)
	first := func(fact string) bool { return slices.Contains(near, fact) || strings.HasPrefix(fact, name+".") }
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case first(a) == first(b):
			return 0
		case first(a):
			return -1
		}
		return 1
	})
	return "; the facts are " + strings.Join(names, ", ")
}
