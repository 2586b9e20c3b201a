package expression_test

import "strings"

// generate returns an expression that choices spell out in a grammar: a condition for the most part, with a wrong name,
// type or argument here and there. After the last choice each is the first of its kind.
func generate(choices []byte) string {
	g := generator{choices}
	return g.expand("bool", 6)
}

type generator struct{ choices []byte }

// grammar is, by the name of a kind of expression, what it may be; {kind} stands for one of that kind. The first few of
// each hold no other.
var grammar = map[string][]string{
	"bool": {
		"true", "reversible", "false", "tool == 'add_note'", "{text} == {text}", "{bool} && {bool}",
		"{bool} || {bool}", "!{bool}", "({bool})", "{number} {compare} {number}", "{text} in {list}",
		"{list}.exists({var}, {bool})", "{list}.all({var}, {bool})", "{list}.exists_one({var}, {bool})",
		"{text}.matches({pattern})", "{bool} ? {bool} : {bool}", "{text}.startsWith({text})",
		"{text}.contains({text})", "{text} in {map}", "has(set.{name})", "{value} == {value}", "{list} == {list}",
		"{list} {compare} {list}", "{map}.exists({var}, {bool})", "{any} == {any}", "matches({text}, {pattern})",
		"{map}.all({var}, {bool})", "type({any}) == {type}",
	},
	"number": {
		"1", "contacts", "0", "now.hour", "window.contacts", "9223372036854775807", "{number} + {number}",
		"{number} * {number}", "{number} / {number}", "-{number}", "size({list})", "{list}.size()", "{text}.size()",
		"int({any})", "{number} % {number}", "{bool} ? {number} : {number}", "{number} - {number}", "2.5", "3u",
		"double({any})",
	},
	"text": {
		"'a'", "tool", "effect", "person.email", "x", "y", "''", "workspace", "now.weekday", "\"VIP\"",
		"{text} + {text}", "{list}[{number}]", "string({any})", "{bool} ? {text} : {text}", "set.{name}", "r'a\\d'",
	},
	"list": {
		"fields", "roles", "[]", "protected", "targets.tags", "[{text}]", "[{text}, {text}]", "[{any}, {any}, {any}]",
		"{list}.filter({var}, {bool})", "{list}.map({var}, {text})", "{list}.map({var}, {bool}, {any})",
		"{list} + {list}", "{map}.map({var}, {text})", "[{list}]", "[{number}, {number}]",
	},
	"map": {"set", "{}", "{'a': {any}}", "{{any}: {any}}", "{'a': {any}, 'b': {any}}", "{1: {number}, 2: {text}}"},
	"value": {"set.email", "set['tags']", "set.tags[0]", "{map}.{name}", "{map}[{any}]", "dyn({any})", "null",
		"{value}.{name}"},
	"any": {"1", "{text}", "{number}", "{bool}", "{list}", "{map}", "{value}", "null", "b'a'", "dyn({any})",
		"{wrong}"},
	"var":     {"x", "y", "tool", "z", "set.a", "x", "y"},
	"name":    {"email", "tags", "nothing", "custom_attributes", "size"},
	"type":    {"string", "int", "bool", "list", "map", "type", "null_type"},
	"compare": {"==", "<", "!=", ">=", ">", "<="},
	"pattern": {"'a'", "'('", "'[a-z]+'", "'(a+)+$'", "{text}", "'\\\\d{1001}'"},
	"wrong": {
		"feilds", "(", "sizee({any})", "optional.of({any})", "targets", "{text}.foo({any})",
		"{list}.existsOne({var}, {bool})", "now.houer", "[?{any}]", "{any} {any}", "int",
		"{text}.exists({var}, {bool})", "'unended", "Foo{a: {any}}", "[{any}, ]",
	},
}

// pick returns a number below n.
func (g *generator) pick(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	choice := int(g.choices[0])
	g.choices = g.choices[1:]
	return choice % n
}

// expand returns an expression of a kind that nests so deep at most.
func (g *generator) expand(kind string, deep int) string {
	options := grammar[kind]
	if g.pick(64) == 63 {
		options = grammar["wrong"]
	}
	form := options[g.pick(len(options))]
	if deep == 0 {
		form = options[0]
	}
	var text strings.Builder
	for {
		before, after, found := strings.Cut(form, "{")
		text.WriteString(before)
		if !found {
			return text.String()
		}
		inner, rest, closed := strings.Cut(after, "}")
		if _, known := grammar[inner]; known && closed {
			text.WriteString(g.expand(inner, deep-1))
			form = rest
			continue
		}
		text.WriteString("{")
		form = after
	}
}
