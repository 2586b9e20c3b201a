package tools

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"intercom-mcp/schemas"
)

// argument is what an input schema says of one argument.
type argument struct {
	Type                 string
	Properties           map[string]*argument
	Items                *argument
	Required             []string
	Enum                 []any
	Minimum, Maximum     *int
	MinItems, MaxItems   *int
	MinLength, MaxLength *int
	AdditionalProperties *bool
}

// argumentsOf reads a tool's input schema.
func argumentsOf(t *testing.T, tool string) *argument {
	t.Helper()
	encoded, err := schemas.Input(tool)
	if err != nil {
		t.Fatal(err)
	}
	var a argument
	if err := json.Unmarshal(encoded, &a); err != nil {
		t.Fatal(err)
	}
	a.fill(a.Properties)
	return &a
}

// fill gives objects that are not closed the properties of the object of the same name at the root: that is how their
// descriptions are to be read. Without such an object any name is taken.
func (a *argument) fill(root map[string]*argument) {
	for name, property := range a.Properties {
		if property.Type == "object" && !property.closed() {
			property.Properties = nil
			if like := root[name]; like != nil {
				property.Properties, property.Required, property.AdditionalProperties = like.Properties, like.Required,
					like.AdditionalProperties
			}
		}
		property.fill(root)
	}
	if a.Items != nil {
		a.Items.fill(root)
	}
}

// closed reports whether only the listed properties are taken.
func (a *argument) closed() bool { return a.AdditionalProperties != nil && !*a.AdditionalProperties }

// good makes a value that the schema takes.
func (a *argument) good() any {
	switch {
	case len(a.Enum) > 0:
		return a.Enum[0]
	case a.Type == "integer" && a.Minimum != nil:
		return *a.Minimum
	case a.Type == "boolean":
		return true
	case a.Type == "array":
		return []any{a.Items.good()}
	case a.Type == "object":
		o := object{}
		for _, name := range a.Required {
			o[name] = a.Properties[name].good()
		}
		return o
	}
	return "a"
}

// steps takes a path such as where[0].field apart: names and indices.
func steps(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' })
}

// has reports whether the tool has the argument at a path. Within an open
// object every name is one.
func (a *argument) has(path string) bool {
	for _, step := range steps(path) {
		switch {
		case a.Type == "array" && a.Items != nil:
			a = a.Items
		case a.Type == "object" && a.Properties[step] != nil:
			a = a.Properties[step]
		default:
			return a.Type == "object" && a.Properties == nil
		}
	}
	return true
}

// takes reports whether the tool has all the arguments of a call.
func (a *argument) takes(v any) bool {
	switch v := v.(type) {
	case object:
		for name, value := range v {
			if a.Type != "object" || a.closed() && (a.Properties[name] == nil || !a.Properties[name].takes(value)) {
				return false
			}
		}
	case []any:
		return a.Type == "array" && !slices.ContainsFunc(v, func(item any) bool { return !a.Items.takes(item) })
	}
	return true
}

// put sets the value at a path, making the objects and arrays on the way. An
// array is filled up with what it begins with.
func put(root any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	i, err := strconv.Atoi(path[0])
	if err != nil {
		o, _ := root.(object)
		if o == nil {
			o = object{}
		}
		o[path[0]] = put(o[path[0]], path[1:], value)
		return o
	}
	list, _ := root.([]any)
	for len(list) <= i {
		var filling any
		if len(list) > 0 {
			filling = list[0]
		}
		list = append(list, filling)
	}
	list[i] = put(list[i], path[1:], value)
	return list
}

// misfit is a value that breaks a schema, and what the error has to say.
type misfit struct {
	name, path string
	value      any
	says       string // a regular expression
}

