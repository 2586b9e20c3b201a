package expression_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/decls"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/google/go-cmp/cmp"

	"intercom-mcp/policy"
	"intercom-mcp/policy/internal/expression"
)

// limits are those of conditions, and others under which short expressions meet every limit.
var limits = []expression.Limits{
	{Size: 2000, Depth: 50, Nesting: 2, Cost: 100_000}, {Size: 60, Depth: 5, Nesting: 1, Cost: 12},
}

// typeOf are the types of the facts, by their names.
var typeOf = map[string]*types.Type{
	"string": types.StringType, "bool": types.BoolType, "int": types.IntType,
	"list(string)":     types.NewListType(types.StringType),
	"map(string, dyn)": types.NewMapType(types.StringType, types.DynType),
}

// pair is the same environment twice: of this package, and of package cel.
type pair struct {
	limits expression.Limits
	got    *expression.Environment
	want   *cel.Env
}

// pairs returns both environments of the facts under each of the limits.
var pairs = sync.OnceValue(func() (all []pair) {
	for _, bounds := range limits {
		options := []cel.EnvOption{
			cel.ParserExpressionSizeLimit(bounds.Size),
			cel.ParserRecursionLimit(bounds.Depth),
			cel.ASTValidators(
				cel.ValidateRegexLiterals(),
				cel.ValidateHomogeneousAggregateLiterals(),
				cel.ValidateComprehensionNestingLimit(bounds.Nesting),
			),
		}
		var variables []*decls.VariableDecl
		for _, fact := range policy.Facts() {
			is, ok := typeOf[fact.Type]
			if !ok {
				panic(fmt.Sprintf("a fact of type %s: name the type in typeOf", fact.Type))
			}
			options = append(options, cel.Variable(fact.Name, is))
			variables = append(variables, decls.NewVariable(fact.Name, is))
		}
		want, err := cel.NewEnv(options...)
		if err != nil {
			panic(err)
		}
		got, err := expression.New(bounds, variables...)
		if err != nil {
			panic(err)
		}
		all = append(all, pair{bounds, got, want})
	}
	return all
})

// values are facts that expressions are evaluated over. A map has one key: loops over more have no order.
var values = []map[string]any{
	{
		"tool": "tag_contacts", "effect": "write", "reversible": true, "principal": "ann", "person.name": "Ann",
		"person.email": "ann@example.com", "roles": []string{"lead", "ops"}, "client": "", "workspace": "w1",
		"mode": "write", "contacts": 12, "window.contacts": 30, "window.notes": 0, "fields": []string{"email", "tags"},
		"set": map[string]any{"tags": []string{"VIP"}}, "author": "", "targets.tags": []string{"a", "VIP"},
		"targets.companies": []string{}, "now.hour": 23, "now.weekday": "monday", "protected": []string{"email", "phone"},
	},
	{
		"tool": "add_note", "effect": "destroy", "reversible": false, "principal": "", "person.name": "",
		"person.email": "", "roles": []string{}, "client": "c", "workspace": types.NewErr("not read"), "mode": "full",
		"contacts": 0, "window.contacts": 0, "window.notes": 11, "fields": []string{"notes"},
		"set": map[string]any{"email": nil}, "author": "x", "targets.tags": types.NewErr("not read"),
		"targets.companies": types.NewErr("not read"), "now.hour": 0, "now.weekday": "sunday", "protected": []string{},
	},
	{"tool": "update_contact", "effect": "write", "fields": slices.Repeat([]string{"custom_attributes.n"}, 300)},
	{},
}

// outcome is all that an environment makes of an expression.
type outcome struct {
	Errors, AST, Type string
	Whole, Partial    [][3]string // by values: value, error, cost
}

// ours returns what this package makes of an expression.
func (p pair) ours(text string) (o outcome) {
	compiled, errs := p.got.Compile(text)
	for _, err := range errs {
		o.Errors += located(err)
	}
	if errs != nil {
		return o
	}
	o.AST, o.Type = printed(compiled), compiled.GetType(compiled.Expr().ID()).String()
	whole, err := p.got.Program(compiled)
	if err != nil {
		o.Errors = err.Error()
		return o
	}
	partial, err := p.got.Partial(compiled)
	if err != nil {
		o.Errors = err.Error()
		return o
	}
	for _, known := range values {
		value, err := whole.Eval(known)
		o.Whole = append(o.Whole, evaluated(value, err, whole.Cost(known)))
		value, err = partial.Eval(known, unknown(known)...)
		o.Partial = append(o.Partial, evaluated(value, err, partial.Cost(partly(known))))
	}
	return o
}

// theirs returns what package cel makes of it.
func (p pair) theirs(text string) (o outcome) {
	compiled, issues := p.want.Compile(text)
	if issues.Err() != nil {
		for _, err := range issues.Errors() {
			o.Errors += located(err)
		}
		return o
	}
	o.AST, o.Type = printed(compiled.NativeRep()), compiled.OutputType().String()
	whole, err := p.want.Program(compiled, cel.CostLimit(p.limits.Cost))
	if err != nil {
		o.Errors = err.Error()
		return o
	}
	partial, err := p.want.Program(compiled, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(p.limits.Cost))
	if err != nil {
		o.Errors = err.Error()
		return o
	}
	for _, known := range values {
		value, details, err := whole.Eval(known)
		o.Whole = append(o.Whole, evaluated(value, err, *details.ActualCost()))
		value, details, err = partial.Eval(partly(known))
		o.Partial = append(o.Partial, evaluated(value, err, *details.ActualCost()))
	}
	return o
}

