package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"intercom-mcp/schemas/strictjson"
)

// maxLines is how many lines tell of values that were coerced.
const maxLines = 20

// coercion reads values as the schema wants them, where that loses nothing,
// and keeps a line on each. What it cannot read it leaves for the validation.
type coercion struct {
	coerced []string           // as in Validated.Coerced
	absent  bool               // an optional null was left out
	large   []Problem          // integers beyond 64 bits, which no schema mentions
	long    []Problem          // arrays of too many items in JSON text
	members int                // keys read of all JSON texts
	refused map[string]Problem // by path: JSON texts that would not be read as they are meant
}

// value coerces v, and what is within it, to the schema. Values of open objects are left alone.
func (c *coercion) value(schema *jsonschema.Schema, v any, path string) any {
	if schema == nil || len(schema.Types) != 1 {
		return v
	}
	switch schema.Types[0] {
	case "integer":
		return c.integer(v, path)
	case "number":
		if text, ok := v.(string); ok && decimal().MatchString(text) {
			return c.note(path, v, json.Number(text))
		}
	case "boolean":
		if text, ok := v.(string); ok && (text == "true" || text == "false") {
			return c.note(path, v, text == "true")
		}
	case "string":
		return c.string(schema, v, path)
	case "array":
		return c.array(schema, v, path)
	case "object":
		return c.object(schema, v, path)
	}
	return v
}

// string reads a whole number for the text of it (an id), what a filter compares with for the text of that, and the
// name of one of a few values without the blanks around it.
func (c *coercion) string(schema *jsonschema.Schema, v any, path string) any {
	switch value := v.(type) {
	case json.Number:
		if whole().MatchString(value.String()) {
			return c.note(path, v, value.String())
		}
		if operand().MatchString(path) {
			if exact, ok := wholeValue(value); ok {
				return c.note(path, v, exact)
			}
			if decimal().MatchString(value.String()) {
				return c.note(path, v, value.String())
			}
		}
	case bool:
		if operand().MatchString(path) {
			return c.note(path, v, strconv.FormatBool(value))
		}
	case string:
		if name := trim(value); name != value && slices.Contains(schema.Enum, any(name)) {
			return c.note(path, v, name)
		}
	}
	return v
}