// misfits derives every way to break the schema at and below a path.
func (a *argument) misfits(path string) []misfit {
	all := append(a.wrongTypes(path), a.outOfBounds(path)...)
	name := func(property string) string { return strings.TrimPrefix(path+"."+property, ".") }
	for _, property := range slices.Sorted(maps.Keys(a.Properties)) {
		values := a.Properties[property].misfits(name(property))
		if !slices.Contains(a.Required, property) { // null is as absent
			values = slices.DeleteFunc(values, func(m misfit) bool { return m.path == name(property) && m.value == nil })
		}
		all = append(all, values...)
		if typo := property[:1] + property; a.closed() && a.Properties[typo] == nil {
			all = append(all, misfit{"a typing error", name(typo), a.Properties[property].good(),
				fmt.Sprintf("unknown argument .*; did you mean %q", property)})
		}
	}
	if a.closed() {
		all = append(all, misfit{"an unknown argument", name("qqqqqqqq"), 1,
			`unknown argument ".*qqqqqqqq"; (valid here: |none is taken)`})
	}
	if a.Items != nil {
		all = append(all, a.Items.misfits(path+"[0]")...)
	}
	return all
}

// wrongTypes are values of types that can mean no value of the right one.
func (a *argument) wrongTypes(path string) []misfit {
	if path == "" {
		return nil
	}
	wrong := map[string][]any{
		"string": {object{"a": 1}, []any{"a"}, true, 1.5}, "integer": {"five", 1.5, true, []any{1},
			json.Number("9223372036854775808"), json.Number("1e400")},
		"boolean": {"yes", 1, object{}}, "array": {object{"a": 1}, true, 1.5}, "object": {"a", []any{}, 1, true},
	}
	var all []misfit
	if strings.HasPrefix(path, "where[0].value") { // what a filter compares with is read as what it is
		wrong["string"] = wrong["string"][:2]
	}
	for _, value := range append(wrong[a.Type], nil) {
		encoded, _ := json.Marshal(value) // plain values
		says := "must be|out of all range|too large"
		if _, one := value.(object); one && a.Type == "array" { // an object for a list of one
			says += "|unknown argument"
		}
		all = append(all, misfit{"type " + string(encoded), path, value, says})
	}
	if a.Type == "string" {
		all = append(all, misfit{"NUL", path, "a\x00b", "NUL"})
	}
	return all
}

// repeated are the paths of the arguments within objects, at and below a path, with the object that holds each, in
// which it is twice.
func (a *argument) repeated(path string) map[string]json.RawMessage {
	all := make(map[string]json.RawMessage)
	for name, property := range a.Properties {
		at := strings.TrimPrefix(path+"."+name, ".")
		value, _ := json.Marshal(property.good()) // plain values
		all[at] = fmt.Appendf(nil, `{%q:%s,%[1]q:%[2]s}`, name, value)
		maps.Copy(all, property.repeated(at))
	}
	if a.Items != nil {
		maps.Copy(all, a.Items.repeated(path+"[0]"))
	}
	return all
}

// outOfBounds are values just beyond what the schema allows.
func (a *argument) outOfBounds(path string) []misfit {
	var all []misfit
	add := func(name string, value any, says string) {
		all = append(all, misfit{name, path, value, says})
	}
	if len(a.Enum) > 0 {
		add("none of the values", "qqqqqqqq", "is not one of .*"+fmt.Sprint(a.Enum[0]))
		add("a value mistyped", fmt.Sprint(a.Enum[0], a.Enum[0], a.Enum[0]), "is not one of")
	}
	if a.Minimum != nil {
		add("too small", *a.Minimum-1, "at least "+strconv.Itoa(*a.Minimum))
	}
	if a.Maximum != nil {
		add("too large", *a.Maximum+1, "at most "+strconv.Itoa(*a.Maximum))
	}
	if a.MinItems != nil {
		add("too few", slices.Repeat([]any{a.Items.good()}, *a.MinItems-1), "at least "+strconv.Itoa(*a.MinItems))
	}
	if a.MaxItems != nil {
		add("too many", slices.Repeat([]any{a.Items.good()}, *a.MaxItems+1), "at most "+strconv.Itoa(*a.MaxItems))
	}
	if a.MinLength != nil {
		add("too short", strings.Repeat("a", *a.MinLength-1), "empty|at least")
	}
	if a.MaxLength != nil {
		add("too long", strings.Repeat("a", *a.MaxLength+1), "at most "+strconv.Itoa(*a.MaxLength))
	}
	return all
}
