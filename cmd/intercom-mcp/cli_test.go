package main

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGrammar holds that a command on its own is the command it is among all
// others: same help, same refusals, same flags of the program.
func TestGrammar(t *testing.T) {
	// say parses args with a grammar and returns all that was printed, and the error.
	say := func(grammar any, args []string) string {
		var out bytes.Buffer
		h := &host{stdout: &out, stderr: &out, env: func(string) (string, bool) { return "", false }}
		parser, err := h.parser(t.Context(), grammar, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err != nil {
			out.WriteString("\n" + err.Error())
		}
		return out.String()
	}
	commands := 0
	for field := range reflect.TypeFor[cli]().Fields() {
		if _, command := field.Tag.Lookup("cmd"); !command {
			continue
		}
		commands++
		name := commandName(field)
		if alone := reflect.TypeOf(grammar([]string{name})).Elem(); alone == reflect.TypeFor[cli]() {
			t.Errorf("%s is not taken for a command", name)
		}
		for _, rest := range [][]string{{"--help"}, {"--no-such-flag"}, {"a", "b", "c", "d"}, {"--version"}, {"--token"}, {}} {
			args := slices.Concat([]string{name}, rest)
			if diff := cmp.Diff(say(&cli{}, args), say(grammar(args), args)); diff != "" {
				t.Errorf("%q (-among all +alone):\n%s", args, diff)
			}
		}
	}
	if commands == 0 {
		t.Error("no command was found")
	}
	for _, args := range [][]string{nil, {"--help"}, {"--version"}, {"stdioo"}, {"--no-such-flag", "stdio"}} {
		if whole := reflect.TypeOf(grammar(args)).Elem(); whole != reflect.TypeFor[cli]() {
			t.Errorf("%q leaves commands out", args)
		}
	}
}
