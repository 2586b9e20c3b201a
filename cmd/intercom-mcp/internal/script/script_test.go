package script

import (
	"strings"
	"testing"
)

// TestParseProblems refuses scripts with the place of the problem.
func TestParseProblems(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"empty", ``, "s.yaml:1:1: a script is one YAML map with steps"},
		{"two documents", "steps: []\n---\nsteps: []", "s.yaml:1:1: a script is one YAML map with steps"},
		{"no steps", `name: x`, "s.yaml:1:1: a script needs at least one step"},
		{"a list", `- call: a`, "s.yaml:1:1: sequence was used where mapping is expected"},
		{"syntax", "steps:\n- call: [", "s.yaml:2:9: sequence end token ']' not found"},
		{"unknown key", "nam: x\nsteps:\n- call: a", `s.yaml:1:1: unknown field "nam"`},
		{"unknown key of a step", "steps:\n- call: a\n  wiht: {}", `s.yaml:3:3: unknown field "wiht"`},
		{"unknown keys of a step", "steps:\n- cal: a\n  wiht: {}\n  zzz: 1\n  expects: {}",
			`s.yaml:2:3: unknown fields "cal" (nearest: "call"), "wiht" (nearest: "with"), "zzz", "expects" (nearest: "expect")`},
		{"unknown keys", "nam: x\nstepz: []", `s.yaml:1:1: unknown fields "nam" (nearest: "name"), "stepz" (nearest: "steps")`},
		{"unknown key of the sandbox", "sandbox: {sead: 1}\nsteps:\n- call: a", `s.yaml:1:11: unknown field "sead"`},
		{"key given twice", "steps:\n- call: a\n  call: b", `s.yaml:3:3: mapping key "call" already defined at [2:3]`},
		{"no call", "steps:\n- with: {}", "s.yaml:2:3: a step needs a call"},
		{"answer", "steps:\n- call: a\n  answer: sure", `s.yaml:2:3: answer "sure" is none of accept, decline, cancel`},
		{"matcher", "steps:\n- call: a\n  expect: {x: {$foo: 1}}", "s.yaml:3:16: $foo is none of"},
		{"matcher's operand", "steps:\n- call: a\n  expect:\n    x: {$min: many}", "s.yaml:4:15: a bound is a number"},
		{"regexp", "steps:\n- call: a\n  expect: {x: {$regexp: '('}}", "s.yaml:3:25: $regexp: error parsing regexp"},
		{"present", "steps:\n- call: a\n  expect: {x: {$present: 1}}", "s.yaml:3:26: $present takes true"},
		{"mixture", "steps:\n- call: a\n  expect: {x: {$min: 1, y: 2}}", "a map holds fields or matchers, not both"},
		{"error and answer", "steps:\n- call: a\n  expect_error: busy\n  expect: {x: 1}",
			"s.yaml:2:3: expect_error leaves no answer"},
		{"at", "steps:\n- call: a\n  at: noon", `s.yaml:2:3: at: "noon" is no time such as 2026-11-28T22:00:00Z`},
		{"as", "steps:\n- call: a\n  as: {role: [ops]}", "s.yaml:3:8: "},
		{"expect_text", "steps:\n- call: a\n  expect_text: '('", "s.yaml:2:3: expect_text: error parsing regexp"},
		{"path", "steps:\n- call: a\n  save: {x: 'rows[a]'}", `s.yaml:2:3: save x: "rows[a]" is no path`},
		{"variable's name", "steps:\n- call: a\n  save: {1x: rows}", `s.yaml:2:3: save: "1x" is no name`},
		{"variable not saved", "steps:\n- call: a\n  with: {x: '${y}'}\n", "s.yaml:3:13: no earlier step saves ${y}"},
		{"variable saved later", "steps:\n- call: a\n  expect: {x: '${y}'}\n- call: b\n  save: {y: x}",
			"s.yaml:3:15: no earlier step saves ${y}"},
		{"duration", "sandbox: {search_lag: soon}\nsteps:\n- call: a", "s.yaml:1:23:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := new(Script).parse([]byte(test.script))
			if err != nil {
				err = inFile("s.yaml", err)
			}
			if err == nil || !strings.HasPrefix(err.Error(), "s.yaml:") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v\nwant %s", err, test.want)
			}
		})
	}
}
