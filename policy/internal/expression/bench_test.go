package expression_test

import (
	"os"
	"slices"
	"testing"

	"cel.dev/cel-go/cel"
)

// builtIn returns the conditions of the built-in policy.
func builtIn(b *testing.B) (texts []string) {
	text, err := os.ReadFile("../builtin/default.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for _, condition := range conditions(string(text)) {
		if _, errs := pairs()[0].got.Compile(condition); errs == nil && !slices.Contains(texts, condition) {
			texts = append(texts, condition)
		}
	}
	return texts
}

// BenchmarkCompile compiles the conditions of the built-in policy, and plans their evaluation, here and in package cel.
func BenchmarkCompile(b *testing.B) {
	texts, p := builtIn(b), pairs()[0]
	b.Run("expression", func(b *testing.B) {
		for b.Loop() {
			for _, text := range texts {
				compiled, _ := p.got.Compile(text)
				if _, err := p.got.Program(compiled); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("cel", func(b *testing.B) {
		for b.Loop() {
			for _, text := range texts {
				compiled, _ := p.want.Compile(text)
				if _, err := p.want.Program(compiled, cel.CostLimit(p.limits.Cost)); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// BenchmarkEval evaluates the conditions of the built-in policy, here and in package cel.
func BenchmarkEval(b *testing.B) {
	texts, p := builtIn(b), pairs()[0]
	got, want := make([]func() error, len(texts)), make([]func() error, len(texts))
	for i, text := range texts {
		compiled, _ := p.got.Compile(text)
		here, err := p.got.Program(compiled)
		if err != nil {
			b.Fatal(err)
		}
		got[i] = func() error { _, err := here.Eval(values[0]); return err }
		theirs, _ := p.want.Compile(text)
		there, err := p.want.Program(theirs, cel.CostLimit(p.limits.Cost))
		if err != nil {
			b.Fatal(err)
		}
		want[i] = func() error { _, _, err := there.Eval(values[0]); return err }
	}
	for name, evals := range map[string][]func() error{"expression": got, "cel": want} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, eval := range evals {
					if err := eval(); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
