package policy

import (
	"fmt"
	"sync"

	"cel.dev/cel-go/cel"
)

const (
	// maxCondition bounds a condition's text, in characters.
	maxCondition = 2000
	// maxDepth bounds how deep its expressions nest, and the parser with them.
	maxDepth = 50
	// maxNesting bounds how deep its loops over lists nest.
	maxNesting = 2
	// maxCost bounds one evaluation, in CEL's units of about one operation
	// each: some milliseconds. Looking 300 fields up among 10 takes 4,000.
	maxCost = 100_000
)

// Condition is the `when` of a rule: an expression in CEL, type-checked to be
// a bool, over the facts of a request and its policy.
//
//	tool, effect, principal, mode  string
//	contacts, window.contacts      int
//	fields, protected              list(string)
//
// Its evaluation is bounded in cost. It is safe for concurrent use.
// https://github.com/cel-expr/cel-spec/blob/master/doc/langdef.md
type Condition struct {
	source  string
	program func() (cel.Program, error)
}

// newCondition makes a condition of a CEL expression, not compiled yet.
func newCondition(source string) *Condition {
	return &Condition{source: source, program: sync.OnceValues(func() (cel.Program, error) { return compile(source) })}
}

// String returns the expression.
func (c *Condition) String() string { return c.source }

// now compiles the condition.
func (c *Condition) now() error {
	_, err := c.program()
	return err
}

// later leaves the condition to be compiled at its first evaluation.
func (c *Condition) later() error { return nil }

// holds evaluates the condition.
func (c *Condition) holds(r Request, p *Policy) (bool, error) {
	program, err := c.program()
	if err != nil {
		return false, err
	}
	value, _, err := program.Eval(map[string]any{
		"tool": r.Tool, "effect": string(r.Effect), "principal": r.Principal, "mode": string(p.Mode),
		"contacts": r.Contacts, "window.contacts": r.Window.Contacts, "fields": r.Fields, "protected": p.Protected,
	})
	if err != nil {
		return false, err
	}
	return value.Value() == true, nil
}

// environment declares what conditions may speak of.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("tool", cel.StringType),
		cel.Variable("effect", cel.StringType),
		cel.Variable("principal", cel.StringType),
		cel.Variable("mode", cel.StringType),
		cel.Variable("contacts", cel.IntType),
		cel.Variable("window.contacts", cel.IntType),
		cel.Variable("fields", cel.ListType(cel.StringType)),
		cel.Variable("protected", cel.ListType(cel.StringType)),
		cel.ParserExpressionSizeLimit(maxCondition),
		cel.ParserRecursionLimit(maxDepth),
		cel.ASTValidators(
			cel.ValidateRegexLiterals(),
			cel.ValidateHomogeneousAggregateLiterals(),
			cel.ValidateComprehensionNestingLimit(maxNesting),
		),
	)
})

// mistake is one thing wrong with a condition: the line, from 1, and the
// column, from 0, are within the expression.
type mistake struct {
	line, column int
	text         string
}

// mistakes is the error of a condition that does not compile.
type mistakes []mistake

// Error implements error with the first mistake.
func (m mistakes) Error() string { return m[0].text }

// compile checks an expression and makes it ready to be evaluated.
func compile(source string) (cel.Program, error) {
	env, err := environment()
	if err != nil {
		return nil, fmt.Errorf("preparing CEL: %w", err)
	}
	ast, issues := env.Compile(source)
	if issues.Err() != nil {
		var found mistakes
		for _, issue := range issues.Errors() {
			found = append(found, mistake{issue.Location.Line(), issue.Location.Column(), issue.Message})
		}
		return nil, found
	}
	if got := ast.OutputType(); !got.IsExactType(cel.BoolType) {
		return nil, mistakes{{1, 0, fmt.Sprintf("the condition gives %s, not bool", got)}}
	}
	return env.Program(ast, cel.CostLimit(maxCost))
}
