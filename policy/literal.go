package policy

import (
	"maps"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
)

// literals looks for text in an expression that is compared, by ==, != or in, with a tool, an effect, a mode or a
// field, or that startsWith and its like look for in one.
type literals struct {
	of *ast.AST
	// each is told of a text that names of a kind, or their parts, are compared with, and by which function: a literal,
	// several joined by +, or a selection such as set.email.
	each func(k kind, text ast.Expr, op string)
}

// bound is what the variable of a loop over a list stands for: names of a kind, and the texts that the list spells out.
type bound struct {
	kind  kind
	texts []ast.Expr
}

// scope is the variables of the loops around an expression, by name.
type scope map[string]bound

// checkLiterals returns what is wrong with the text in a checked expression: what names no tool, effect, mode or field,
// or is found in none, so that the expression has the same result whatever the request.
func checkLiterals(checked *ast.AST, known *Vocabulary) mistakes {
	var found mistakes
	walkLiterals(checked, func(k kind, e ast.Expr, op string) {
		text, wrong := wording(e), ""
		if partFunctions[op] != "" {
			wrong = known.mistakenPart(k, op, text)
		} else {
			wrong = known.mistaken(k, text, op == operators.NotEquals)
		}
		if wrong != "" {
			at := checked.SourceInfo().GetStartLocation(e.ID())
			found = append(found, mistake{at.Line(), at.Column(), wrong})
		}
	})
	return found
}

// walkLiterals tells each of the texts in a checked expression that names are compared with.
func walkLiterals(checked *ast.AST, each func(k kind, text ast.Expr, op string)) {
	l := &literals{of: checked, each: each}
	l.walk(l.of.Expr(), nil)
}

// walk checks an expression and those inside it.
func (l *literals) walk(e ast.Expr, in scope) {
	switch e.Kind() {
	case ast.CallKind:
		call := e.AsCall()
		operands := call.Args()
		if call.IsMemberFunction() {
			operands = append([]ast.Expr{call.Target()}, operands...)
		}
		switch op := call.FunctionName(); op {
		case operators.Equals, operators.NotEquals, operators.In:
			a, b := operands[0], operands[1]
			l.compare(l.kindOf(a, in), l.texts(b, in), op)
			l.compare(l.kindOf(b, in), l.texts(a, in), op)
		case overloads.StartsWith, overloads.EndsWith, overloads.Contains, overloads.Matches:
			l.compare(l.kindOf(operands[0], in), l.texts(operands[1], in), op)
		case operators.Index:
			if l.isMap(operands[0]) { // set['email']
				l.compare(l.kindOf(operands[0], in), l.texts(operands[1], in), op)
			}
		}
		l.walkAll(operands, in)
	case ast.SelectKind:
		operand := e.AsSelect().Operand()
		if l.isMap(operand) { // set.email
			l.each(l.kindOf(operand, in), e, operators.Index)
		}
		l.walk(operand, in)
	case ast.ListKind:
		l.walkAll(e.AsList().Elements(), in)
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			l.walkAll([]ast.Expr{entry.AsMapEntry().Key(), entry.AsMapEntry().Value()}, in)
		}
	case ast.ComprehensionKind:
		loop := e.AsComprehension()
		inner := scope{}
		maps.Copy(inner, in)
		inner[loop.IterVar()] = bound{l.kindOf(loop.IterRange(), in), l.texts(loop.IterRange(), in)}
		l.walkAll([]ast.Expr{loop.IterRange(), loop.AccuInit()}, in)
		l.walkAll([]ast.Expr{loop.LoopCondition(), loop.LoopStep(), loop.Result()}, inner)
	}
}

func (l *literals) walkAll(list []ast.Expr, in scope) {
	for _, e := range list {
		l.walk(e, in)
	}
}

// isMap reports whether an expression is a map of values by name.
func (l *literals) isMap(e ast.Expr) bool { return l.of.GetType(e.ID()).IsExactType(mapOfValues) }

// wording returns the text that stands in an expression: of a literal itself, of literals joined by + theirs, of a
// selection the name after the dot.
func wording(e ast.Expr) string {
	switch e.Kind() {
	case ast.SelectKind:
		return e.AsSelect().FieldName()
	case ast.CallKind:
		return wording(e.AsCall().Args()[0]) + wording(e.AsCall().Args()[1])
	}
	return e.AsLiteral().Value().(string)
}

// isText reports whether an expression is a string literal, or such joined by +.
func isText(e ast.Expr) bool {
	switch e.Kind() {
	case ast.LiteralKind:
		_, ok := e.AsLiteral().Value().(string)
		return ok
	case ast.CallKind:
		return e.AsCall().FunctionName() == operators.Add && isText(e.AsCall().Args()[0]) && isText(e.AsCall().Args()[1])
	}
	return false
}

// compare tells of texts that names of a kind are compared with, or their parts.
func (l *literals) compare(k kind, texts []ast.Expr, op string) {
	for _, e := range texts {
		l.each(k, e, op)
	}
}

// kindOf returns what names an expression, or each element of it, gives.
func (l *literals) kindOf(e ast.Expr, in scope) kind {
	switch e.Kind() {
	case ast.IdentKind:
		if variable, ok := in[e.AsIdent()]; ok {
			return variable.kind
		}
		return kindOfFact(e.AsIdent())
	case ast.SelectKind: // set.tags
		if l.isMap(e.AsSelect().Operand()) && e.AsSelect().FieldName() == "tags" {
			return tagName
		}
	case ast.CallKind: // fields[0], fields + protected, contacts > 1 ? fields : protected
		switch call := e.AsCall(); call.FunctionName() {
		case operators.Index:
			if !l.isMap(call.Args()[0]) {
				return l.kindOf(call.Args()[0], in)
			}
			if name := call.Args()[1]; isText(name) && wording(name) == "tags" { // set['tags']; else a value, and no name
				return tagName
			}
		case operators.Add:
			if !l.of.GetType(e.ID()).IsExactType(listOfText) { // not of text that is put together
				break
			}
			return max(l.kindOf(call.Args()[0], in), l.kindOf(call.Args()[1], in))
		case operators.Conditional:
			return max(l.kindOf(call.Args()[1], in), l.kindOf(call.Args()[2], in))
		}
	}
	return anyText
}

// texts returns the texts, literal or joined by +, that an expression, or an element of it, may give.
func (l *literals) texts(e ast.Expr, in scope) (list []ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		if isText(e) {
			list = append(list, e)
		}
	case ast.IdentKind:
		list = in[e.AsIdent()].texts
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			list = append(list, l.texts(element, in)...)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			list = append(list, l.texts(entry.AsMapEntry().Key(), in)...)
		}
	case ast.CallKind:
		if call := e.AsCall(); isText(e) {
			list = append(list, e)
		} else if call.FunctionName() == operators.Conditional {
			list = append(l.texts(call.Args()[1], in), l.texts(call.Args()[2], in)...)
		}
	}
	return list
}
