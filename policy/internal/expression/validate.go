package expression

import (
	"regexp"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
)

// validate reports what the types of a checked expression allow, in the words of the validators of package cel.
func validate(checked *ast.AST, nesting int, errs *common.Errors) {
	report := func(e ast.Expr, format string, args ...any) {
		errs.ReportErrorAtID(e.ID(), checked.SourceInfo().GetStartLocation(e.ID()), format, args...)
	}
	// differs reports, and returns, whether an expression is of another type than the first.
	differs := func(first *types.Type, e ast.Expr) bool {
		is := checked.GetType(e.ID())
		if first.IsEquivalentType(is) {
			return false
		}
		report(e, "expected type '%s' but found '%s'", checker.FormatCELType(first), checker.FormatCELType(is))
		return true
	}
	root := ast.NavigateAST(checked)
	for _, call := range ast.MatchDescendants(root, ast.FunctionMatcher(overloads.Matches)) {
		// Of matches(text, pattern), the first argument is the text: it is checked as package cel does.
		if pattern := call.AsCall().Args()[0]; pattern.Kind() == ast.LiteralKind {
			if _, err := regexp.Compile(pattern.AsLiteral().Value().(string)); err != nil {
				report(pattern, "invalid %s argument", overloads.Matches)
			}
		}
	}
	for _, list := range ast.MatchDescendants(root, ast.KindMatcher(ast.ListKind)) {
		elements := list.AsList().Elements()
		for _, element := range elements {
			if differs(checked.GetType(elements[0].ID()), element) {
				break // one of a list is enough
			}
		}
	}
	for _, literal := range ast.MatchDescendants(root, ast.KindMatcher(ast.MapKind)) {
		entries := literal.AsMap().Entries()
		for _, entry := range entries {
			first := entries[0].AsMapEntry()
			differs(checked.GetType(first.Key().ID()), entry.AsMapEntry().Key())
			differs(checked.GetType(first.Value().ID()), entry.AsMapEntry().Value())
		}
	}
	for _, loop := range ast.MatchDescendants(root, ast.KindMatcher(ast.ComprehensionKind)) {
		depth := 0
		for at, inside := loop, true; inside; at, inside = at.Parent() {
			if at.Kind() == ast.ComprehensionKind && !isOverNothing(at.AsComprehension()) {
				depth++
			}
		}
		if depth > nesting {
			report(loop, "comprehension exceeds nesting limit")
		}
	}
}

// isOverNothing reports whether a loop is over an empty list, which costs nothing.
func isOverNothing(loop ast.ComprehensionExpr) bool {
	over := loop.IterRange()
	return over.Kind() == ast.ListKind && over.AsList().Size() == 0
}
