package expression

import (
	"cmp"
	"slices"

	"cel.dev/cel-go/checker"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/containers"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/stdlib"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"
	"cel.dev/cel-go/parser"
)

// Limits bounds expressions and their evaluation.
type Limits struct {
	Size    int    // of the text, in characters
	Depth   int    // how deep expressions nest, and the parser recurses
	Nesting int    // how deep loops over lists and maps nest
	Cost    uint64 // of one evaluation, in CEL's units of about one operation each
}

// Environment compiles expressions over declared variables. It is safe for concurrent use.
type Environment struct {
	limits         Limits
	parser         *parser.Parser
	checker        *checker.Env
	whole, partial interpreter.Interpreter
	tracker        *cost.Tracker // which each evaluation clones
}

// macros are the standard macros, as cel.StandardMacros has them: parser.AllMacros has one more.
var macros = []parser.Macro{
	parser.HasMacro, parser.AllMacro, parser.ExistsMacro, parser.ExistsOneMacro, parser.MapMacro, parser.MapFilterMacro,
	parser.FilterMacro,
}

// New returns an environment of CEL's standard macros and functions, and of variables. It fails where a limit is no
// limit, and where two variables of different types have the same name.
func New(limits Limits, variables ...*decls.VariableDecl) (*Environment, error) {
	parsing, err := parser.NewParser(parser.ExpressionSizeCodePointLimit(limits.Size),
		parser.MaxRecursionDepth(limits.Depth), parser.Macros(macros...))
	if err != nil {
		return nil, err
	}
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	container := containers.DefaultContainer
	checking, err := checker.NewEnv(container, registry,
		checker.Catalog(func() *env.Catalog { return catalog(variables) }))
	if err != nil {
		return nil, err
	}
	checking.Catalog() // made now: the checker reads it later without the lock under which it would make it
	if err := checking.AddIdents(variables...); err != nil {
		return nil, err
	}
	dispatcher := interpreter.NewDispatcher()
	for _, function := range stdlib.Functions() {
		if !function.IsDeclarationDisabled() {
			if err := checking.AddFunctions(function); err != nil {
				return nil, err
			}
		}
		bindings, err := function.Bindings()
		if err != nil {
			return nil, err
		}
		if err := dispatcher.Add(bindings...); err != nil {
			return nil, err
		}
	}
	tracker, err := cost.NewTracker(nil, cost.TrackerLimit(limits.Cost))
	if err != nil {
		return nil, err
	}
	plan := func(attributes interpreter.AttributeFactory) interpreter.Interpreter {
		return interpreter.NewInterpreter(dispatcher, container, registry, registry, attributes)
	}
	return &Environment{
		limits, parsing, checking,
		plan(interpreter.NewAttributeFactory(container, registry, registry)),
		plan(interpreter.NewPartialAttributeFactory(container, registry, registry)),
		tracker,
	}, nil
}

// catalog holds the names that errors suggest instead of an undeclared one: those that there are, and those of CEL's
// optional types, which there are not.
func catalog(variables []*decls.VariableDecl) *env.Catalog {
	names := env.NewCatalog()
	for _, variable := range variables {
		names.Add(&env.CatalogSymbol{Name: variable.Name()})
	}
	for _, function := range stdlib.Functions() {
		names.Add(&env.CatalogSymbol{Name: function.Name()})
	}
	for _, standard := range stdlib.Types() {
		names.Add(&env.CatalogSymbol{Name: standard.Name()})
	}
	for _, macro := range macros {
		names.Add(&env.CatalogSymbol{Name: macro.Function()})
	}
	for _, name := range []string{
		"optional", "optional_type", "optional.none", "optional.of", "optional.ofNonZeroValue", "optMap", "optFlatMap",
		"optSelect",
	} {
		names.Add(&env.CatalogSymbol{Name: name, Option: "cel.OptionalTypes()"})
	}
	return names
}

// Compile parses an expression and checks its types. Instead of it, it returns everything that is wrong with the text,
// in the order of the text; what has no place there is at [common.NoLocation].
func (e *Environment) Compile(text string) (*ast.AST, []*common.Error) {
	source, err := common.NewTextSourceWithLimit(text, e.limits.Size)
	if err != nil {
		return nil, []*common.Error{{Location: common.NoLocation, Message: err.Error()}}
	}
	compiled, errs := e.parser.Parse(source)
	if len(errs.GetErrors()) == 0 {
		if compiled, errs = checker.Check(compiled, source, e.checker); len(errs.GetErrors()) == 0 {
			validate(compiled, e.limits.Nesting, errs)
		}
	}
	found := errs.GetErrors()
	if len(found) == 0 {
		return compiled, nil
	}
	slices.SortStableFunc(found, func(a, b *common.Error) int {
		return cmp.Or(cmp.Compare(a.Location.Line(), b.Location.Line()),
			cmp.Compare(a.Location.Column(), b.Location.Column()))
	})
	return nil, found
}
