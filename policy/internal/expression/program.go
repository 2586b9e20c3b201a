package expression

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// Program evaluates a compiled expression. It is safe for concurrent use.
type Program struct{ expression interpreter.InterpretableV2 }

// Program plans the evaluation of an expression whose variables are all known.
func (e *Environment) Program(compiled *ast.AST) (*Program, error) { return e.plan(e.whole, compiled) }

// Partial plans the evaluation of an expression some of whose variables may be unknown.
func (e *Environment) Partial(compiled *ast.AST) (*Program, error) {
	return e.plan(e.partial, compiled)
}

func (e *Environment) plan(by interpreter.Interpreter, compiled *ast.AST) (*Program, error) {
	planned, err := by.NewInterpretable(compiled,
		interpreter.CostObserver(interpreter.CostTrackerFactory(e.tracker.Clone)))
	if err != nil {
		return nil, err
	}
	return &Program{planned}, nil
}

// Eval evaluates the expression. It fails where the expression does, a variable in it that it needs is in neither known
// nor unknown, or the evaluation costs too much. The value is a [types.Unknown] where it depends on an unknown one,
// which only the program of [Environment.Partial] heeds.
func (p *Program) Eval(known map[string]any, unknown ...string) (value ref.Val, err error) {
	var variables any = known
	if unknown != nil {
		patterns := make([]*interpreter.AttributePattern, len(unknown))
		for i, name := range unknown {
			patterns[i] = interpreter.NewAttributePattern(name)
		}
		if variables, err = interpreter.NewPartialActivation(known, patterns...); err != nil {
			return nil, err
		}
	}
	frame, err := interpreter.NewExecutionFrame(variables)
	if err != nil {
		return nil, err
	}
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case cost.LimitExceededError:
			err = cause
		default:
			err = fmt.Errorf("internal error: %v", cause)
		}
		frame.Close()
	}()
	value = p.expression.Exec(frame)
	if failed, ok := value.(*types.Err); ok {
		return value, failed
	}
	return value, nil
}
