package expression

import "cel.dev/cel-go/interpreter"

// Cost evaluates the expression over variables, as they are or some of them unknown, and returns what that cost until
// its end, its limit included.
func (p *Program) Cost(variables any) (spent uint64) {
	frame, err := interpreter.NewExecutionFrame(variables)
	if err != nil {
		panic(err)
	}
	defer func() {
		recover()
		spent = frame.CostTracker().ActualCost()
		frame.Close()
	}()
	p.expression.Exec(frame)
	return 0
}