// operand matches the places of the values that a filter compares with: JSON writes them as what they are.
var operand = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^where\[\d+\]\.values?(\[\d+\])?$`) })

// wholeValue returns the digits of a whole number that is written with a fraction or an exponent.
func wholeValue(number json.Number) (string, bool) {
	exact, ok := new(big.Rat).SetString(number.String()) // the bounds of strictjson keep it small
	if !ok || !exact.IsInt() || !exact.Num().IsInt64() {
		return "", false
	}
	return exact.Num().String(), true
}

// whole and decimal match the numbers that have one way only to be written.
var (
	whole   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(0|-?[1-9][0-9]{0,18})$`) })
	decimal = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,18})?$`)
	})
)

// integer reads "5", and 5.0 or 5e0, which JSON Schema counts as integers and Go does not.
func (c *coercion) integer(v any, path string) any {
	number, isNumber := v.(json.Number)
	text, isText := v.(string)
	switch {
	case isText && whole().MatchString(text):
		number = json.Number(text)
		v = c.note(path, v, number)
	case isNumber && strings.ContainsAny(number.String(), ".eE"):
		exact, ok := new(big.Rat).SetString(number.String())
		if !ok || !exact.IsInt() {
			return v
		}
		number = json.Number(exact.Num().String())
		v = c.note(path, v, number)
	case !isNumber:
		return v
	}
	if _, err := number.Int64(); err != nil {
		c.large = append(c.large, problem(path, Range, "must be within 64 bits, got "+visible(number.String())))
	}
	return v
}

// outOfRange lists the integers beyond 64 bits that the schema does not mind.
func (c *coercion) outOfRange(problems []Problem) []Problem {
	if len(c.large) == 0 {
		return nil
	}
	minded := make(map[string]bool)
	for _, p := range problems {
		minded[p.Path] = true
	}
	return slices.DeleteFunc(c.large, func(p Problem) bool { return minded[p.Path] })
}

// array reads JSON text, and a single string (or id) for a list of one.
func (c *coercion) array(schema *jsonschema.Schema, v any, path string) any {
	items := schema.Items2020
	if text, ok := v.(string); ok && strings.HasPrefix(strings.TrimSpace(text), "[") {
		if list, ok := c.text(schema, text, path); ok {
			c.coerced = append(c.coerced, named(path)+": JSON text read as an array")
			v = list
		}
	}
	if one := listed(schema); one != nil {
		v = c.listOfOne(one, v, path)
	}
	if items != nil && slices.Equal(items.Types, []string{"string"}) {
		number, isNumber := v.(json.Number)
		text, isText := v.(string)
		switch {
		case isText && text != "":
			return c.note(path, v, []any{text})
		case isNumber && whole().MatchString(number.String()):
			return c.note(path, v, []any{number.String()})
		}
	}
	list, ok := v.([]any)
	if !ok {
		return v
	}
	for i := range list {
		list[i] = c.value(items, list[i], path+"["+strconv.Itoa(i)+"]")
	}
	return list
}

// listOfOne reads one object, or the JSON text of one, for a list of it.
func (c *coercion) listOfOne(items *jsonschema.Schema, v any, path string) any {
	object, isObject := v.(map[string]any)
	if text, ok := v.(string); ok && strings.HasPrefix(strings.TrimSpace(text), "{") {
		read, _ := c.text(items, text, path)
		object, isObject = read.(map[string]any)
	}
	if !isObject {
		return v
	}
	c.coerced = append(c.coerced, named(path)+": one object read as a list of it")
	return []any{object}
}

// object reads JSON text, and goes on within the properties that are known. An optional one that is null is as one that
// is absent: clients fill in all that a schema names.
func (c *coercion) object(schema *jsonschema.Schema, v any, path string) any {
	if text, ok := v.(string); ok && strings.HasPrefix(strings.TrimSpace(text), "{") {
		if object, ok := c.text(schema, text, path); ok {
			c.coerced = append(c.coerced, named(path)+": JSON text read as an object")
			v = object
		}
	}
	object, ok := v.(map[string]any)
	if !ok || len(schema.Properties) == 0 { // open to any names, it is left alone
		return v
	}
	for _, name := range sortedKeys(object) {
		property, ok := schema.Properties[name]
		switch {
		case !ok:
		case object[name] == nil && !slices.Contains(schema.Required, name):
			delete(object, name)
			c.absent = true
		default:
			object[name] = c.value(property, object[name], join(path, name))
		}
	}
	return v
}

// text reads JSON out of a string, where nothing has looked at it yet.
func (c *coercion) text(schema *jsonschema.Schema, text, path string) (any, bool) {
	r := reader{depth: maxTextDepth, within: path, members: c.members}
	v, err := r.read(schema, []byte(text))
	c.members = r.members
	switch {
	case errors.Is(err, errTooDeep) || strictjson.IsBroken(err):
		return nil, false // it may be meant as a text
	case err != nil:
		if c.refused == nil {
			c.refused = make(map[string]Problem)
		}
		c.refused[path] = r.refusal("the JSON text is refused: ", err)
		return nil, false
	}
	c.long = append(c.long, r.long...)
	c.coerced = append(c.coerced, r.trimmed...)
	return v, true
}

// replaceRefused puts what was refused of JSON texts in the place of the problems that
// come of their being left as text.
func (c *coercion) replaceRefused(problems []Problem) []Problem {
	problems = slices.DeleteFunc(problems, func(p Problem) bool {
		_, refused := c.refused[p.Path]
		return refused && p.Kind == Type
	})
	return slices.AppendSeq(problems, maps.Values(c.refused)) // they are sorted in the end
}

// lines returns what was coerced, line by line up to maxLines.
func (c *coercion) lines() []string {
	if more := len(c.coerced) - maxLines; more > 1 {
		return append(c.coerced[:maxLines:maxLines], fmt.Sprintf("%d more values read likewise", more))
	}
	return c.coerced
}

// note records that a value is read as another, which it returns.
func (c *coercion) note(path string, from, to any) any {
	c.coerced = append(c.coerced, named(path)+": "+literally(from)+" read as "+literally(to))
	return to
}

// literally shows a value as it is written in JSON.
func literally(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case json.Number:
		return visible(v.String())
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "[" + literally(v[0]) + "]"
	}
	return describe(v)
}

func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