// unknown names the variables that values lack.
func unknown(known map[string]any) (names []string) {
	for _, fact := range policy.Facts() {
		if _, ok := known[fact.Name]; !ok {
			names = append(names, fact.Name)
		}
	}
	return names
}

// partly are values beside which all others are unknown.
func partly(known map[string]any) cel.PartialActivation {
	var patterns []*cel.AttributePatternType
	for _, name := range unknown(known) {
		patterns = append(patterns, cel.AttributePattern(name))
	}
	partial, err := cel.PartialVars(known, patterns...)
	if err != nil {
		panic(err)
	}
	return partial
}

// located is an error with its place and the id of its expression.
func located(err *common.Error) string {
	return fmt.Sprintf("%d:%d: %s (of %d)\n", err.Location.Line(), err.Location.Column(), err.Message, err.ExprID)
}

// evaluated is what an evaluation came to.
func evaluated(value ref.Val, err error, cost uint64) [3]string {
	text := "none"
	if value != nil {
		text = fmt.Sprintf("%s %s", value.Type().TypeName(), types.Format(value))
	}
	if types.IsUnknown(value) {
		unknown := strings.Split(fmt.Sprint(value), ", ") // in no order
		slices.Sort(unknown)
		text = strings.Join(unknown, ", ")
	}
	return [3]string{text, fmt.Sprint(err), fmt.Sprint(cost)}
}

// printed is a checked expression with its types, references and places.
func printed(compiled *ast.AST) string {
	message, err := ast.ToProto(compiled)
	if err != nil {
		return err.Error()
	}
	return message.String()
}

// compare holds both environments equal in an expression. A loop over a map literal of several keys takes them in no
// order, so that it may come to different ends: one that both come to is enough.
func compare(t *testing.T, text string) {
	for _, p := range pairs() {
		got, want := p.ours(text), p.theirs(text)
		for range 30 {
			if cmp.Equal(got, want) || got.AST == "" || got.AST != want.AST {
				break
			}
			got, want = p.ours(text), p.theirs(text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q under %+v (-package cel +this package):\n%s", text, p.limits, diff)
		}
	}
}

// TestEqual holds the environment equal to that of package cel in expressions at and beyond every limit, in all that
// the repository has, and in generated ones; in a short run in every fourth of the latter two.
func TestEqual(t *testing.T) {
	texts := append(slices.Clone(edges), written(t)...)
	if len(texts) < 1000 {
		t.Errorf("%d texts, want at least 1000", len(texts))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		choices := make([]byte, 60)
		for i := range choices {
			choices[i] = byte(random.Uint32())
		}
		texts = append(texts, generate(choices))
	}
	for i, text := range texts {
		if !testing.Short() || i < len(edges) || i%4 == 0 {
			compare(t, text)
		}
	}
}

// FuzzEqual looks for an expression of which the environment makes something else than that of package cel: a text, or
// one that is generated by choices where there are some.
func FuzzEqual(f *testing.F) {
	for _, text := range edges {
		f.Add(text, []byte{})
	}
	for i := range 100 {
		f.Add("", []byte(strings.Repeat(fmt.Sprint("seed", i*i), 6)))
	}
	f.Fuzz(func(t *testing.T, text string, choices []byte) {
		if len(choices) > 0 {
			text = generate(choices)
		}
		compare(t, text)
	})
}

// TestNew refuses limits that are none, and variables that contradict each other or a function.
func TestNew(t *testing.T) {
	name := func(is *types.Type) *decls.VariableDecl { return decls.NewVariable("name", is) }
	for _, test := range []struct {
		limits    expression.Limits
		variables []*decls.VariableDecl
		want      string
	}{
		{expression.Limits{Size: -2}, nil, "expression size code point limit must be greater than or equal to -1: -2"},
		{limits[0], []*decls.VariableDecl{name(types.IntType), name(types.BoolType)},
			"overlapping identifier for name 'name'"},
		{limits[0], []*decls.VariableDecl{name(types.IntType), name(types.IntType)}, "<nil>"},
	} {
		if _, err := expression.New(test.limits, test.variables...); fmt.Sprint(err) != test.want {
			t.Errorf("%+v: %v, want %s", test.limits, err, test.want)
		}
	}
}

// TestConcurrent compiles, and evaluates one program, in several goroutines at once. In package cel two texts with an
// unknown name race for the catalogue of names.
func TestConcurrent(t *testing.T) {
	env := pairs()[0].got
	compiled, errs := env.Compile("fields.exists(f, f in protected)")
	if errs != nil {
		t.Fatal(errs[0].Message)
	}
	program, err := env.Program(compiled)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, errs := env.Compile("fields.exists(f, feilds.exists(g, f == g))"); len(errs) != 1 {
				t.Errorf("errors %v", errs)
			}
			if value, err := program.Eval(values[0]); err != nil || value != types.True {
				t.Errorf("value %v, error %v", value, err)
			}
		})
	}
	group.Wait()
}
