package generate

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// constraints are the keywords that a field's tag may hold, by JSON type.
var constraints = map[string][]string{
	"string":  {"minLength", "maxLength", "pattern", "format", "enum", "default"},
	"integer": {"minimum", "maximum", "default"},
	"number":  {"minimum", "maximum", "default"},
	"boolean": {"default"},
	"array":   {"minItems", "maxItems", "uniqueItems", "default"},
}

// tags checks a field's constraints, because the reflection silently drops those that it cannot use.
func (c *typeCheck) tags(field reflect.StructField, path string) {
	tag, ok := field.Tag.Lookup("jsonschema")
	if !ok {
		return
	}
	t := deref(field.Type)
	kind, of := kindOf(t), ""
	if kind == "array" {
		of = kindOf(deref(t.Elem()))
	}
	for _, part := range splitTag(tag) {
		key, value, ok := strings.Cut(part, "=")
		switch {
		case !ok:
			c.fail(path, "tag %q is no keyword=value; a comma inside a value is written \\\\,", part)
		case slices.Contains(constraints[kind], key):
			c.constraint(path, kind, key, value)
		case kind == "array" && slices.Contains(constraints[of], key):
			if strings.Contains(value, "=") {
				c.fail(path, "tag %q: the constraints of items take no equals sign", part)
			}
			c.constraint(path, of, key, value)
		default:
			c.fail(path, "tag %q does not apply to a field of type %v", part, field.Type)
		}
	}
}

// constraint checks a keyword's value.
func (c *typeCheck) constraint(path, kind, key, value string) {
	ok := true
	switch key {
	case "minLength", "maxLength", "minItems", "maxItems":
		_, err := strconv.ParseUint(value, 10, 32)
		ok = err == nil
	case "pattern":
		_, err := regexp.Compile(value)
		ok = err == nil
	case "uniqueItems":
		ok = value == "true"
	case "minimum", "maximum", "default":
		ok = literal(kind, value)
	}
	if !ok {
		c.fail(path, "tag %s=%s: no such value", key, value)
	}
}

// literal reports whether a value in a tag is one of the JSON type.
func literal(kind, value string) bool {
	switch kind {
	case "integer":
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	case "number":
		_, err := strconv.ParseFloat(value, 64)
		return err == nil && json.Valid([]byte(value))
	case "boolean":
		return value == "true" || value == "false"
	}
	return true
}

// splitTag splits at the commas that no backslash precedes.
func splitTag(tag string) []string {
	const escaped = "\x00"
	parts := strings.Split(strings.ReplaceAll(tag, `\,`, escaped), ",")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], escaped, ",")
	}
	return parts
}
