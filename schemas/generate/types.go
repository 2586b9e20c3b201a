package generate

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// typeCheck looks at Go types before they are reflected: the reflection overflows the stack on recursive types, panics
// on some others, and ignores tags that it does not understand.
type typeCheck struct {
	input bool
	open  []reflect.Type // the structs around the one being checked
	errs  []error
}

func (c *typeCheck) fail(path, format string, args ...any) {
	if path == "" {
		path = "the struct"
	}
	c.errs = append(c.errs, fmt.Errorf("%s: "+format, append([]any{path}, args...)...))
}

// freeForm is the one input property that holds values of any type.
const freeForm = "custom_attributes"

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// structure checks the fields of a struct that is an object of its own.
func (c *typeCheck) structure(t reflect.Type, path string) {
	c.fields(t, path, make(map[string]bool))
}

// fields checks a struct's fields, and those of the structs embedded in it.
func (c *typeCheck) fields(t reflect.Type, path string, seen map[string]bool) {
	if slices.Contains(c.open, t) {
		c.fail(path, "%v is recursive", t)
		return
	}
	c.open = append(c.open, t)
	defer func() { c.open = c.open[:len(c.open)-1] }()
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		inner := deref(field.Type)
		switch {
		case name == "-" || !field.IsExported() && !field.Anonymous:
		case field.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			c.fields(inner, path, seen)
		case !snakeCase.MatchString(name):
			c.fail(join(path, field.Name), "name %q is not in snake case; the json tag names the property", name)
		case seen[name]:
			c.fail(join(path, name), "is there twice")
		default:
			seen[name] = true
			c.value(inner, join(path, name), name)
			c.tags(field, join(path, name))
		}
	}
}

// value checks the type of a property, of an item, or of a map's values.
func (c *typeCheck) value(t reflect.Type, path, property string) {
	switch kind := kindOf(t); kind {
	case "string", "integer", "number", "boolean":
	case "array":
		c.value(deref(t.Elem()), path+"[]", "")
	case "map":
		switch {
		case c.input && (property != freeForm || kindOf(t.Elem()) != "any"):
			c.fail(path, "an input takes no maps but %s, of any values", freeForm)
		case !c.input:
			c.value(deref(t.Elem()), path+".*", "")
		}
	case "any":
		if c.input {
			c.fail(path, "an input takes values of any type in %s only", freeForm)
		}
	case "struct":
		c.structure(t, path)
	default:
		c.fail(path, "%v has no JSON Schema of its own", t)
	}
}

// kindOf sorts types by the JSON they become; "" for those that are refused.
func kindOf(t reflect.Type) string {
	switch pointer := reflect.PointerTo(t); {
	case t.Implements(enumeratedType), t == timeType:
		return "string"
	case t == numberType:
		return "number"
	case t == rawType:
		return "any"
	case pointer.Implements(marshalerType), pointer.Implements(unmarshalerType):
		return ""
	case t.Implements(textType):
		return "string"
	}
	switch kind := t.Kind(); kind {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Float32, reflect.Float64:
		return "number"
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return ""
		}
		return "array"
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return ""
		}
		return "map"
	case reflect.Interface:
		return "any"
	case reflect.Struct:
		return "struct"
	default:
		if kind >= reflect.Int && kind <= reflect.Uint64 {
			return "integer"
		}
		return ""
	}
}

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// join appends a property to a path.
func join(path, property string) string {
	if path == "" {
		return property
	}
	return path + "." + property
}
